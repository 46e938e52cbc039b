"""A process that reads one foreign file, kept within limits of memory and time."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing.context import SpawnProcess
from pathlib import Path

import psutil
from pydantic import ValidationError

from tinystudio.runners import conversion_process
from tinystudio.runners.conversion_words import WORD, Doing, LookAt, Refused, Request, Word

GIB = 2**30
LARGEST_MEMORY_BYTES = 8 * GIB
LEAST_MEMORY_BYTES = 2 * GIB  # torch alone takes half of it
FREE_SHARE = 0.75  # of the memory that is free when it begins
LOOK_S, LOOK_BYTES_PER_S = 10.0, 50e6  # looking reads and hashes the file, on a slow disk as well
CONVERT_S = 600.0  # torch's exporter takes minutes for the largest models
SMALLER = "Choose a smaller model, or export it to ONNX where it was made."
TOO_LONG = "Allow it more time (--time-limit), or look for a loop in the model that never ends."

_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Limits:
    """What a conversion may take; beyond it is ended."""

    memory_bytes: int
    seconds: float
    asked_after_s: float | None = None  # from when on somebody is asked whether to wait longer

    @classmethod
    def of(cls, request: Request, seconds: float | None = None) -> Limits:
        """Return the usual limits; `seconds`: of a conversion, instead of `CONVERT_S`."""
        free = int(FREE_SHARE * psutil.virtual_memory().available)
        memory = max(LEAST_MEMORY_BYTES, min(LARGEST_MEMORY_BYTES, free))
        if not isinstance(request, LookAt):
            return cls(memory, CONVERT_S if seconds is None else seconds)
        return cls(memory, LOOK_S + _size(request.path) / LOOK_BYTES_PER_S)


class Conversion:
    """One request in a process of its own. Belongs to one thread, which calls `words` often.

    The last word is `Looked`, `Converted` or `Refused`, whatever becomes of the process; after it
    `is_over`. `close` may be called at any time and ends the process.
    """

    def __init__(self, request: Request, limits: Limits | None = None) -> None:
        self._title = f"{request.path.name} was not opened"
        self._limits = limits or Limits.of(request)
        self._first_seconds = self._limits.seconds
        self._first_asked_s = self._limits.asked_after_s or 0.0
        self._pipe, theirs = _SPAWN.Pipe(duplex=False)
        self._process: SpawnProcess = _SPAWN.Process(
            target=conversion_process.main, args=(theirs, request), name="tinystudio-import",
            daemon=True,
        )  # fmt: skip
        self._process.start()
        theirs.close()
        self._began = time.monotonic()
        self.is_over = False

    @property
    def is_late(self) -> bool:
        """Say whether it takes so long that somebody should be asked about it."""
        after = self._limits.asked_after_s
        return not self.is_over and after is not None and self.seconds > after

    @property
    def seconds(self) -> float:
        """Return how long it has taken so far."""
        return time.monotonic() - self._began

    def wait_longer(self) -> None:
        """Give it as much time again from now on, and as long until the next question."""
        limits, spent = self._limits, self.seconds
        asked = None if limits.asked_after_s is None else spent + self._first_asked_s
        self._limits = replace(limits, seconds=spent + self._first_seconds, asked_after_s=asked)

    @property
    def pid(self) -> int | None:
        """Return the id of the process, or None where it has ended."""
        return None if self.is_over else self._process.pid

    def words(self, timeout: float) -> tuple[Word, ...]:
        """Return what was said, after at most `timeout` seconds; keeps the limits meanwhile."""
        if self.is_over:
            return ()
        said = self._said(timeout)
        if _is_last(said):
            self.close()
            return said
        broken = self._broken_limit()
        if broken is not None:
            self.close()
            return (*said, broken)
        return said

    def close(self) -> None:
        """End the process and what it has started."""
        if self.is_over:
            return
        self.is_over = True
        self._end_family()
        self._process.join()
        self._process.close()
        self._pipe.close()

    def _said(self, timeout: float) -> tuple[Word, ...]:
        said: list[Word] = []
        try:
            # The process ends after its last word: what is heard behind that is the end itself.
            while not _is_last(said) and self._pipe.poll(0 if said else timeout):
                said.append(WORD.validate_json(self._pipe.recv_bytes()))
        except (EOFError, OSError):
            said.append(self._refused(self._why_it_died()))
        except ValidationError:  # what was loaded there speaks in its stead
            said.append(self._refused("The process that read it gave a meaningless answer."))
        return tuple(said)

    def _broken_limit(self) -> Refused | None:
        if self.seconds > self._limits.seconds:
            word = "second" if self._limits.seconds == 1 else "seconds"
            detail = f"Reading it took longer than {self._limits.seconds:.0f} {word}."
            return self._refused(detail, TOO_LONG)
        if self._memory_bytes() > self._limits.memory_bytes:
            most = self._limits.memory_bytes / GIB
            return self._refused(f"Reading it took more than {most:.1f} GiB of memory.")
        return None

    def _memory_bytes(self) -> int:
        try:
            me = psutil.Process(self._process.pid)
            return sum(item.memory_info().rss for item in (me, *me.children(recursive=True)))
        except psutil.Error:
            return 0  # it has just ended; the pipe says so

    def _why_it_died(self) -> str:
        self._process.join(1.0)
        code = self._process.exitcode
        if code == -9:  # SIGKILL, by its number since Windows has no name for it
            return "The process that read it was ended from outside, perhaps for lack of memory."
        return f"The process that read it stopped unexpectedly (code {code})."

    def _end_family(self) -> None:
        try:
            family = psutil.Process(self._process.pid).children(recursive=True)
        except psutil.Error:
            family = []
        self._process.kill()
        for child in family:
            try:
                child.kill()
            except psutil.NoSuchProcess:
                continue

    def _refused(self, detail: str, hint: str = SMALLER) -> Refused:
        return Refused(title=self._title, detail=detail, hint=hint)


def _is_last(said: Sequence[Word]) -> bool:
    return bool(said) and not isinstance(said[-1], Doing)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
