"""What every kind of foreign model file is: recognized by its content, and turned into ONNX."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import ClassVar, Literal, get_args

from tinystudio.core.errors import UserError
from tinystudio.core.peeking import Peek

InputType = Literal["float32", "float64", "float16", "int64", "int32", "uint8", "bool"]
INPUT_TYPES: tuple[str, ...] = get_args(InputType)
LARGEST_INPUT = 2**26  # numbers in one example; a photograph has a tenth of that
MOST_AXES = 8
SHAPE_HINT = "Give the sizes of one sample with the batch in front, such as 1,3,32,32."

Say = Callable[[str], None]


@dataclass(frozen=True)
class InputShape:
    """The sizes of one input, the batch in front, and the type of its numbers."""

    sizes: tuple[int, ...]
    dtype: InputType = "float32"

    def __str__(self) -> str:
        sizes = ",".join(map(str, self.sizes))
        return sizes if self.dtype == "float32" else f"{sizes}:{self.dtype}"

    @classmethod
    def parse(cls, text: str) -> InputShape:
        """Read `1,3,32,32` or `1,7:int64`; raises `UserError`."""
        numbers, _, dtype = text.partition(":")
        title = f"The input shape {text!r} was not understood"
        words = [word.strip() for word in re.split("[,x×]", numbers)]
        if not all(word.isascii() and word.isdigit() and int(word) > 0 for word in words):
            raise UserError(title, "Sizes are whole numbers above 0.", SHAPE_HINT)
        sizes = tuple(int(word) for word in words)
        if len(sizes) > MOST_AXES or prod(sizes) > LARGEST_INPUT:
            detail = f"It has more than {MOST_AXES} sizes or {LARGEST_INPUT:,} numbers."
            raise UserError(title, detail, SHAPE_HINT)
        found = next((item for item in get_args(InputType) if item == (dtype or "float32")), None)
        if found is None:
            raise UserError(
                title, f"There is no type {dtype!r}.", f"Choose of {', '.join(INPUT_TYPES)}."
            )
        return cls(sizes, found)


@dataclass(frozen=True)
class ImportSettings:
    """What a user says about a foreign file: the module it belongs to, its inputs' shapes."""

    module: str = ""  # file.py:factory
    shapes: tuple[InputShape, ...] = ()


@dataclass(frozen=True)
class Source:
    """A foreign file as it is read: the very bytes whose hash was trusted, never read twice."""

    path: Path
    data: bytes
    settings: ImportSettings
    module_source: bytes = b""
    files: Mapping[str, bytes] = field(default_factory=dict)  # of a folder, by name

    @property
    def title(self) -> str:
        """Return what errors about it begin with."""
        return f"{self.path.name} was not opened"


class Importer(ABC):
    """One kind of file. A subclass's docstring says what it is, to the user who opens it.

    `convert` is called in a process of its own, and where the file or its module `runs_code`
    only after the user has said to trust it.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    runs_code: ClassVar[bool] = False
    needs_module: ClassVar[bool] = False
    needs_shapes: ClassVar[bool] = False
    members: ClassVar[tuple[str, ...]] = ()  # patterns of names; of a folder no other file is read

    @property
    def help(self) -> str:
        """Return what such a file is."""
        return " ".join((type(self).__doc__ or "").split())

    @abstractmethod
    def recognizes(self, peek: Peek) -> bool:
        """Say whether this is such a file."""

    def refusal(self, path: Path, settings: ImportSettings) -> tuple[str, str] | None:
        """Return why it is never opened and what to do instead, or None."""
        return None

    def guess(self, source: Source) -> tuple[str, ...]:
        """Return the shapes of its inputs where the file itself tells them; raises `UserError`."""
        return ()

    @abstractmethod
    def convert(self, source: Source, say: Say) -> bytes:
        """Return the model as ONNX; raises `UserError`. `say` tells what is being done."""
