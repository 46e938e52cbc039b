"""A training in rounds, each from a network of its own, under one checkpoint."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from tinystudio.core.checkpoint import Checkpoint

_HEAD = struct.Struct("<QQ")  # the round from 0, and the length of the network


@dataclass(frozen=True)
class Begun:
    """A round that was stopped: its number from 0, and the file of the network it began with."""

    number: int
    network: bytes


def begun(checkpoint: Checkpoint | None) -> Begun | None:
    """Return the round that a checkpoint is of; None where there is nothing."""
    found = _parts(None if checkpoint is None else checkpoint.read())
    return None if found is None else found[0]


class RoundCheckpoint:
    """One round's checkpoint within that of the whole."""

    def __init__(self, whole: Checkpoint, of: Begun) -> None:
        self._whole, self._of = whole, of

    def read(self) -> bytes | None:
        """Return the state of this very round; None where another one was stopped."""
        found = _parts(self._whole.read())
        return found[1] if found is not None and found[0] == self._of else None

    def write(self, data: bytes) -> None:
        """Keep this state, and with it which round it is of."""
        network = self._of.network
        self._whole.write(_HEAD.pack(self._of.number, len(network)) + network + data)

    def forget(self) -> None:
        """Remove it."""
        self._whole.forget()


def _parts(data: bytes | None) -> tuple[Begun, bytes] | None:
    if data is None or len(data) < _HEAD.size:
        return None
    number, length = _HEAD.unpack_from(data)
    network = data[_HEAD.size : _HEAD.size + length]
    return Begun(number, network), data[_HEAD.size + length :]
