"""What happens to an error nobody caught: written down, told, and shown at the next start."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO

import tinystudio
from tinystudio.core import places
from tinystudio.gui.notice import Notice

log = logging.getLogger(__name__)

_RUNNING = "running-"


class CrashLog:
    """`crash.log` grows; `running-PID` is there while the program of that number is.

    Such a file without its program means that it did not end by itself.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or places.log()
        self._file = self.folder / "crash.log"
        self._running = self.folder / f"{_RUNNING}{os.getpid()}"
        self._fatal: IO[str] | None = None

    def begin(self) -> Notice | None:
        """Note that the program runs; return a notice where the one before died."""
        died = self._last_words()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._fatal = self._running.open("w", encoding="utf-8")
        # A crash below Python leaves its stack in the very file that tells of it.
        faulthandler.enable(self._fatal)
        return died

    def end(self) -> None:
        """Note that the program ended by itself."""
        if self._fatal is not None:
            faulthandler.disable()
            self._fatal.close()
            self._fatal = None
        self._running.unlink(missing_ok=True)

    def catch(self, tell: Callable[[Notice], None]) -> None:
        """Write down every error nobody caught, and tell of it; the program goes on."""

        def hook(
            kind: type[BaseException], error: BaseException, trace: TracebackType | None
        ) -> None:
            if issubclass(kind, KeyboardInterrupt):
                sys.__excepthook__(kind, error, trace)
                return
            self.write("".join(traceback.format_exception(kind, error, trace)))
            tell(self._notice(error))

        sys.excepthook = hook

    def write(self, text: str) -> None:
        """Add to the crash log."""
        log.error("%s", text)
        head = f"--- {datetime.now(UTC).isoformat()} TinyStudio {tinystudio.__version__}\n"
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{head}{text}\n")

    def _notice(self, error: BaseException) -> Notice:
        return Notice(
            "Something went wrong inside TinyStudio",
            f"{type(error).__name__}: {error}. What was measured is safe.",
            f"Go on working; if it comes back, report it with {self._file}.",
        )

    def _last_words(self) -> Notice | None:
        left = [file for file in self.folder.glob(f"{_RUNNING}*") if not _is_alive(file)]
        for file in left:
            words = file.read_text(encoding="utf-8", errors="replace").strip()
            if words:
                self.write(words)
            file.unlink(missing_ok=True)
        if not left:
            return None
        return Notice(
            "TinyStudio did not end properly last time",
            "The program or the computer stopped in the middle. What was finished is here; "
            "jobs that were running are marked interrupted.",
            f"If it comes back, report it with {self._file}.",
            gravity="warning",
        )


def _is_alive(file: Path) -> bool:
    import psutil  # not before the first paint

    number = file.name.removeprefix(_RUNNING)
    return number.isdecimal() and int(number) != os.getpid() and psutil.pid_exists(int(number))
