"""One process times at a time, nobody stands still for long, and death frees the lock."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tinystudio.measure.quiet import (
    LONGEST_HOLD_S,
    LOOK_EVERY_S,
    PATIENCE_S,
    Courtesy,
    Quiet,
    lock_path,
)

HOLDER = (
    "import sys; from pathlib import Path; from tinystudio.measure.quiet import Quiet\n"
    "with Quiet(Path(sys.argv[1]), 0.0) as quiet:\n"
    "    quiet.step()\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
)


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Have another process hold the lock."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "place" / "timing.lock"


def test_when_its_holder_is_killed_the_lock_is_free(path: Path) -> None:
    with holder(path) as process, Quiet(path, 0.0) as quiet:
        process.kill()
        process.wait()
        quiet.step()
        assert not quiet.busy


def test_a_timing_that_is_refused_goes_on_and_says_busy(path: Path) -> None:
    with holder(path), Quiet(path, 0.0) as quiet:
        start = time.monotonic()
        quiet.step()
        assert quiet.busy
        assert time.monotonic() - start >= PATIENCE_S


def test_who_was_refused_once_does_not_wait_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with holder(path), Quiet(path, LONGEST_HOLD_S) as quiet:
        quiet.step()
        monkeypatch.setattr("tinystudio.measure.quiet.PATIENCE_S", 60.0)
        monkeypatch.setattr(quiet, "_until", 0.0)
        start = time.monotonic()
        quiet.step()
        assert time.monotonic() - start < 10


def test_a_place_that_cannot_be_written_marks_busy(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    with Quiet(tmp_path / "taken" / "timing.lock", 0.0) as quiet:
        quiet.step()
        assert quiet.busy
    Courtesy(tmp_path / "taken" / "timing.lock")()


def test_leaving_gives_the_lock_back(path: Path) -> None:
    for _ in range(2):
        with Quiet(path, 0.0) as quiet:
            quiet.step()
            assert not quiet.busy


def test_the_lock_is_given_up_before_the_longest_hold_even_with_long_blocks(path: Path) -> None:
    clock = [time.monotonic()]
    with pytest.MonkeyPatch.context() as patch, Quiet(path, next_block_s=0.2) as quiet:
        patch.setattr(time, "monotonic", lambda: clock[0])
        quiet.step()
        assert not quiet.busy
        clock[0] += LONGEST_HOLD_S - 0.2 - 0.02
        held = quiet._lock
        quiet.step()
        assert quiet._lock is held
        clock[0] += 0.02
        quiet.step()
        assert quiet._lock is not held


def test_work_goes_on_at_once_when_nobody_times(path: Path) -> None:
    courtesy = Courtesy(path)
    start = time.monotonic()
    courtesy()  # there is not even a file
    with Quiet(path, 0.0) as quiet:
        quiet.step()
    Courtesy(path)()
    assert time.monotonic() - start < LONGEST_HOLD_S / 2


def test_work_stands_still_while_another_times_but_not_for_long(path: Path) -> None:
    with holder(path):
        courtesy = Courtesy(path)
        start = time.monotonic()
        courtesy()
        assert time.monotonic() - start >= LONGEST_HOLD_S
        assert time.monotonic() - start < LONGEST_HOLD_S + 5


def test_looking_again_at_once_costs_no_look(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []

    def look(_: Courtesy) -> bool:
        looks.append(1)
        return False

    monkeypatch.setattr(Courtesy, "_is_held", look)
    courtesy, clock = Courtesy(path), [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    for _ in range(5):
        courtesy()
    assert len(looks) == 1
    clock[0] += LOOK_EVERY_S
    courtesy()
    assert len(looks) == 2


def test_the_lock_is_the_users_own_and_the_same_every_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert lock_path() == lock_path()
    assert lock_path().is_relative_to(tmp_path)
