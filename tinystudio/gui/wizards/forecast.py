"""How long a recipe takes, as roughly as it is known before it has been run."""

from __future__ import annotations

from tinystudio.gui.wizards.subject import Subject
from tinystudio.jobs.inspection import about_seconds
from tinystudio.jobs.recipe import Recipe

MEASURING_S = 2.0  # of a variant: its accuracy, and its time against that of the original


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
    return subject.seconds_per_variant if making is None else making + MEASURING_S


def takes(recipe: Recipe, subject: Subject) -> str:
    """Return "Takes about 2 min to make and measure.", or nothing where it is not known."""
    if making_seconds(recipe, subject) is None:
        return ""
    seconds = variant_seconds(recipe, subject)
    return "" if seconds is None else f"Takes {about_seconds(seconds)} to make and measure."
