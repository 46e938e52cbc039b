"""What kind of file something is, by its first bytes and its names; nothing is unpacked or run."""

from __future__ import annotations

import pickletools
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["zip", "pickle", "safetensors", "folder", "other"]

PICKLE_SUFFIXES = (".pt", ".pth", ".pkl", ".pickle")  # nothing else is called so
FOLDER_MARK = "config.json"  # what a folder with a model in it holds, beside its weights
WEIGHTS_SUFFIX = ".safetensors"
LARGEST_OLD_PICKLE = 2**16  # bytes that are looked through, in less than a blink
_HEAD = 16
_NEWEST_PROTOCOL = 5


@dataclass(frozen=True)
class Peek:
    """`names` are what an archive holds; torch puts all of it into one folder."""

    kind: Kind
    suffix: str  # in small letters
    names: tuple[str, ...] = ()

    def holds(self, name: str) -> bool:
        """Say whether the archive has this member, in its folder or outside of any."""
        return any(item == name or item.partition("/")[2] == name for item in self.names)


def kind_of_file(path: Path) -> Kind:
    """Read a few bytes and say what they begin; raises `OSError`."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
            return "zip"
        if head[:1] == b"\x80" and 2 <= int.from_bytes(head[1:2]) <= _NEWEST_PROTOCOL:
            return "pickle"
        if head[8:9] == b"{":  # after the length of the header
            return "safetensors"
        # A network begins with the field of its version.
        rest = b"" if head[:1] == b"\x08" else file.read(LARGEST_OLD_PICKLE)
    is_old = _is_old_pickle(head + rest)
    return "pickle" if is_old or path.suffix.lower() in PICKLE_SUFFIXES else "other"


def peek(path: Path) -> Peek:
    """Look at a file and, where it is an archive, at its table of contents.

    Of a folder the names in it. Raises `OSError`, and `zipfile.BadZipFile` for an archive without
    a table.
    """
    if path.is_dir():
        return Peek("folder", "", tuple(sorted(item.name for item in path.iterdir())))
    kind = kind_of_file(path)
    names: tuple[str, ...] = ()
    if kind == "zip":
        with zipfile.ZipFile(path) as archive:
            names = tuple(archive.namelist())
    return Peek(kind, path.suffix.lower(), names)


def is_model_folder(path: Path) -> bool:
    """Say whether a folder holds a model's description and, beside it, its weights."""
    try:
        return (path / FOLDER_MARK).is_file() and any(path.glob(f"*{WEIGHTS_SUFFIX}"))
    except (OSError, ValueError):
        return False


def _is_old_pickle(data: bytes) -> bool:
    """Say whether `data` is a pickle from before pickles said so in their first byte."""
    try:
        codes = [code.name for code, _, _ in pickletools.genops(data)]
    except (ValueError, IndexError, UnicodeDecodeError, OverflowError):
        return False
    return len(codes) > 1 and codes[-1] == "STOP"
