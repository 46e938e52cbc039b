"""What a training has made, kept on the disk: the next session need not train it again.

Only a cache: what cannot be read is made anew. Files are named by network, data, seed, recipe and
this program's version; the least recently used go first.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from onnx import ModelProto

import tinystudio
from tinystudio.core.errors import UserError
from tinystudio.core.files import write_whole
from tinystudio.graph.network import Network

LIMIT_BYTES = 2**30
LARGEST = 2**28  # of one network: larger ones are only held in memory
_FORMAT = 5  # also counts up where a training of this version makes other weights
_UNREADABLE = (OSError, ValueError, KeyError, TypeError)


@dataclass(frozen=True)
class Made:
    """What a recipe made of a network, and what its techniques had to say."""

    network: Network
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class KeptMakings:
    """A folder of made networks (`.onnx`) and of what their techniques said (`.json`)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, key: Hashable) -> Made | None:
        """Return what was kept under `key`."""
        path = self._path(key)
        try:
            said = json.loads(path.with_suffix(".json").read_text())
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() != said["sha256"]:
                return None
            with contextlib.suppress(OSError):  # a folder that can only be read is of use as well
                path.touch()
            notes, warnings = tuple(said["notes"]), tuple(said["warnings"])
        except _UNREADABLE:
            return None
        return Made(Network(ModelProto.FromString(data)), notes, warnings)

    def keep(self, key: Hashable, made: Made) -> None:
        """Keep `made`; where the disk does not let it, it is simply not kept."""
        data = made.network.data
        if len(data) > LARGEST:
            return
        path = self._path(key)
        said = {
            "sha256": hashlib.sha256(data).hexdigest(),
            "notes": made.notes, "warnings": made.warnings,
        }  # fmt: skip
        with contextlib.suppress(UserError):
            write_whole(path, data, durable=False)
            write_whole(path.with_suffix(".json"), json.dumps(said).encode(), durable=False)
            self._tidy()

    def _tidy(self) -> None:
        with contextlib.suppress(OSError):
            files = [(file.stat(), file) for file in self._folder.glob("*.onnx")]
            held = sum(about.st_size for about, _ in files)
            for about, file in sorted(files, key=lambda item: item[0].st_mtime):
                if held <= LIMIT_BYTES:
                    return
                held -= about.st_size
                file.unlink(missing_ok=True)
                file.with_suffix(".json").unlink(missing_ok=True)

    def _path(self, key: Hashable) -> Path:
        text = f"{_FORMAT} {tinystudio.__version__} {key!r}"
        return self._folder / f"{hashlib.sha256(text.encode()).hexdigest()[:24]}.onnx"
