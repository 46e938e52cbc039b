"""The recipe, and the command and the Python that make the chosen variant again."""

from __future__ import annotations

import json

from tinystudio.reports.html import Content, code, heading, joined, listed, paragraph
from tinystudio.reports.section import Section
from tinystudio.reports.subject import ReportSubject
from tinystudio.session.reproducing import Making, making_of

VARIANT = "variant"  # how the file that is made again is named
NOTHING_TO_MAKE = "The chosen variant is the model as it came: there is nothing to make."


def write(subject: ReportSubject) -> Section:
    """Write the recipe and how to carry it out again."""
    recipe = subject.chosen.variant.recipe
    if not recipe.steps:
        return Section("recipe", "Recipe", paragraph(NOTHING_TO_MAKE))
    where = "Run it in the folder that holds the model and the data; it measures on test as well."
    making = made_by(subject)
    parts: list[Content] = [
        listed(f"{step.part.title}: {step.part.describe(step.params)}" for step in recipe.steps),
        code(json.dumps(recipe.model_dump(mode="json"), indent=2, ensure_ascii=False)),
        heading("Made again from the command line"),
        paragraph(where),
        code(making.command),
        heading("Made again from Python"),
        code(making.python),
        paragraph(making.note),
    ]
    return Section("recipe", "Recipe", joined(parts))


def made_by(subject: ReportSubject) -> Making:
    """Return how the chosen variant is made again, without the folders of this computer."""
    named = {"network": subject.network_argument, "data": subject.data_argument}
    return making_of(subject.chosen.variant.model_copy(update=named), VARIANT)
