"""The engine's own process: starts lean, below normal priority, ends with its parent.

Imports only the standard library at its top, so that the thread counts below are set before
numpy is loaded anywhere.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from multiprocessing.connection import Connection
from pathlib import Path

OUT_OF_MEMORY = 77  # the exit code that says so


def main(pipe: Connection, artifacts: str) -> None:
    """Serve jobs from `pipe` until told to end, or until the other side is gone."""
    # One compute thread per engine: two on two cores made training 10 times slower beside
    # another process.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which tells us
    _log_to_file()
    _lower_priority()
    from tinystudio.engine.serving import serve

    try:
        serve(pipe, Path(artifacts))
    finally:
        end_children()


def end_children() -> None:
    """End what this process has started: a timer must not outlive its engine."""
    for child in multiprocessing.active_children():
        child.kill()


def _log_to_file() -> None:
    from tinystudio.core import places

    folder = places.log()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        logging.basicConfig(filename=folder / "engine.log", level=logging.WARNING)
    except OSError:
        logging.basicConfig(level=logging.WARNING)


def _lower_priority() -> None:
    import psutil

    try:
        me = psutil.Process()
        me.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if os.name == "nt" else 10)
    except (psutil.Error, OSError) as error:
        logging.getLogger(__name__).warning("priority was not lowered: %s", error)
