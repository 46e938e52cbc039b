"""Where a training keeps how far it is, so that one that was stopped goes on from there."""

from __future__ import annotations

from typing import Protocol


class Checkpoint(Protocol):
    """One training's state, as bytes that only the training itself understands.

    It belongs to exactly one network, data, seed and setting: what is read continues that very
    training. Nothing is raised: where the disk does not let it, nothing is kept.
    """

    def read(self) -> bytes | None:
        """Return what was written last, whole; None where there is nothing."""

    def write(self, data: bytes) -> None:
        """Keep this state in place of the one before."""

    def forget(self) -> None:
        """Remove it; the training is over."""
