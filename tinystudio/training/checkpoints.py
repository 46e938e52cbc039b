"""Keeps a training's state where it outlives the process, and takes it up again."""

from __future__ import annotations

import io
import pickle
import time
from typing import Any

import torch

from tinystudio.core.checkpoint import Checkpoint
from tinystudio.training.course import Course

EVERY_S = 2.0  # epochs that are shorter are not each worth a file
# What torch says to bytes that it did not write, and what a state of another course leads to.
_UNREADABLE = (RuntimeError, KeyError, ValueError, TypeError, EOFError, pickle.UnpicklingError)


class Keeper:
    """Reads a checkpoint once, writes it at the end of epochs; does nothing where there is none."""

    def __init__(self, checkpoint: Checkpoint | None) -> None:
        self._checkpoint = checkpoint
        self._state = _state(None if checkpoint is None else checkpoint.read())
        self._reached = int(self._state.get("step", 0))
        self._kept_at = time.monotonic()

    @property
    def rate(self) -> float:
        """Return the learning rate that was found before; 0: none."""
        return float(self._state.get("rate", 0.0))

    def resume(self, course: Course) -> None:
        """Let `course` go on from what was kept, where that is its own."""
        if self._state:
            course.resume(self._state)

    def keep_if_due(self, course: Course) -> None:
        """Keep the state unless that was done a moment ago."""
        if self._checkpoint is not None and time.monotonic() - self._kept_at >= EVERY_S:
            self.keep(course)

    def keep(self, course: Course) -> None:
        """Keep the state, unless one that is further is there: that of a training cut shorter."""
        if self._checkpoint is None or course.step < self._reached:
            return
        file = io.BytesIO()
        torch.save(course.state(), file)
        self._checkpoint.write(file.getvalue())
        self._kept_at = time.monotonic()


def _state(data: bytes | None) -> dict[str, Any]:
    if data is None:
        return {}
    try:
        found = torch.load(io.BytesIO(data), weights_only=True)
    except _UNREADABLE:
        return {}
    return found if isinstance(found, dict) else {}
