"""The asking end of a timer process: starts it fresh, hands it networks, waits for the answer."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any

from tinystudio.core.data import Array
from tinystudio.core.reporter import Reporter
from tinystudio.measure.stopwatch import Circumstances, array_bytes, array_from

HEARS_CANCEL_S = 0.05

Target = Callable[[Connection], None]


class TimingFailed(Exception):  # noqa: N818 - the figures are unavailable, the job goes on
    """The timer gave no answer; the text says why."""


def ask(
    target: Target,
    order: bytes,
    networks: Sequence[bytes],
    feeds: Sequence[dict[str, Array]],
    reporter: Reporter,
    limit_s: float,
) -> tuple[Circumstances, list[Array]]:
    """Have a fresh process run `target`, which answers as `stopwatch.serve` does.

    Raises `TimingFailed` where it dies, fails, or is silent for `limit_s`. Hears cancelling, and
    leaves no process behind.
    """
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=target, args=(there,), daemon=True, name="timer")
    try:
        process.start()
    except OSError as error:
        here.close()
        there.close()
        raise TimingFailed(f"no timer process could be started: {error.strerror}") from None
    there.close()
    try:
        here.send_bytes(order)
        for network in networks:
            here.send_bytes(network)
        for fed in feeds:
            for array in fed.values():
                here.send_bytes(array_bytes(array))
        return _answer(here, reporter, limit_s)
    except (BrokenPipeError, EOFError, ConnectionResetError):
        process.join(1)
        raise TimingFailed(f"the timer process ended with code {process.exitcode}") from None
    finally:
        here.close()
        process.join(1)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()


def _answer(
    here: Connection, reporter: Reporter, limit_s: float
) -> tuple[Circumstances, list[Array]]:
    while True:
        _wait(here, reporter, limit_s)
        said: dict[str, Any] = json.loads(here.recv_bytes())
        if "error" in said:
            raise TimingFailed(f"onnxruntime stopped in the timer: {said['error'][:200]}")
        if "done" not in said:
            break
        reporter.progress(said["done"], said["total"], said["text"])
    arrays = said.pop("arrays")
    return Circumstances(**said), [array_from(here.recv_bytes()) for _ in range(arrays)]


def _wait(here: Connection, reporter: Reporter, limit_s: float) -> None:
    end = time.monotonic() + limit_s
    while not here.poll(HEARS_CANCEL_S):
        reporter.check()
        if time.monotonic() > end:
            raise TimingFailed(f"the timer gave no answer within {limit_s:.0f} s")
