"""What every test gets: a home of its own, no display, and a check that nothing outlives it."""

from __future__ import annotations

import gc
import logging
import os
import signal
import tempfile
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, settings

# How long an example takes tells of the machine and of what else it does, not of the program.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# Before anything imports Qt, numpy or a child process is spawned.
_HOME = Path(tempfile.mkdtemp(prefix="tinystudio-tests-"))
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["OMP_NUM_THREADS"] = "1"
for _name in ("CONFIG", "CACHE", "DATA", "STATE"):
    os.environ[f"XDG_{_name}_HOME"] = str(_HOME / _name.lower())
# Shells start what runs in the background with Ctrl+C unheard; here it is tested.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the collector of rubbish from going through what was collected, over and over."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


@pytest.fixture(autouse=True)
def nothing_outlives_its_test() -> Iterator[None]:
    """Fail a test that leaves a thread of ours or a child process behind."""
    threads = set(threading.enumerate())
    children = {child.pid for child in _children()}
    yield
    left = [t.name for t in threading.enumerate() if t not in threads and not t.daemon]
    alive = [c for c in _children() if c.pid not in children and not _is_tracker(c)]
    if alive:
        _, alive = psutil.wait_procs(alive, timeout=3)
    assert not left, f"threads left behind: {left}"
    assert not alive, f"processes left behind: {alive}"


def _children() -> list[psutil.Process]:
    """Return our child processes; whether there are any is asked first, which costs nothing."""
    if hasattr(os, "waitid"):
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return []
    return psutil.Process().children()


def _is_tracker(child: psutil.Process) -> bool:
    """Say whether this is the standard library's resource tracker, which lives as long as we do."""
    try:
        return any("resource_tracker" in word for word in child.cmdline())
    except psutil.NoSuchProcess:
        return True


@pytest.fixture(autouse=True)
def no_unexpected_log_records(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test in which the program logged a warning or an error it did not expect.

    A test that expects one clears `caplog` after looking at it.
    """
    yield
    bad = [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.levelno >= logging.WARNING and record.name.startswith("tinystudio")
    ]
    assert not bad, f"unexpected log records: {bad}"
