"""Where a database lives on disk: its newest state, unfinished changes, the times of this CPU.

Keyed by network, data and settings, not by the processor: only the latency table is, and it
stands in a file of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.core.files import write_whole
from tinystudio.explorer.database import (
    VERSION,
    Database,
    array_files,
    load_database,
    save_database,
)
from tinystudio.explorer.hardware_step import HardwareStep
from tinystudio.explorer.latency_table import LatencyConditions, LatencyTable
from tinystudio.measure.stopwatch import array_bytes

NEWEST = "newest.json"
UNFINISHED = ("rows.npy", "done.npy")
SETTLED_S = 600.0  # a state is written in seconds, its arrays before the file that names them


def database_folder(root: Path, *key: object) -> Path:
    """Return the folder of the database that `key` (fingerprints, seed, settings) names."""
    text = json.dumps([VERSION, *map(str, key)])
    return root / "explorer" / hashlib.sha256(text.encode()).hexdigest()[:20]


def known_step(root: Path, conditions: LatencyConditions, network: str) -> HardwareStep | None:
    """Return the staircase that was measured for a network (its fingerprint) on this processor."""
    try:
        path = _step_path(root, conditions, network)
        return HardwareStep.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def keep_step(root: Path, conditions: LatencyConditions, network: str, step: HardwareStep) -> None:
    """Keep a staircase: levels that change from one start to the next would be new databases."""
    write_whole(_step_path(root, conditions, network), step.model_dump_json().encode())


def _step_path(root: Path, conditions: LatencyConditions, network: str) -> Path:
    text = network + conditions.model_dump_json()
    return root / "explorer" / "steps" / f"{hashlib.sha256(text.encode()).hexdigest()[:20]}.json"


class DatabaseFolder:
    """One database's files. What cannot be read is built again: it is only a cache."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._newest: tuple[Database, Path] | None = None  # the state that is known to stand there

    def newest(self) -> Database | None:
        """Return the newest state, without its latency table; None where there is none."""
        try:
            name = json.loads((self.path / NEWEST).read_text())["database"]
            path = self.path / str(name)
            self._newest = (load_database(path), path)
        except (OSError, ValueError, TypeError, KeyError, UserError):
            return None
        return self._newest[0]

    def save(self, database: Database) -> Path:
        """Write a state and make it the newest; one that is the newest already is left alone."""
        if self._newest is not None and self._newest[0] is database:
            return self._newest[1]
        path = save_database(self.path, database)
        write_whole(self.path / NEWEST, json.dumps({"database": path.name}).encode())
        self._newest = (database, path)
        return path

    def tidy(self) -> None:
        """Remove the files of older states; the newest's and those of no state stay.

        So do those written lately: another program may be about to name them.
        """
        newest = self.newest()
        if newest is None:
            return
        name = json.loads((self.path / NEWEST).read_text())["database"]
        kept = {name, NEWEST, *UNFINISHED, *array_files(self.path / str(name))}
        until = time.time() - SETTLED_S
        for file in self.path.iterdir():
            if file.name not in kept and not file.name.startswith("latency-"):
                with contextlib.suppress(OSError):  # another program may still read it
                    if file.stat().st_mtime < until:
                        file.unlink()

    def latency(self, conditions: LatencyConditions) -> LatencyTable | None:
        """Return the times that were measured under these conditions."""
        try:
            return LatencyTable.model_validate_json(self._latency_path(conditions).read_bytes())
        except (OSError, ValidationError):
            return None

    def save_latency(self, table: LatencyTable) -> None:
        """Keep the times of this processor."""
        write_whole(self._latency_path(table.conditions), table.model_dump_json().encode())

    def unfinished(self, rows: int, width: int) -> tuple[Array, Array]:
        """Return the changes found so far (rows, width) and which rows those are (rows,)."""
        try:
            found, done = (np.load(self.path / name, allow_pickle=False) for name in UNFINISHED)
        except (OSError, EOFError, ValueError):
            found, done = np.zeros((0, 0)), np.zeros(0)
        if found.shape == (rows, width) and done.shape == (rows,):
            return found, done.astype(bool)
        return np.zeros((rows, width), np.float32), np.zeros(rows, bool)

    def save_unfinished(self, rows: Array, done: Array) -> None:
        """Keep what has been found so far, to go on from there after an interruption."""
        for name, array in zip(UNFINISHED, (rows, done), strict=True):
            write_whole(self.path / name, array_bytes(array))

    def clear_unfinished(self) -> None:
        """Forget the unfinished changes: they are part of a state now."""
        for name in UNFINISHED:
            (self.path / name).unlink(missing_ok=True)

    def _latency_path(self, conditions: LatencyConditions) -> Path:
        digest = hashlib.sha256(conditions.model_dump_json().encode()).hexdigest()[:16]
        return self.path / f"latency-{digest}.json"
