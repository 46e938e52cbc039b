"""Sweeps in a session: which variants were asked for, which is best, and how they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tinystudio.cli.console import Console
from tinystudio.cli.working import Worker
from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Measurement
from tinystudio.jobs.events import VariantFailed
from tinystudio.jobs.job import VariantsJob
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.figure_words import bytes_text, latency_text, ratio_text, score_text
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.sweeps import Vary, expand


def sweep(
    worker: Worker, recipe: Recipe, varied: Sequence[Vary], time: bool = True
) -> tuple[VariantFailed, ...]:
    """Measure what the project does not know of a sweep yet; return what could not be made.

    Raises `UserError` where nothing could.
    """
    session = worker.session
    wanted = variants_of(worker, expand(recipe, varied))
    # What was measured without timing is measured again where times are wanted.
    again = time and any(item.measurement.latency_ms is None for item in wanted)
    session.edit(recipe, "Sweep")
    run = worker.carry_out(session.sweep(varied, again=again, time=time))
    if run.failures and not variants_of(worker, expand(recipe, varied)):
        first = run.failures[0]
        raise UserError(first.title, first.detail, first.hint)
    return run.failures


def variants_of(worker: Worker, recipes: Iterable[Recipe]) -> tuple[ProjectVariant, ...]:
    """Return what the project has of these recipes, without the original."""
    wanted = {recipe.fingerprint for recipe in recipes}
    return tuple(
        item
        for item in worker.session.variants()
        if not item.is_original and item.variant.recipe.fingerprint in wanted
    )


def measure_on_test(worker: Worker, item: ProjectVariant, time: bool) -> Measurement:
    """Return a variant's figures on the test split, measured where the project has none."""
    if not item.has_test:
        made = item.variant
        job = VariantsJob(
            network=made.network,
            data=made.data,
            seed=made.seed,
            recipes=() if item.is_original else (made.recipe,),
            split="test",
            time=time,
            title=f"Measure {item.title} on test",
        )
        worker.carry_out(worker.session.submit(job))
        found = worker.session.variant(item.id)
        if found is None or found.test is None:
            raise UserError(
                f"{item.title} was not measured on the test split",
                "The variant could not be made again.",
                "Run the command again.",
            )
        item = found
    assert item.test is not None  # it was there, or has just been measured
    return item.test


def document_of(item: ProjectVariant) -> dict[str, Any]:
    """Return a variant as JSON shows it; its figures are those of validation."""
    made = item.variant
    return {
        "id": item.id,
        "title": item.title,
        "name": item.mark.name,
        "tags": list(item.mark.tags),
        "note": item.mark.note,
        "starred": item.mark.starred,
        "kept": item.mark.kept,
        "series": made.series,
        "recipe": made.recipe.model_dump(mode="json"),
        "measurement": item.measurement.model_dump(mode="json"),
        "notes": list(made.notes),
    }


def failure_document(failure: VariantFailed) -> dict[str, Any]:
    """Return as JSON why a recipe could not be carried out."""
    return failure.model_dump(mode="json", include={"recipe", "title", "detail", "hint"})


def show_variants(
    items: Sequence[ProjectVariant], front: Sequence[ProjectVariant], console: Console
) -> None:
    """Print one line a variant; a star marks the front."""
    on_front = {item.id for item in front}
    rows = [
        (
            f"{'*' if item.id in on_front else ' '} {item.title}",
            score_text(item.measurement),
            bytes_text(item.measurement.size_bytes),
            bytes_text(item.measurement.download_bytes),
            latency_text(item.measurement.latency_ms),
            ratio_text(item.measurement),
        )
        for item in items
    ]
    heads = ("  variant", "validation", "size", "download", "latency", "latency / original")
    console.table(heads, rows)
    console.say("* on the front: none is smaller and at least as good")
