"""How long a recipe takes, as roughly as it is known before it has been run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tinystudio.gui.wizards.subject import Subject
from tinystudio.jobs.inspection import about_seconds
from tinystudio.jobs.recipe import Recipe
from tinystudio.jobs.variant import Variant

# Of a variant, where none was measured here: its accuracy, and its time against the original's in
# a fresh process.
MEASURING_S = 4.0
NEWEST = 50  # variants that tell what measuring takes


def making_seconds(recipe: Recipe, subject: Subject) -> float | None:
    """Return what the steps take, by what was seen of this model; None where that is unknown."""
    if subject.inspection is None or subject.inspection.data is None:
        return None
    data = subject.inspection.data
    known = {item.technique: item.seconds_per_pass for item in subject.inspection.preflight}
    parts = [
        step.part.passes(step.params, data.train, data.calibration) * per_pass
        for step in recipe.steps
        if (per_pass := known.get(step.technique)) is not None
    ]
    return sum(parts) if len(parts) == len(recipe.steps) else None


def variant_seconds(recipe: Recipe, subject: Subject) -> float | None:
    """Return what making and measuring one variant takes: by its techniques, or as those did that
    were made.
    """
    making = making_seconds(recipe, subject)
    if making is None:
        return subject.seconds_per_variant
    return making + (MEASURING_S if subject.measuring_s is None else subject.measuring_s)


def with_measuring(subject: Subject, variants: Sequence[Variant]) -> Subject:
    """Return the subject with what measuring took on average: what variants took beyond making.

    Small differences that were timed again, four times as long, are in it at their share.
    """
    made = [item for item in variants if item.recipe.steps and item.seconds > 0][-NEWEST:]
    spent = [
        max(0.0, item.seconds - making)
        for item in made
        if (making := making_seconds(item.recipe, subject)) is not None
    ]
    return replace(subject, measuring_s=sum(spent) / len(spent)) if spent else subject


def takes(recipe: Recipe, subject: Subject) -> str:
    """Return "Takes about 2 min to make and measure.", or nothing where it is not known."""
    if making_seconds(recipe, subject) is None:
        return ""
    seconds = variant_seconds(recipe, subject)
    return "" if seconds is None else f"Takes {about_seconds(seconds)} to make and measure."
