"""What a comparison offers in one click where it is not held against the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinystudio.gui.texts import tr
from tinystudio.jobs.comparison import MOST
from tinystudio.session.baseline import baseline_words
from tinystudio.session.marks import ProjectVariant

LONGEST_NAME = 24  # letters of a name on a button; the whole one is in its tooltip
ADD = "Compare them again with the baseline, {name}, beside them: differences are then against it."
AGAINST = "Compare the same variants again, with differences against the baseline, {name}."
FULL = "The baseline is {name}. At most four can be compared: choose three and it beside them."


@dataclass(frozen=True)
class BaselineOffer:
    """A button's text and help; `variants` are compared then. Without any it cannot be pressed.

    Without a text there is nothing to offer.
    """

    text: str = ""
    tip: str = ""
    variants: tuple[str, ...] = ()


def baseline_offer(compared: Sequence[str], baseline: ProjectVariant | None) -> BaselineOffer:
    """Return what is offered where the variants with these ids are compared, the first as base."""
    if baseline is None or not compared or compared[0] == baseline.id:
        return BaselineOffer()
    name = baseline_words(baseline)
    short = name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…”"
    if baseline.id in compared:
        text = tr("Against {name}").format(name=short)
        return BaselineOffer(text, tr(AGAINST).format(name=name), tuple(compared))
    text = tr("Add {name}").format(name=short)
    if len(compared) >= MOST:
        return BaselineOffer(text, tr(FULL).format(name=name))
    return BaselineOffer(text, tr(ADD).format(name=name), (baseline.id, *compared))
