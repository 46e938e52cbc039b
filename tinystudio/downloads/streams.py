"""Reads archives in passing: never unpacked to the disk, never more than a member in memory.

Members are never written anywhere, so that a name such as ../../x cannot lead out of a folder.
"""

from __future__ import annotations

import gzip
import json
import lzma
import shutil
import struct
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.reporter import Part, Reporter

MEMBER_LIMIT = 2**28  # bytes of one member that is read whole
INNER_LIMIT = 2**30  # bytes of a zip within a zip
RATIO_LIMIT = 100  # unpacked bytes per packed byte: sensor texts reach 10, bombs 1,000
CHUNK_BYTES = 2**20
IDX_UBYTE = 8  # the code of unsigned bytes in the IDX format
LISTING_SHARE = 0.2  # of the work that unpacking alone takes, where samples are made after it
MOST_ELEMENT = 2**24  # characters of one element of a JSON array


def listed(path: Path, reporter: Reporter, text: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the files of a tar in a first walk, the shorter share of the work."""
    return tar_members(path, Part(reporter, 0, LISTING_SHARE), text)


def made(path: Path, reporter: Reporter, text: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the files of a tar in a second walk, in which samples are made of them."""
    return tar_members(path, Part(reporter, LISTING_SHARE, 1), text)


def tar_members(path: Path, reporter: Reporter, text: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Yield every file of a tar (gz, xz) with its name, in order; read it before the next.

    Raises `ValueError` where it unpacks to more than such data ever does, and what gzip and lzma
    raise where it is damaged or cut short.
    """
    packed, unpacked = path.stat().st_size, 0
    limit = packed * RATIO_LIMIT + MEMBER_LIMIT
    opened = lzma.open if path.suffix == ".xz" else gzip.open
    with (
        path.open("rb") as file,
        opened(file) as plain,
        tarfile.open(fileobj=plain, mode="r|") as archive,
    ):
        for member in archive:
            reporter.check()
            reporter.progress(min(file.tell(), packed), packed, text)
            unpacked += member.size
            if unpacked > limit:
                raise ValueError(f"{path.name} unpacks to more than {limit / 1e9:.1f} GB")
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                yield member.name.removeprefix("./"), content
            # tarfile would keep what it knows of 100,000 files; the stubs do not know the list.
            archive.members.clear()  # type: ignore[attr-defined]
        # tarfile takes what is cut short for the end; unpacking to the end finds it out.
        while plain.read(CHUNK_BYTES):
            reporter.check()


def whole(file: IO[bytes], name: str) -> bytes:
    """Return all that a member holds; raises `ValueError` where that is too much."""
    data = file.read(MEMBER_LIMIT + 1)
    if len(data) > MEMBER_LIMIT:
        raise ValueError(f"{name} is larger than {MEMBER_LIMIT / 1e6:.0f} MB")
    return data


def zip_bytes(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return all that a member of a zip holds; raises `ValueError`, `KeyError`."""
    with archive.open(name) as file:
        return whole(file, name)


def zip_ending(archive: zipfile.ZipFile, ending: str) -> str:
    """Return the name of the one member that ends so; raises `KeyError`."""
    found = [name for name in archive.namelist() if name.endswith(ending)]
    if not found:
        raise KeyError(f"there is no {ending} in it")
    return min(found, key=len)


@contextmanager
def inner_zip(path: Path, ending: str) -> Iterator[zipfile.ZipFile]:
    """Open the zip that a zip holds, or the zip itself where it holds none."""
    with zipfile.ZipFile(path) as outer:
        names = [name for name in outer.namelist() if name.endswith(ending)]
        if not names:
            yield outer
            return
        # A zip is read from its end: the inner one needs a file in which one can jump.
        with tempfile.TemporaryFile() as beside, outer.open(names[0]) as packed:
            if outer.getinfo(names[0]).file_size > INNER_LIMIT:
                raise ValueError(f"{names[0]} is larger than {INNER_LIMIT / 1e9:.0f} GB")
            shutil.copyfileobj(packed, beside, CHUNK_BYTES)
            with zipfile.ZipFile(beside) as inner:
                yield inner


def read_idx(path: Path) -> Array:
    """Return the bytes of a gzipped IDX file as they are shaped there; raises `ValueError`.

    IDX: two zeros, the type, the number of axes, each axis as 4 bytes (big-endian), the numbers.
    """
    with gzip.open(path) as file:
        zeros, kind, axes = struct.unpack(">HBB", file.read(4))
        if zeros != 0 or kind != IDX_UBYTE or not 1 <= axes <= 3:
            raise ValueError(f"{path.name} is no IDX file of bytes")
        shape = struct.unpack(f">{axes}I", file.read(4 * axes))
        count = int(np.prod(shape, dtype=np.float64))
        if count > MEMBER_LIMIT:
            raise ValueError(f"{path.name} says it holds {count:,} numbers")
        data = file.read(count + 1)
    if len(data) != count:
        raise ValueError(f"{path.name} is not as long as it says")
    return np.frombuffer(data, np.uint8).reshape(shape)


def json_elements(file: IO[bytes], names: set[str]) -> Iterator[tuple[str, Any]]:
    """Yield every element of those arrays that stand at the top of a JSON object, one at a time.

    What is not named is passed over. Raises `ValueError` where it is no such JSON.
    """
    text = _Text(file)
    text.expect("{")
    while not text.passes("}"):
        key = text.value()
        text.expect(":")
        if text.passes("["):
            while not text.passes("]"):
                element = text.value()
                if key in names:
                    yield key, element
                text.passes(",")
        else:
            text.value()
        text.passes(",")


class _Text:
    """JSON text that is read as it is needed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._held, self._at = file, "", 0
        self._decoder = json.JSONDecoder()

    def passes(self, mark: str) -> bool:
        """Step over a mark, where it is next."""
        self._skip()
        if not self._held.startswith(mark, self._at):
            return False
        self._at += 1
        return True

    def expect(self, mark: str) -> None:
        """Step over a mark; raises `ValueError` where something else is next."""
        if not self.passes(mark):
            raise ValueError(f"a {mark} is missing in the JSON text")

    def value(self) -> Any:
        """Return the next value and step over it."""
        self._skip()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._held, self._at)
            except ValueError:
                if len(self._held) - self._at > MOST_ELEMENT or not self._read():
                    raise
                continue
            # A number that ends where the text ends may go on.
            if end == len(self._held) and self._read():
                continue
            self._at = end
            return value

    def _skip(self) -> None:
        while True:
            while self._at < len(self._held) and self._held[self._at].isspace():
                self._at += 1
            if self._at < len(self._held) or not self._read():
                return

    def _read(self) -> bool:
        more = self._file.read(CHUNK_BYTES)
        # COCO's annotations are ASCII; bytes beyond would only be in texts that are not used.
        self._held, self._at = self._held[self._at :] + more.decode("latin-1"), 0
        return bool(more)
