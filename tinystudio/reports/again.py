"""The recipe, and the command and the Python that make the chosen variant again."""

from __future__ import annotations

import json
import shlex

from tinystudio.jobs.recipe import Recipe
from tinystudio.reports.html import Content, code, heading, joined, listed, paragraph
from tinystudio.reports.section import Section
from tinystudio.reports.subject import ReportSubject
from tinystudio.session.command_line import compress_command

OUTPUT = "variant.onnx"
NOTHING_TO_MAKE = "The chosen variant is the model as it came: there is nothing to make."


def write(subject: ReportSubject) -> Section:
    """Write the recipe and how to carry it out again."""
    recipe = subject.chosen.variant.recipe
    if not recipe.steps:
        return Section("recipe", "Recipe", paragraph(NOTHING_TO_MAKE))
    where = "Run it in the folder that holds the model and the data; it measures on test as well."
    parts: list[Content] = [
        listed(f"{step.part.title}: {step.part.describe(step.params)}" for step in recipe.steps),
        code(json.dumps(recipe.model_dump(mode="json"), indent=2, ensure_ascii=False)),
        heading("Made again from the command line"),
        paragraph(where),
        code(command(subject, recipe)),
        heading("Made again from Python"),
        code(python(subject, recipe)),
    ]
    return Section("recipe", "Recipe", joined(parts))


def command(subject: ReportSubject, recipe: Recipe) -> str:
    """Return the line that makes the variant again."""
    line = compress_command(subject.network_argument, subject.data_argument, recipe, OUTPUT)
    return f"{line} --seed {shlex.quote(str(subject.seed))}" if subject.seed else line


def python(subject: ReportSubject, recipe: Recipe) -> str:
    """Return the program that makes the variant again and says what it measures."""
    steps = json.dumps(recipe.model_dump(mode="json"), ensure_ascii=False)
    return f"""\
from pathlib import Path

from tinystudio.jobs.events import VariantReady
from tinystudio.jobs.job import VariantsJob
from tinystudio.jobs.recipe import recipe_from_json
from tinystudio.runners.inline import InlineRunner

if __name__ == "__main__":  # timing starts a process of its own, which reads this file again
    recipe = recipe_from_json({steps!r}, "recipe")
    job = VariantsJob(
        network={subject.network_argument!r},
        data={subject.data_argument!r},
        seed={subject.seed},
        recipes=(recipe,),
        split="test",
    )
    runner = InlineRunner(Path("artifacts"))
    runner.send(job)
    for event in runner.finish():
        if isinstance(event, VariantReady) and event.variant.recipe == recipe:
            assert event.variant.artifact  # files are kept unless asked otherwise
            print(event.variant.recipe.title, event.variant.measurement.score)
            print(event.variant.artifact.path)
"""
