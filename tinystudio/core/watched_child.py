"""A process that reads one foreign file, seen from outside: kept within memory and time."""

from __future__ import annotations

import multiprocessing
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, Generic, TypeVar

import psutil

GIB = 2**30
LEAST_MEMORY_BYTES = 2 * GIB  # torch alone takes half of it
FREE_SHARE = 0.75  # of the memory that is free when it begins
LONGEST_WORD = 2**24  # bytes; the longest that is meant to be said is a module's source

_SPAWN = multiprocessing.get_context("spawn")
Main = Callable[[Connection, Any], None]
W = TypeVar("W")


@dataclass(frozen=True)
class Limits:
    """What such a process may take; beyond it is ended."""

    memory_bytes: int
    seconds: float
    asked_after_s: float | None = None  # from when on somebody is asked whether to wait longer


def memory_within(largest_bytes: int) -> int:
    """Return how much memory may be taken just now: so much, or most of what is free."""
    free = int(FREE_SHARE * psutil.virtual_memory().available)
    return max(LEAST_MEMORY_BYTES, min(largest_bytes, free))


class WatchedChild(ABC, Generic[W]):
    """One request in a process of its own. Belongs to one thread, which calls `words` often.

    There is a last word, whatever becomes of the process: its own, or what `_refused` makes of its
    end. After it `is_over`. `close` may be called at any time and ends the process.
    """

    doing = "Reading"  # as in "Reading it took longer than ..."

    def __init__(self, main: Main, request: object, limits: Limits, name: str) -> None:
        """`main` is called with a pipe to speak to and `request`; it can be imported by name."""
        self._limits = limits
        self._first_seconds = limits.seconds
        self._first_asked_s = limits.asked_after_s or 0.0
        self._pipe, theirs = _SPAWN.Pipe(duplex=False)
        self._process: SpawnProcess = _SPAWN.Process(
            target=main, args=(theirs, request), name=name, daemon=True
        )
        self._process.start()
        theirs.close()
        self._began = time.monotonic()
        self.is_over = False
        self.took_too_long = False

    @abstractmethod
    def _read(self, data: bytes) -> W:
        """Return what was said; raises `ValueError` for what is no word."""

    @abstractmethod
    def _is_last(self, word: W) -> bool:
        """Say whether nothing comes after this word."""

    @abstractmethod
    def _refused(self, detail: str) -> W:
        """Return the last word of a process that could not say it itself."""

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

    def words(self, timeout: float) -> tuple[W, ...]:
        """Return what was said, after at most `timeout` seconds; keeps the limits meanwhile."""
        if self.is_over:
            return ()
        said = self._said(timeout)
        if self._has_ended(said):
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

    def _said(self, timeout: float) -> tuple[W, ...]:
        said: list[W] = []
        try:
            # The process ends after its last word: what is heard behind that is the end itself.
            while not self._has_ended(said) and self._pipe.poll(0 if said else timeout):
                said.append(self._read(self._pipe.recv_bytes(LONGEST_WORD)))
        except (EOFError, OSError):
            said.append(self._refused(self._why_it_died()))
        except ValueError:  # what was loaded there speaks in its stead
            said.append(self._refused("The process that read it gave a meaningless answer."))
        return tuple(said)

    def _has_ended(self, said: Sequence[W]) -> bool:
        return bool(said) and self._is_last(said[-1])

    def _broken_limit(self) -> W | None:
        if self.seconds > self._limits.seconds:
            self.took_too_long = True
            longest = f"{self._limits.seconds:.0f}"
            word = "second" if longest == "1" else "seconds"
            return self._refused(f"{self.doing} it took longer than {longest} {word}.")
        if self._memory_bytes() > self._limits.memory_bytes:
            most = self._limits.memory_bytes / GIB
            return self._refused(f"{self.doing} it took more than {most:.1f} GiB of memory.")
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
        return f"The process that read it stopped unexpectedly ({_named(code)})."

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


def _named(code: int | None) -> str:
    """Return an exit code in words: a library's crash has a name."""
    if code is not None and code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            pass
    return f"code {code}"
