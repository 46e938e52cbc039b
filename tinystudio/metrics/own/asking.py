"""Asks a function of the user's in a process of its own, within limits of time and memory."""

from __future__ import annotations

import io
import json
import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import numpy as np
import psutil

from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Interval
from tinystudio.metrics.own import asked
from tinystudio.metrics.own.named import Named

LIMIT_S = 60.0
MEMORY_BYTES = 4 * 2**30
LOOKS_S = 0.05
HINT = "The function takes (outputs, labels) and returns one number per sample, or one number."
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Told:
    """What the function says: per sample (n,) float64 with the score as mean; and an interval
    where it gave but one number."""

    values: Array
    interval: Interval | None


def ask(named: Named, outputs: Array, labels: Array, limit_s: float = LIMIT_S) -> Told:
    """Return what the function says of outputs and labels, both (n, ...); raises `UserError`."""
    source = named.trusted_source()
    given = io.BytesIO()
    np.savez(given, outputs=outputs, labels=labels)
    ours, theirs = _SPAWN.Pipe()
    words = (theirs, source, str(named.path), named.function, given.getvalue(), limit_s / 2)
    process = _SPAWN.Process(target=asked.main, args=words, name="tinystudio-metric", daemon=True)
    process.start()
    theirs.close()
    try:
        answer = _waited(process, ours, named, limit_s)
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()
    return _understood(answer, named, len(labels))


def _waited(process: SpawnProcess, pipe: Connection, named: Named, limit_s: float) -> bytes:
    ends = time.monotonic() + limit_s
    try:
        while not pipe.poll(LOOKS_S):
            if time.monotonic() > ends:
                raise _error(named, f"It took longer than {limit_s:g} seconds.")
            if _memory(process) > MEMORY_BYTES:
                raise _error(named, f"It took more than {MEMORY_BYTES / 2**30:g} GiB of memory.")
        return pipe.recv_bytes()
    except (EOFError, OSError):
        raise _error(named, "Its process stopped unexpectedly.") from None


def _understood(answer: bytes, named: Named, count: int) -> Told:
    """Read an answer, which code that was run may have made up."""
    if answer[:1] == b"!":
        raise _error(named, answer[1:501].decode(errors="replace"))
    try:
        told = json.loads(answer)
        values = np.array(told["values"], np.float64)
        interval = told["interval"]
        sound = None if interval is None else (float(interval[0]), float(interval[1]))
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        raise _error(named, "Its process gave a meaningless answer.") from None
    if values.shape != (count,):
        raise _error(named, f"It gave {values.size} values for {count} samples.")
    return Told(values, sound)


def _memory(process: SpawnProcess) -> int:
    try:
        return int(psutil.Process(process.pid).memory_info().rss)
    except psutil.Error:
        return 0  # it has just ended; the pipe says so


def _error(named: Named, detail: str) -> UserError:
    return UserError(f"The metric {named.title} gave no score", detail, HINT)
