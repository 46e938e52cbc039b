"""The quiet lock: while one process times a network, the others of this user hold still."""

from __future__ import annotations

import getpass
import os
import tempfile
import time
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

PATIENCE_S = 0.3  # a timing that waits longer for quiet measures all the same, and says "busy"
LONGEST_HOLD_S = 0.5  # nobody stands still for longer than this at a time
GRACE_S = 0.01  # others notice the lock only at the end of their batch
LOOK_EVERY_S = 0.02  # looking costs 0.1 ms, so engines look at most this often
_POLL_S = 0.005


def lock_path() -> Path:
    """Return the one file per machine and user that is locked while somebody times.

    Not in the home folder, which may be shared by several machines.
    """
    place = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    user = str(os.getuid()) if hasattr(os, "getuid") else getpass.getuser()
    return Path(place) / f"tinystudio-{user}" / "timing.lock"


class Quiet:
    """Holds the quiet lock for a timing, a short while at a time. The system frees it at death.

    Call `step` before every block: it takes the lock, and gives it up for a moment before it has
    been held for `LONGEST_HOLD_S`. `busy` is true once the lock was not to be had: then the timing
    goes on without.
    """

    def __init__(self, path: Path, next_block_s: float) -> None:
        self._path = path
        self._lock: FileLock | None = None
        self._until = 0.0
        self._hold_s = max(_POLL_S, LONGEST_HOLD_S - next_block_s - GRACE_S)
        self.busy = False

    def __enter__(self) -> Quiet:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._release()

    def step(self) -> None:
        """Be alone before the next block, as far as can be."""
        if time.monotonic() < self._until:
            return
        if self._lock is not None:
            self._release()
            time.sleep(2 * _POLL_S)  # those who wait look every _POLL_S; let them have a turn
        self._until = time.monotonic() + self._hold_s
        if self._acquire():
            time.sleep(GRACE_S)
        else:
            self.busy = True

    def _acquire(self) -> bool:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(self._path)
            # Who was refused once does not wait again: the whole timing is marked anyway.
            lock.acquire(timeout=0 if self.busy else PATIENCE_S, poll_interval=_POLL_S)
        except (Timeout, OSError):
            return False
        self._lock = lock
        return True

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None


class Courtesy:
    """Lets timings of other processes pass. One per engine; `let_timing_pass` is the usual one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._next_look = 0.0

    def __call__(self) -> None:
        """Return at once when nobody times, and after `LONGEST_HOLD_S` at the latest."""
        now = time.monotonic()
        if now < self._next_look:
            return
        end = now + LONGEST_HOLD_S
        while self._is_held() and time.monotonic() < end:
            time.sleep(_POLL_S)
        self._next_look = time.monotonic() + LOOK_EVERY_S

    def _is_held(self) -> bool:
        if not self._path.exists():
            return False
        lock = FileLock(self._path)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:
            return False  # no lock can be had here, so nobody holds one
        lock.release()
        return False


let_timing_pass = Courtesy(lock_path())
