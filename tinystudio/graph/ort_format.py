"""onnxruntime's own file format: it can be run and measured, and holds no graph to change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tinystudio.core.files import sha256

_MARK = slice(4, 8)  # where a file in this format says so
_MARKED = b"ORTM"
REFUSED = "It is in onnxruntime's own .ort format, which can be measured but not changed."
REMEDY = (
    "Open the .onnx file that it was made from. `tinystudio profile` and `tinystudio evaluate` "
    "measure this one."
)


@dataclass(frozen=True)
class OrtFile:
    """The bytes of such a file; a `Network` has the same two properties."""

    data: bytes

    @cached_property
    def fingerprint(self) -> str:
        """Return the SHA-256 of `data`."""
        return sha256(self.data)


def is_ort(data: bytes) -> bool:
    """Say whether a file that begins with these bytes is in onnxruntime's own format."""
    return data[_MARK] == _MARKED


def is_ort_file(path: Path) -> bool:
    """Say whether there is such a file at `path`."""
    try:
        with path.open("rb") as file:
            return is_ort(file.read(_MARK.stop))
    except OSError:
        return False
