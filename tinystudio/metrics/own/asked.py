"""The process in which a function of the user's is asked: it may be ended at any time."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from tinystudio.core.watched_process import end_with_parent

BLOCKS = 20  # of samples that are left out in turn
ROUNDS, FEWEST_ROUNDS = 200, 20  # of the bootstrap


def main(
    pipe: Connection, source: bytes, path: str, function: str, given: bytes, seconds: float
) -> None:
    """Ask once, say the answer as JSON, or "!" and what went wrong."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    end_with_parent()
    _say_nothing()
    try:
        pipe.send_bytes(json.dumps(_answer(source, path, function, given, seconds)).encode())
    except Exception as error:  # noqa: BLE001 - it is the user's code: anything may come
        pipe.send_bytes(f"!{type(error).__name__}: {error}.".encode())


def _answer(
    source: bytes, path: str, function: str, given: bytes, seconds: float
) -> dict[str, Any]:
    import numpy as np

    with np.load(io.BytesIO(given), allow_pickle=False) as arrays:
        outputs, labels = arrays["outputs"], arrays["labels"]
    module: dict[str, Any] = {"__name__": "own_metric", "__file__": path}
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))  # noqa: PTH100, PTH120 - light
    exec(compile(source, path, "exec"), module)
    asked: Callable[..., Any] = module[function]
    found = np.asarray(asked(outputs, labels), np.float64)
    if found.shape == (len(labels),) and len(labels) > 1:
        return {"values": found.tolist(), "interval": None}
    if found.size != 1:
        raise ValueError(f"it returned the shape {found.shape}")
    until = time.monotonic() + seconds

    def score(rows: Any) -> float:
        return float(np.asarray(asked(outputs[rows], labels[rows]), np.float64).reshape(()))

    values = _influences(float(found.reshape(())), len(labels), score)
    return {"values": values, "interval": _bootstrap(len(labels), score, until)}


def _influences(whole: float, count: int, score: Callable[[Any], float]) -> list[float]:
    """Return values whose mean is the score and whose standard error is the block jackknife's.

    Samples of one block share a value (Kuensch 1989); sqrt(n (blocks - 1)) scales what the score
    is without the block.
    """
    import numpy as np

    blocks = np.array_split(np.random.default_rng(0).permutation(count), min(BLOCKS, count))
    if len(blocks) < 2:
        return [whole] * count
    without = np.array([score(np.setdiff1d(np.arange(count), block)) for block in blocks])
    values = np.empty(count)
    for block, left in zip(blocks, without, strict=True):
        values[block] = np.sqrt(count * (len(blocks) - 1)) * (without.mean() - left)
    return [float(item) for item in values - values.mean() + whole]


def _bootstrap(count: int, score: Callable[[Any], float], until: float) -> list[float]:
    """Return the percentile bootstrap's 90 % interval, of fewer rounds where it takes long."""
    import numpy as np

    draw, found = np.random.default_rng(0), list[float]()
    while len(found) < ROUNDS and (len(found) < FEWEST_ROUNDS or time.monotonic() < until):
        found.append(score(draw.integers(0, count, count)))
    low, high = np.quantile(found, [0.05, 0.95])
    return [float(low), float(high)]


def _say_nothing() -> None:
    """Keep what the user's code prints off the program's own output."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
