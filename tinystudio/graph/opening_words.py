"""What the process says in which a file is opened for the first time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from tinystudio.core.child_words import ChildWord, Doing, Refused


class Holds(ChildWord):
    """The bytes of the network, its data files included: by them it is given time and memory."""

    kind: Literal["holds"] = "holds"
    size_bytes: int


class Opened(ChildWord):
    """It can be opened; `beside` are the files that hold weights of it, as the model names them."""

    kind: Literal["opened"] = "opened"
    beside: tuple[str, ...] = ()


OpeningWord = Annotated[Doing | Holds | Opened | Refused, Field(discriminator="kind")]
OPENING_WORD: TypeAdapter[OpeningWord] = TypeAdapter(OpeningWord)
