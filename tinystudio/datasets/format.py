"""What every data format is: it recognizes a path and reads it into a `Dataset`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from tinystudio.core.data import Dataset, Wanted
from tinystudio.core.errors import UserError
from tinystudio.core.params import Params
from tinystudio.core.reporter import Reporter, Silent
from tinystudio.datasets.common_settings import with_common
from tinystudio.datasets.judging_setting import with_metric


@dataclass(frozen=True)
class Request:
    """What is to be read, and for whom.

    `settings` are of the format's `params`; what stands at its default there is guessed from the
    data and from what the network wants. `most`: so many files of a class are enough, where the
    format can read a part; None: everything is read.
    """

    path: Path
    seed: int
    settings: Params
    wanted: Wanted = field(default_factory=Wanted)
    reporter: Reporter = field(default_factory=Silent)
    most: int | None = None

    @property
    def title(self) -> str:
        """Return the heading of errors."""
        return f"{self.path.name} was not read as data"

    def error(self, detail: str, hint: str) -> UserError:
        """Return the error of something that is wrong with the data."""
        return UserError(self.title, detail, hint)


class DataFormat(ABC):
    """One kind of data file or folder. A subclass's docstring says what it expects.

    `params` are its settings: typed, each with a default that means "guess"; those of all formats
    (metric, judged output) are added. A data set carries in `settings` what they came out as, so
    that they can be shown, confirmed and changed.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]  # of files; of a folder's files where it reads folders
    is_folder: ClassVar[bool] = False
    has_own_shape: ClassVar[bool] = False  # of samples, whatever a network asks for
    params: ClassVar[type[Params]] = Params

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.params = with_common(with_metric(cls.params))

    @property
    def help(self) -> str:
        """Return what the format expects."""
        return (type(self).__doc__ or "").strip()

    @abstractmethod
    def recognizes(self, path: Path) -> bool:
        """Say whether `path` looks like this format, by its name and those of files in it."""

    def suits(self, path: Path, wanted: Wanted) -> bool:
        """Say whether this is how the network wants it, where other formats know `path` too."""
        return True

    @abstractmethod
    def read(self, request: Request) -> Dataset:
        """Read and split; raises `UserError` that names the file and what is wrong with it.

        Never unpickles: object arrays are refused. Where it takes long it reports progress and
        hears that it should stop.
        """

    def state(self, path: Path) -> Hashable:
        """Return what tells changed data from unchanged; raises `OSError`, `ValueError`."""
        about = path.stat()
        # A file can be replaced by one of its size and with its time of writing kept; only the
        # time of that replacement then tells.
        return (str(path.absolute()), about.st_mtime_ns, about.st_ctime_ns, about.st_size)
