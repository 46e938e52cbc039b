"""One writer per project: a lock that dies with its holder, and a word on who holds it."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

from filelock import FileLock, Timeout

from tinystudio.core.errors import UserError
from tinystudio.core.files import write_whole


class Writer:
    """The right to write to a project folder."""

    def __init__(self, folder: Path, program: str) -> None:
        self._lock = FileLock(folder / "writer.lock")
        # Beside the lock, not in it: Windows lets nobody read a locked file.
        self._card = folder / "writer.json"
        self._program = program

    def claim(self) -> str | None:
        """Take the right; return None, or who has it."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return self._holder()
        except OSError as error:
            return f"nobody, but it cannot be locked ({error.strerror or error})"
        me = {"pid": os.getpid(), "host": socket.gethostname(), "program": self._program}
        try:
            write_whole(self._card, json.dumps(me).encode())
        except UserError:
            self._lock.release()
            raise
        return None

    def release(self) -> None:
        """Give the right back; may be repeated."""
        if self._lock.is_locked:
            self._card.unlink(missing_ok=True)
            self._lock.release()

    def _holder(self) -> str:
        try:
            card = json.loads(self._card.read_bytes())
            return f"{card['program']} (process {card['pid']} on {card['host']})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another program"
