"""`tinystudio sweep`: many variants of one recipe, and the best of them."""

from __future__ import annotations

import argparse
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tinystudio.cli.arguments import add_data, add_steps, data_of, lasting, seed
from tinystudio.cli.choosing import add_goals, best_document, goals_of
from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.importing import add_model, opened
from tinystudio.cli.moved import look_for_project
from tinystudio.cli.steps import recipe_of
from tinystudio.cli.sweeping import (
    document_of,
    failure_document,
    show_variants,
    sweep,
    variants_of,
)
from tinystudio.cli.working import Worker, session_in
from tinystudio.core.errors import UserError
from tinystudio.core.params import describe
from tinystudio.jobs.events import VariantFailed
from tinystudio.jobs.job import InspectJob
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.controls import control_of
from tinystudio.session.front import front_of
from tinystudio.session.gains import gains_among
from tinystudio.session.goals import Goal
from tinystudio.session.sweeps import Vary, expand, parse_vary

_NUMBERED = re.compile(r"(\d+)\.(.+)", re.DOTALL)


class Sweep(Command):
    """Vary parameters of a recipe, measure every variant, and choose the best under limits.

    Ranked on the validation split; the best is then measured on the test split. Every finished
    variant is kept in the project at once: stopped and started again, a sweep goes on. Example:
      tinystudio sweep gallery:watch --data gallery:watch --step channel-pruning \\
        --vary sparsity=0.1:0.8:0.1 --random-control --project watch.tinystudio
    """

    name = "sweep"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_model(parser)
        add_data(parser)
        add_steps(parser)
        parser.add_argument(
            "--vary",
            action="append",
            required=True,
            metavar="param=from:to:step",
            help="what to vary, both ends included; or param=value,value; 2.param= is the second "
            "step's; repeated: every combination",
        )
        parser.add_argument("--project", required=True, metavar="DIR", help="where to keep it all")
        add_goals(parser)
        parser.add_argument(
            "--random-control",
            action="store_true",
            help="also make a control to compare with: chosen at random, or trained without the "
            "original",
        )
        parser.add_argument("--seed", type=seed, default=0, help="default 0")

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        recipe = recipe_of(args.recipe, args.step)
        varied = [_vary(text, recipe) for text in args.vary]
        goals = goals_of(args, "The sweep was not started")
        recipes = (recipe, control_of(recipe)) if args.random_control else (recipe,)
        wanted = [made for base in recipes for made in expand(base, varied)]
        # A model or data that cannot be opened must not leave a project behind.
        data = data_of(args)
        model = lasting(opened(args.model, args, console, data))
        look = InspectJob(network=model, data=data, seed=args.seed)
        look_for_project(Path(args.project), look, console)
        with session_in(Path(args.project), console) as worker:
            worker.session.open_network(model, data, args.seed, _time(args))
            worker.finish()
            failures = [
                failure for base in recipes for failure in sweep(worker, base, varied, _time(args))
            ]
            return _choose(worker, wanted, failures, goals, args, console)


def _choose(
    worker: Worker,
    wanted: list[Recipe],
    failures: list[VariantFailed],
    goals: list[Goal],
    args: argparse.Namespace,
    console: Console,
) -> dict[str, Any]:
    original = worker.session.original
    items = (*((original,) if original else ()), *variants_of(worker, wanted))
    front = front_of(items, args.minimize)
    show_variants(items, front, console)
    gains = list(gains_among(items))
    for title, gain in gains:
        console.say(f"{title}: {gain.sentence}")
    for failure in failures:
        console.say(f"not made: {failure.recipe.title}: {failure.title} - {failure.detail}")
    return {
        "variants": [document_of(item) for item in items],
        "front": [item.id for item in front],
        "gains": [{"title": title, **asdict(gain)} for title, gain in gains],
        "best": best_document(worker, items, goals, args, console),
        "failures": [failure_document(failure) for failure in failures],
    }


def _vary(text: str, recipe: Recipe) -> Vary:
    """Read `param=...`, or `N.param=...` with the step's number, counted from 1."""
    vary = _read_vary(text, recipe)
    is_model = any(
        spec.name == vary.param and spec.is_model
        for step in recipe.steps
        for spec in describe(type(step.params))
    )
    if not is_model:
        return vary
    return replace(vary, values=tuple(lasting(str(it)) if it else "" for it in vary.values))


def _read_vary(text: str, recipe: Recipe) -> Vary:
    numbered = _NUMBERED.fullmatch(text)
    if numbered is None:
        return parse_vary(text, recipe)
    number = int(numbered[1])
    if not 1 <= number <= len(recipe.steps):
        raise UserError(
            f"The range {text!r} was not understood",
            f"There is no step {number}; the recipe has {len(recipe.steps)}.",
            "Steps are counted from 1.",
        )
    return parse_vary(numbered[2], recipe, number - 1)


def _time(args: argparse.Namespace) -> bool:
    return not args.no_time
