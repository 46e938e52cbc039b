"""Which model files were opened here before, by their content: those need no second trial."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import onnx

import tinystudio
from tinystudio.core.errors import UserError
from tinystudio.core.files import write_whole

KEPT = 2000  # files, the newest; each is a line
_FILE = "opened.json"

DataFiles = Mapping[str, str]  # the hash of each file beside the model that holds weights of it


class OpenedBefore:
    """A file in the cache folder. One that cannot be read or written is as good as none.

    It holds for this version of the program and of the library that reads the files.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE
        self._opened: dict[str, dict[str, str]] = {}
        self._allowed: dict[str, float] = {}
        try:
            kept = json.loads(self._path.read_bytes())
            self._opened = {
                str(key): {str(name): str(digest) for name, digest in files.items()}
                for key, files in kept["opened"].items()
            }
            self._allowed = {str(key): float(value) for key, value in kept["allowed"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self._opened, self._allowed = {}, {}

    def data_files(self, sha256: str) -> DataFiles | None:
        """Return what lay beside the model of this content when it was opened; None: it was not."""
        return self._opened.get(_key(sha256))

    def note(self, sha256: str, beside: DataFiles) -> None:
        """Remember that the model of this content was opened, with these files beside it."""
        key = _key(sha256)
        if self._opened.get(key) != beside:
            others = {item: files for item, files in self._opened.items() if item != key}
            self._opened = dict([*others.items(), (key, dict(beside))][-KEPT:])
            self._allowed.pop(key, None)
            self._write()

    def allowed_s(self, sha256: str) -> float | None:
        """Return how long it may take the next time; None where nothing was said of it."""
        return self._allowed.get(_key(sha256))

    def allow(self, sha256: str, seconds: float) -> None:
        """Give a model whose time ran out so long the next time that it is opened."""
        others = {item: value for item, value in self._allowed.items() if item != _key(sha256)}
        self._allowed = dict([*others.items(), (_key(sha256), seconds)][-KEPT:])
        self._write()

    def _write(self) -> None:
        text = json.dumps({"opened": self._opened, "allowed": self._allowed})
        try:
            write_whole(self._path, text.encode(), durable=False)
        except UserError:
            return  # a trial more


def _key(sha256: str) -> str:
    said = f"{tinystudio.__version__} {onnx.__version__} {sha256}"
    return hashlib.sha256(said.encode()).hexdigest()[:40]
