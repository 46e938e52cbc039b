"""What every downloadable data set is: where its files come from, and how they are read."""

from __future__ import annotations

import csv
import lzma
import struct
import tarfile
import zipfile
import zlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tinystudio.core.data import Dataset
from tinystudio.core.params import Params
from tinystudio.datasets.format import Request
from tinystudio.datasets.judging_setting import with_metric

PREFIX = "download:"

# What the readers of archives and texts are known to raise on damaged files.
_DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error, csv.Error,
    EOFError, OSError, ValueError, KeyError, IndexError, StopIteration,
    RuntimeError,  # encrypted members of a zip; unknown compression
)  # fmt: skip


@dataclass(frozen=True)
class RemoteFile:
    """One file to fetch: its name here, where it is, how large, and what it must hash to.

    `checksum` is "sha256:..." or "md5:..." as it is published; None where none is: the file can
    then not be checked, and what came is noted. `is_exact` False: the size is only about right.
    """

    name: str
    url: str
    size_bytes: int
    checksum: str | None
    is_exact: bool = True

    @property
    def host(self) -> str:
        """Return the name of the computer that it is fetched from."""
        return urlsplit(self.url).hostname or ""


class Download(ABC):
    """Data that cannot ship with the program. A subclass's docstring says what it is.

    The docstring says how the splits are made and what is left out; `params` are the settings it is
    read with, to which the metric is added. No model comes with it:
    users bring their own. Files stay as they came, packed; reading streams through them.
    """

    id: ClassVar[str]  # used as download:ID
    title: ClassVar[str]
    area: ClassVar[str]
    question: ClassVar[str]  # what a network on this data answers, in one sentence
    licence: ClassVar[str]  # its name and who holds the rights
    terms: ClassVar[str]  # in plain words what it asks of the user
    source: ClassVar[str]  # the page of those who made it
    files: ClassVar[tuple[RemoteFile, ...]]
    is_non_commercial: ClassVar[bool] = False
    part_of: ClassVar[str] = ""  # the set of which this is one of several parts
    set_question: ClassVar[str] = ""  # what all parts of that set ask
    params: ClassVar[type[Params]] = Params

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.params = with_metric(cls.params)

    @property
    def help(self) -> str:
        """Return the description."""
        return (type(self).__doc__ or "").strip()

    @property
    def reference(self) -> str:
        """Return what names its data everywhere."""
        return f"{PREFIX}{self.id}"

    @property
    def size_bytes(self) -> int:
        """Return how much is fetched."""
        return sum(file.size_bytes for file in self.files)

    @property
    def is_exact(self) -> bool:
        """Say whether the size is known to the byte."""
        return all(file.is_exact for file in self.files)

    @property
    def unchecked(self) -> tuple[str, ...]:
        """Return the files for which no checksum is published."""
        return tuple(file.name for file in self.files if file.checksum is None)

    def read(self, request: Request) -> Dataset:
        """Read and split the files in the folder `request.path`.

        Raises `UserError` where a file is damaged or not of its true form.
        """
        try:
            return self.dataset(request)
        except _DAMAGE as error:
            reason = str(error).strip().rstrip(".") or type(error).__name__
            reason = reason.replace(f"{request.path}/", "")
            raise request.error(
                f"What was downloaded is damaged, or not of the expected form ({reason}).",
                f"Download it again: tinystudio download {self.id} --again",
            ) from error

    @abstractmethod
    def dataset(self, request: Request) -> Dataset:
        """Read and split; raises `UserError`, or what the reader of a damaged file raises."""

    def path(self, request: Request, number: int = 0) -> Path:
        """Return where the file of that number is."""
        return request.path / self.files[number].name
