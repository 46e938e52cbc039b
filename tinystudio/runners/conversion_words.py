"""What is said to and by a conversion's process: JSON, since a pickle of its could run code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from tinystudio.core.child_words import ChildWord, Doing, Refused
from tinystudio.importers.importer import ImportSettings


@dataclass(frozen=True)
class LookAt:
    """Say what this file is; nothing in it is loaded. `data` may tell the shapes of the inputs."""

    path: Path
    settings: ImportSettings
    data: str = ""  # a path, or gallery:TASK


@dataclass(frozen=True)
class Convert:
    """Write this file as ONNX to `output`, if it still is what was looked at."""

    path: Path
    settings: ImportSettings
    looked_hash: str
    output: Path


Request = LookAt | Convert


class Looked(ChildWord):
    """What the file is, and what has to be known or allowed before it is converted."""

    kind: Literal["looked"] = "looked"
    importer: str
    title: str
    help: str
    size_bytes: int
    sha256: str  # of the file
    code_sha256: str = ""  # of all that can run code; empty where nothing can
    code: str = ""  # of the user's module, to be read
    hash: str  # of file and code together
    needs_module: bool = False
    needs_shapes: bool = False
    guessed_shapes: tuple[str, ...] = ()
    guessed_from: Literal["", "data", "model"] = ""


class Converted(ChildWord):
    """The ONNX file is written, whole."""

    kind: Literal["converted"] = "converted"


Word = Annotated[Doing | Looked | Converted | Refused, Field(discriminator="kind")]
WORD: TypeAdapter[Word] = TypeAdapter(Word)
