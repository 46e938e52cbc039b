"""`tinystudio explore`: the layer database, the predicted front, and some of it measured."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinystudio.cli.arguments import add_data, data_of, lasting, not_negative, seed
from tinystudio.cli.choosing import add_goals, best_document, goals_of, or_usual
from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.importing import add_model, opened
from tinystudio.cli.moved import look_for_project
from tinystudio.cli.sweeping import document_of, variants_of
from tinystudio.cli.working import Worker, session_in
from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Measurement
from tinystudio.explorer.database import FrontPoint
from tinystudio.jobs.job import InspectJob, VariantsJob
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.baseline import as_against
from tinystudio.session.figure_words import bytes_text, latency_text, score_text
from tinystudio.session.front import Limits
from tinystudio.session.goals import Goal
from tinystudio.session.marks import ProjectVariant

TITLE = "The model was not explored"
WITHIN = ("size_bytes", "latency_ms")  # goals that a search keeps to


class Explore(Command):
    """Predict the whole front of a model, and measure some of it.

    Builds the layer database (every layer at every width and precision), kept in the cache: a
    second run takes a second. The front is predicted; `--measure` of its points are then made,
    measured on validation and kept in the project, those first that are expected to keep to the
    goals. The best of them is measured on the test split. Example:
      tinystudio explore gallery:watch --data gallery:watch --project watch.tinystudio
    """

    name = "explore"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_model(parser)
        add_data(parser)
        parser.add_argument("--project", required=True, metavar="DIR", help="where to keep it all")
        parser.add_argument(
            "--measure", type=not_negative, default=8, metavar="N",
            help="how many points of the front are measured (default 8)",
        )  # fmt: skip
        parser.add_argument(
            "--time", type=float, default=0.0, metavar="SECONDS",
            help="search on for so long: measure choices, and train some; inside the goals on "
            "size_bytes and latency_ms where there are any (default 0)",
        )  # fmt: skip
        add_goals(parser)
        parser.add_argument("--seed", type=seed, default=0, help="default 0")

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        goals = goals_of(args, TITLE)
        # A model or data that cannot be opened must not leave a project behind.
        data = data_of(args)
        model = lasting(opened(args.model, args, console, data))
        look = InspectJob(network=model, data=data, seed=args.seed)
        look_for_project(Path(args.project), look, console)
        with session_in(Path(args.project), console) as worker:
            worker.session.open_network(model, data, args.seed, not args.no_time)
            within = Limits(**{goal.figure: goal.limit for goal in goals if goal.figure in WITHIN})
            worker.session.explore(not args.no_time, args.time, within)
            worker.finish()
            return _document(worker, goals, args, console)


def _document(
    worker: Worker, goals: Sequence[Goal], args: argparse.Namespace, console: Console
) -> dict[str, Any]:
    session = worker.session
    database, original = session.exploration.database, session.original
    if database is None or original is None:
        raise UserError(TITLE, "The layer database could not be read.", "Run it again.")
    front = session.exploration.front(original.measurement)
    recipes = [session.exploration.recipe_of_point(point) for point, _ in front]
    goals = or_usual(goals, worker)
    likely = tuple((point, as_against(told, session.baseline)) for point, told in front)
    wanted = _wanted(likely, recipes, goals, args.measure)
    measured = _measured(worker, wanted, args)
    by_recipe = {item.variant.recipe.fingerprint: item for item in measured}
    entries = [
        _entry(recipe, figures, by_recipe.get(recipe.fingerprint))
        for recipe, (_, figures) in zip(recipes, front, strict=True)
    ]
    _show(entries, console)
    items = (original, *measured)
    return {
        "variants": [document_of(item) for item in items],
        "front": entries,
        "best": best_document(worker, items, goals, args, console),
        "database": {
            "stage": database.stage, "method": database.method, "samples": database.samples,
            "seconds": database.seconds, "groups": len(database.space.groups),
            "layers": len(database.space.layers),
        },
    }  # fmt: skip


def _wanted(
    front: tuple[tuple[FrontPoint, Measurement], ...],
    recipes: list[Recipe],
    goals: Sequence[Goal],
    count: int,
) -> list[Recipe]:
    """Return the recipes to measure: half near the goals, smallest first, half along the front."""
    if count == 0:
        return []
    likely = [
        recipe
        for recipe, (_, figures) in zip(recipes, front, strict=True)
        if recipe.steps and _is_likely(figures, goals)
    ][::-1]
    spread = [recipes[at] for at in np.linspace(0, len(recipes) - 1, count).round().astype(int)]
    ordered = [*likely[: (count + 1) // 2], *spread]
    distinct = {recipe.fingerprint: recipe for recipe in ordered if recipe.steps}
    return list(distinct.values())[:count]


def _is_likely(figures: Measurement, goals: Sequence[Goal]) -> bool:
    """Say whether predicted figures keep to the goals, as far as they are predicted at all."""
    drop = -(figures.score_change or 0.0) * (1 if figures.higher_is_better else -1)
    known = {**figures.model_dump(), "accuracy_drop": drop}
    return all(known[goal.figure] is None or known[goal.figure] <= goal.limit for goal in goals)


def _measured(
    worker: Worker, recipes: list[Recipe], args: argparse.Namespace
) -> tuple[ProjectVariant, ...]:
    """Measure these recipes on validation, and return what came of them."""
    session = worker.session
    if recipes and session.network is not None:
        job = VariantsJob(
            network=session.network, data=data_of(args), seed=args.seed,
            recipes=tuple(recipes), time=not args.no_time, title="Measure points of the front",
        )  # fmt: skip
        worker.carry_out(session.submit(job))
    return variants_of(worker, recipes)


def _entry(recipe: Recipe, figures: Measurement, found: ProjectVariant | None) -> dict[str, Any]:
    return {
        "title": recipe.title,
        "recipe": recipe.model_dump(mode="json"),
        "predicted": figures.model_dump(mode="json"),
        "measured": None if found is None else found.measurement.model_dump(mode="json"),
    }


def _show(entries: list[dict[str, Any]], console: Console) -> None:
    """Print the front, predicted against measured."""
    rows = []
    for entry in entries:
        predicted = Measurement.model_validate(entry["predicted"])
        measured = entry["measured"] and Measurement.model_validate(entry["measured"])
        rows.append(
            (
                bytes_text(predicted.size_bytes),
                score_text(predicted),
                latency_text(predicted.latency_ms),
                score_text(measured) if measured else "",
                latency_text(measured.latency_ms) if measured else "",
                entry["title"],
            )
        )
    heads = ("size", "predicted", "latency", "measured", "latency", "levels")
    console.table(heads, rows)
