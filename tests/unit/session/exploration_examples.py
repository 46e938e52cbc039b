"""Explorations of a made-up database, and a queue that only notes what is sent."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from tinystudio.explorer.database import Database, save_database
from tinystudio.jobs.job import Job
from tinystudio.session.exploration import Exploration

sys.path.insert(0, str(Path(__file__).parents[1] / "explorer"))
from explorer_examples import FRONT


class Sent:
    """Notes what is sent instead of doing it."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.cancelled: list[str] = []

    def send(self, job: Job) -> None:
        self.jobs.append(job)

    def cancel(self, job: str, pause: bool = False) -> None:
        self.cancelled.append(job)


def loaded(folder: Path, known: Database) -> Exploration:
    made = Exploration()
    assert made.load(str(save_database(folder, known)))
    return made


def written(folder: Path, values: object) -> str:
    path = folder / "outputs.npy"
    np.save(path, np.asarray(values, np.float32))
    return str(path)


TRAINED = np.array(FRONT[2], np.int16)


def with_trained(known: Database, epochs: float, on_front: bool = True) -> Database:
    """Return the database with a trained point, on its front or beaten by it."""
    point = known.measured(TRAINED, known.changes.original, 12_345, epochs)
    front = (*known.front, point) if on_front else known.front
    return replace(known, front=front, trained=(point,))
