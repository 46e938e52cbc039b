"""What is said under a choice: what it does, what the model does not allow, how long it takes."""

from __future__ import annotations

from collections.abc import Iterable

from tinystudio.gui import wording
from tinystudio.jobs.inspection import PreflightInfo

CANNOT, PARTLY = "Not for this model", "In part"


def note(means: str, known: Iterable[PreflightInfo], takes: str, lacks: str = "") -> str:
    """Return what a choice means, then its limits or why it cannot be had, then what it takes.

    `lacks` says, as it stands after a colon, what the model is missing for it altogether.
    """
    if lacks:
        return f"{means} {CANNOT}: {lacks}"
    said = {item.status: item for item in reversed(tuple(known))}
    if (refused := said.get("cannot")) is not None:
        return f"{means} {_limit(CANNOT, refused)}"
    parts = [means, _limit(PARTLY, said["partly"]) if "partly" in said else "", takes]
    return " ".join(filter(None, parts))


def _limit(word: str, known: PreflightInfo) -> str:
    return f"{word}: {wording.after_colon(known.reason)} {known.remedy}".strip()
