"""Reads data frames from R's .rda files: numbers, factors and names, nothing that could run.

The format is R's serialization in XDR, described in "R Internals", section 1.8.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tinystudio.core.data import Array


@dataclass
class Vector:
    """Numbers, texts or other vectors, with R's attributes such as names and levels."""

    items: Array | list[object]
    attributes: dict[str, object] = field(default_factory=dict)


def read_frame(data: bytes, name: str) -> dict[str, Array]:
    """Return the columns of the data frame `name`; a factor's are its codes, from 0."""
    content = _unpacked(data)
    if content[:4] != b"RDX2" and content[:4] != b"RDX3":
        raise ValueError("not an R data file in XDR")
    frame = _Reader(content).read_all()[name]
    names = frame.attributes["names"]
    if not isinstance(names, Vector):
        raise ValueError(f"{name} is not a data frame")
    return {
        str(title): _column(column) for title, column in zip(names.items, frame.items, strict=True)
    }


def _column(column: object) -> Array:
    if not isinstance(column, Vector):
        raise ValueError("a column is not a vector")
    numbers = np.asarray(column.items)
    return numbers - 1 if "levels" in column.attributes else numbers


def _unpacked(data: bytes) -> bytes:
    openers: dict[bytes, Callable[[bytes], bytes]] = {
        b"\xfd7zXZ": lzma.decompress,
        b"BZh": bz2.decompress,
        b"\x1f\x8b": gzip.decompress,
    }
    for magic, decompress in openers.items():
        if data.startswith(magic):
            return decompress(data)
    return data


class _Reader:
    """Walks once over a serialized value."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 7  # "RDX2\n" and "X\n"
        self._symbols: list[str] = []
        version, _, _ = self._integers(3)
        if version == 3:
            self._take(self._integers(1)[0])  # the writer's encoding

    def read_all(self) -> dict[str, Vector]:
        """Return everything that was saved, by name."""
        saved = self._value()
        if not isinstance(saved, dict):
            raise ValueError("an R data file holds a list of names and values")
        return {name: value for name, value in saved.items() if isinstance(value, Vector)}

    def _value(self) -> object:
        (flags,) = self._integers(1)
        kind, has_attributes, has_tag = flags & 255, bool(flags & 512), bool(flags & 1024)
        if kind in (254, 242):  # nothing; the global environment
            return None
        if kind == 255:
            return self._symbols[(flags >> 8) - 1]
        if kind == 1:
            self._symbols.append(str(self._value()))
            return self._symbols[-1]
        if kind == 9:
            (length,) = self._integers(1)
            return None if length < 0 else self._take(length).decode("latin-1")
        if kind == 2:
            return self._pairs(has_attributes, has_tag)
        return self._vector(kind, has_attributes)

    def _pairs(self, has_attributes: bool, has_tag: bool) -> dict[str, object]:
        if has_attributes:
            self._value()
        name = str(self._value()) if has_tag else ""
        pairs = {name: self._value()}
        rest = self._value()
        return pairs | rest if isinstance(rest, dict) else pairs

    def _vector(self, kind: int, has_attributes: bool) -> Vector:
        (length,) = self._integers(1)
        items: Array | list[object]
        if kind in (10, 13):
            items = np.frombuffer(self._take(4 * length), ">i4").astype(np.int64)
        elif kind == 14:
            items = np.frombuffer(self._take(8 * length), ">f8").astype(np.float64)
        elif kind in (16, 19):
            items = [self._value() for _ in range(length)]
        else:
            raise ValueError(f"R's type {kind} is not read here")
        attributes = self._value() if has_attributes else None
        return Vector(items, attributes if isinstance(attributes, dict) else {})

    def _integers(self, count: int) -> tuple[int, ...]:
        return struct.unpack(f">{count}i", self._take(4 * count))

    def _take(self, count: int) -> bytes:
        self._at += count
        return self._data[self._at - count : self._at]
