"""What every data format is: it recognizes a path and reads it into a `Dataset`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from tinystudio.core.data import Dataset


class DataFormat(ABC):
    """One kind of data file or folder. A subclass's docstring says what it expects."""

    id: ClassVar[str]
    title: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]

    @property
    def help(self) -> str:
        """Return what the format expects."""
        return (type(self).__doc__ or "").strip()

    @abstractmethod
    def recognizes(self, path: Path) -> bool:
        """Say whether `path` looks like this format (by name; nothing is read)."""

    @abstractmethod
    def read(self, path: Path, seed: int) -> Dataset:
        """Read and split; raises `UserError` that names the file and what is wrong with it.

        Never unpickles: object arrays are refused.
        """
