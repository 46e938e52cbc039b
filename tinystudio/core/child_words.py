"""What every process that reads a foreign file says: what it does, and why it gave up."""

from __future__ import annotations

import traceback
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tinystudio.core.errors import UserError

MOST_LETTERS = 500  # of a message that nobody has written for people


class ChildWord(BaseModel):
    """JSON on its way, since a pickle of such a process could run code."""

    model_config = ConfigDict(frozen=True)


class Doing(ChildWord):
    """What is being done just now; `share` of the whole is done."""

    kind: Literal["doing"] = "doing"
    text: str
    share: float = 0.0


class Refused(ChildWord):
    """It was not read: what, why, and what to do."""

    kind: Literal["refused"] = "refused"
    title: str
    detail: str
    hint: str

    @classmethod
    def of(cls, error: Exception, title: str) -> Refused:
        """Say what went wrong; what nobody foresaw goes to the log as well."""
        if isinstance(error, UserError):
            return cls(title=error.title, detail=error.detail, hint=error.hint)
        if isinstance(error, MemoryError):
            detail = "Reading it needs more memory than it may take."
            return cls(title=title, detail=detail, hint="Choose a smaller model.")
        traceback.print_exception(error)
        detail = f"Reading it failed: {type(error).__name__}: {error}"[:MOST_LETTERS]
        hint = "Export the model again; the log has more (Help, Show the log)."
        return cls(title=title, detail=detail, hint=hint)
