"""In which order samples are walked through: a new one in every epoch, by seed."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


class Order:
    """Gives out positions (batch,) without end; what does not fill a batch is left out."""

    def __init__(self, positions: Tensor, batch: int, seed: int) -> None:
        self._positions, self._batch = positions, batch
        self._random = torch.Generator().manual_seed(seed)
        self._epoch = positions[:0]
        self._at = 0

    def next(self) -> Tensor:
        """Return the next batch's positions."""
        if self._at + self._batch > len(self._epoch):
            order = torch.randperm(len(self._positions), generator=self._random)
            self._epoch, self._at = self._positions[order], 0
        self._at += self._batch
        return self._epoch[self._at - self._batch : self._at]

    def state(self) -> dict[str, Any]:
        """Return where it stands."""
        return {"random": self._random.get_state(), "epoch": self._epoch, "at": self._at}

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from where another one stood."""
        self._random.set_state(state["random"])
        self._epoch, self._at = state["epoch"], state["at"]
