"""The layer database as its readers see it: predictions and the front, from files on disk.

Written by the engine, read by window and command line alike; nothing here needs onnxruntime. A
database is a small JSON file that names the arrays beside it; every new state is a new JSON file,
so that a reader never meets half of one.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.core.files import sha256, write_whole
from tinystudio.core.measurement import Interval
from tinystudio.explorer.changes import Changes
from tinystudio.explorer.hardware_step import HardwareStep
from tinystudio.explorer.latency_table import LatencyTable
from tinystudio.explorer.predicting import Known, Prediction, Predictor
from tinystudio.explorer.sizing import SizeModel
from tinystudio.explorer.space import Choice, Space
from tinystudio.measure.stopwatch import array_bytes
from tinystudio.metrics import find_metric

VERSION = 8
Stage = Literal["levels", "timed", "complete"]


class FrontPoint(BaseModel):
    """One choice of the front with its figures; `is_measured`: its score is no prediction.

    `epochs`: how long it was trained before its weights were rounded; 0: not at all.
    """

    model_config = ConfigDict(frozen=True)

    choice: tuple[int, ...]
    score: float
    interval: Interval
    size_bytes: int
    latency_ms: float | None
    latency_interval_ms: Interval | None
    is_measured: bool
    has_int8: bool = False
    value: float = 0.0  # what choices are compared by: see `Predictor.value_of`
    epochs: float = 0.0


@dataclass(frozen=True)
class Database:
    """What is known of a network's space so far.

    `stage`: "levels" (accuracy and size), "timed" (latency and INT8 as well), "complete" (checked
    against measured choices). `method` says how the front was searched. `labels` None: agreement
    with the original's answers is predicted. `staircase`: time against channels, where measured.
    `trained`: choices that were trained and measured; the front takes those that are worth it.
    """

    space: Space
    sizes: SizeModel
    latency: LatencyTable | None
    metric: str
    labels: Array | None
    changes: Changes
    known: Known
    front: tuple[FrontPoint, ...]
    stage: Stage
    method: str
    samples: int
    seconds: float
    staircase: HardwareStep | None = None
    trained: tuple[FrontPoint, ...] = ()

    @cached_property
    def predictor(self) -> Predictor:
        """Return what predicts scores."""
        return Predictor(
            self.space, self.changes, find_metric(self.metric), self.labels, self.known
        )

    @cached_property
    def original_interval(self) -> Interval | None:
        """Return the interval of the original's score on these samples, if there are labels."""
        if self.labels is None:
            return None
        outputs = (self.changes.original.reshape(self.changes.shape),)
        return find_metric(self.metric).interval(outputs, np.asarray(self.labels))

    @property
    def higher_is_better(self) -> bool:
        """Say which way a score is better."""
        return find_metric(self.metric).higher_is_better

    @property
    def original_score(self) -> float:
        """Return the original's score on the same samples."""
        return float(self.predictor.known.scores[0])

    def point(self, choice: Choice, predictor: Predictor | None = None) -> FrontPoint:
        """Return the figures of any choice; `predictor` may know more than the database does."""
        size_bytes = int(self.sizes.file_bytes(self.space, choice)[0])
        time = None if self.latency is None else self.latency.predict(self.space, choice)[0]
        return self.described(choice, size_bytes, time, predictor)

    def described(
        self, choice: Choice, size_bytes: int, time: float | None,
        predictor: Predictor | None = None,
    ) -> FrontPoint:  # fmt: skip
        """Return a choice's figures where size and latency (milliseconds) are known."""
        found = (predictor or self.predictor).predict(choice)
        return self._with_costs(choice, found, size_bytes, time)

    def measured(
        self, choice: Choice, outputs: Array, size_bytes: int, epochs: float
    ) -> FrontPoint:
        """Return a trained choice's figures from its true outputs and bytes; its time is forecast,
        for a training changes no shape."""
        flat = outputs.ravel()
        score, value = self.predictor.score_of(flat), self.predictor.value_of(flat)
        found = Prediction(score, (score, score), 0.0, value)
        time = None if self.latency is None else self.latency.predict(self.space, choice)[0]
        return self._with_costs(choice, found, size_bytes, time, epochs)

    def timed_anew(self, point: FrontPoint) -> FrontPoint:
        """Return a point with its time from the latency table there is now, or without one."""
        if self.latency is None:
            return point.model_copy(update={"latency_ms": None, "latency_interval_ms": None})
        time = self.latency.predict(self.space, np.array(point.choice, np.int16))[0]
        interval = time * (1 - self.latency.error), time * (1 + self.latency.error)
        return point.model_copy(update={"latency_ms": time, "latency_interval_ms": interval})

    def _with_costs(
        self, choice: Choice, found: Prediction, size_bytes: int, time: float | None,
        epochs: float = 0.0,
    ) -> FrontPoint:  # fmt: skip
        error = 0.0 if self.latency is None else self.latency.error
        return FrontPoint(
            choice=tuple(int(level) for level in choice),
            score=found.score,
            value=found.value,
            interval=found.interval,
            size_bytes=size_bytes,
            latency_ms=time,
            latency_interval_ms=None if time is None else (time * (1 - error), time * (1 + error)),
            has_int8="w8a8" in self.space.precisions(choice).values(),
            is_measured=found.distance == 0.0,
            epochs=epochs,
        )


class _Written(BaseModel):
    """The JSON file. Arrays are named by file and shape."""

    model_config = ConfigDict(frozen=True)

    version: int
    space: Space
    sizes: SizeModel
    latency: LatencyTable | None
    metric: str
    stage: Stage
    method: str
    samples: int
    seconds: float
    staircase: HardwareStep | None
    shape: tuple[int, ...]
    arrays: dict[str, str]
    front: tuple[FrontPoint, ...]
    trained: tuple[FrontPoint, ...]


_SAME = tuple(set(_Written.model_fields) - {"version", "shape", "arrays"})  # as they are


def save_database(folder: Path, database: Database) -> Path:
    """Write a database below `folder` and return its JSON file; raises `UserError`."""
    arrays = {
        "original": database.changes.original,
        "rows": database.changes.rows,
        "choices": database.known.choices,
        "missed": database.known.missed,
        "scores": database.known.scores,
    }
    if database.labels is not None:
        arrays["labels"] = database.labels
    names = {name: _save_array(folder, name, array) for name, array in arrays.items()}
    same: dict[str, Any] = {name: getattr(database, name) for name in _SAME}
    written = _Written(version=VERSION, shape=database.changes.shape, arrays=names, **same)
    data = written.model_dump_json().encode()
    path = folder / f"database-{sha256(data)[:16]}.json"
    write_whole(path, data)
    return path


def load_database(path: Path) -> Database:
    """Read a database; the arrays are mapped, not copied. Raises `UserError` where it cannot."""
    try:
        written = _Written.model_validate_json(path.read_bytes())
        arrays = {
            name: np.load(path.parent / file, mmap_mode="r", allow_pickle=False)
            for name, file in written.arrays.items()
        }
    except (OSError, EOFError, ValueError, ValidationError) as error:
        reason = str(error).partition("\n")[0]
        raise UserError(
            "The layer database was not read",
            f"{path.name}: {reason}.",
            "It will be built again.",
        ) from None
    if written.version != VERSION:
        raise UserError(
            "The layer database was not read",
            f"It is of version {written.version}; this program reads {VERSION}.",
            "It will be built again.",
        )
    same: dict[str, Any] = {name: getattr(written, name) for name in _SAME}
    return Database(
        labels=arrays.get("labels"),
        changes=Changes(arrays["original"], arrays["rows"], written.shape),
        known=Known(arrays["choices"], arrays["missed"], arrays["scores"]),
        **same,
    )


def array_files(path: Path) -> tuple[str, ...]:
    """Return the names of the files that a database's JSON file refers to."""
    return tuple(_Written.model_validate_json(path.read_bytes()).arrays.values())


def _save_array(folder: Path, name: str, array: Array) -> str:
    """Write an array under a name that tells what it holds, unless it is there as a whole."""
    data = array_bytes(np.ascontiguousarray(array))
    file = f"{name}-{sha256(data)[:16]}.npy"
    there = folder / file
    if not there.is_file() or there.stat().st_size != len(data):
        write_whole(there, data)
    else:
        with contextlib.suppress(OSError):
            os.utime(there)  # in use again: `DatabaseFolder.tidy` leaves alone what is fresh
    return file
