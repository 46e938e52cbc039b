"""One thing the user should know, in words: what happened, why, what to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from tinystudio.core.errors import UserError
from tinystudio.gui.number_marks import NO_BREAK

Gravity = Literal["error", "warning", "news"]


@dataclass(frozen=True)
class Way:
    """What a notice offers: to keep what the training of a cancelled job had learned, to go on
    with data as it should be read, to open a model, or to look for what is not there any more, or
    to see a file that was written.
    """

    words: str  # of the button
    job: str = ""
    data: str = ""
    network: str = ""
    lost: str = ""
    file: str = ""


def in_lines(text: str) -> str:
    """Return a text of which no line ends on the way to a menu's entry: "File > Disk use"."""
    return text.replace(" > ", f"{NO_BREAK}>{NO_BREAK}")


@dataclass(frozen=True)
class Notice:
    """A notice never asks for an answer and never stops the work. `way`: a button beside it."""

    title: str
    detail: str = ""
    hint: str = ""
    gravity: Gravity = "error"
    way: Way | None = None
    at: datetime = field(default_factory=datetime.now, compare=False)

    @classmethod
    def of(cls, error: UserError) -> Notice:
        """Return the notice that tells of an error."""
        return cls(error.title, error.detail, error.hint)

    @property
    def text(self) -> str:
        """Return all of it as one text, to be copied or read aloud."""
        return "\n".join(part for part in (self.title, self.detail, self.hint) if part)
