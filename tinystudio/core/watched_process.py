"""The inside of a process that reads a foreign file: quiet, capped, and gone with its parent.

Imports only the standard library at its top, so that the thread counts below are set before
numpy is loaded anywhere.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from multiprocessing import parent_process
from multiprocessing.connection import wait

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


def settle(log: str) -> None:
    """Prepare this process; what is printed from now on goes to the log of that name."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    end_with_parent()
    _print_to_log(log)


def cap_memory(more_bytes: int) -> None:
    """Let the system refuse this process more than so much further memory, where it can (Linux).

    It holds inside libraries that never come back to Python. Elsewhere the parent's eye remains.
    """
    from tinystudio.core.memory_cap import limit_address_space

    limit_address_space(more_bytes)


def end_with_parent() -> None:
    """Have this process end with the one that started it, however that ends."""
    parent = parent_process()
    if parent is None:
        return

    def watch(sentinel: int) -> None:
        wait([sentinel])
        os._exit(0)

    threading.Thread(target=watch, args=(parent.sentinel,), daemon=True).start()
    if sys.platform == "linux":
        # A library that never lets Python's threads run would keep the one above from it.
        import ctypes

        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _print_to_log(log: str) -> None:
    """Keep what libraries and foreign code print off the program's own output."""
    from tinystudio.core import places

    path = places.log() / log
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError:
        file = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(file, stream)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
