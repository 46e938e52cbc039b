"""`tinystudio advise`: what could be better, what to do, and why, from measurements."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from tinystudio.advice import advise
from tinystudio.advice.adviser import Advice, Begin, ReadData, UseRecipe
from tinystudio.advice.facts import facts_of
from tinystudio.cli.arguments import add_data, data_of, lasting, seed
from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.importing import add_model, opened
from tinystudio.cli.moved import look_for_project
from tinystudio.cli.working import Worker, session_in
from tinystudio.core.errors import UserError
from tinystudio.jobs.job import InspectJob, VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.board import Board
from tinystudio.session.command_line import compress_command
from tinystudio.session.project import is_project, open_project, with_suffix

TITLE = "There is no advice"
FRONT_POINTS = 3  # of the predicted front that are measured


class Advise(Command):
    """Say what could be better about a model, what to do about it, and why.

    With MODEL and --data the original, INT8 and some points of the predicted front are measured
    first (in --project, where one is given). With --project alone, advice is from what was
    measured there, and nothing is computed. Examples:
      tinystudio advise gallery:watch --data gallery:watch
      tinystudio advise --project watch.tinystudio
    """

    name = "advise"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_model(parser, optional=True)
        add_data(parser, required=False)
        parser.add_argument("--project", metavar="DIR", help="where measurements are, or are kept")
        parser.add_argument("--seed", type=seed, default=0, help="default 0")
        parser.add_argument("--no-time", action="store_true", help="do not time anything")

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        if args.model is None:
            return _document(_known(args), console)
        data = data_of(args)
        if data is None:
            hint = "Give data with --data, or a project with --project alone."
            raise UserError(TITLE, "Without data nothing can be measured.", hint)
        model = lasting(opened(args.model, args, console, data))
        with tempfile.TemporaryDirectory(prefix="tinystudio-") as folder:
            project = Path(args.project or Path(folder) / "advice")
            look_for_project(project, InspectJob(network=model, data=data, seed=args.seed), console)
            with session_in(project, console) as worker:
                _measure(worker, model, data, args)
                return _document(worker.session, console)


def _known(args: argparse.Namespace) -> Board:
    if args.project is None:
        raise UserError(TITLE, "Neither a model nor a project was named.", "See: advise --help")
    folder = with_suffix(Path(args.project))
    if not is_project(folder):
        raise UserError(TITLE, f"There is no project at {folder}.", "Check the path.")
    with open_project(folder) as project:
        return Board(project)


def _measure(worker: Worker, model: str, data: str, args: argparse.Namespace) -> None:
    session, time = worker.session, not args.no_time
    session.open_network(model, data, args.seed, time)
    session.explore(time=time)
    worker.finish()
    recipes = [Recipe(steps=(Step.of("static-quantization"),))]
    if session.exploration.database is not None and session.original is not None:
        front = session.exploration.front(session.original.measurement)
        step = max(1, len(front) // FRONT_POINTS)
        chosen = [point for point, _ in front[step // 2 :: step]][:FRONT_POINTS]
        recipes += [session.exploration.recipe_of_point(point) for point in chosen]
    known = {item.variant.recipe.fingerprint for item in session.variants()}
    wanted = tuple(r for r in recipes if r.steps and r.fingerprint not in known)
    session.submit(
        VariantsJob(
            network=model, data=data, seed=args.seed, recipes=wanted, time=time,
            title="Measure what advice is taken from",
        )
    )  # fmt: skip
    worker.finish()


def _document(session: Board, console: Console) -> dict[str, Any]:
    facts = facts_of(session)
    found = () if facts is None else advise(facts)
    if not found:
        console.say("Nothing that was measured speaks for a change.")
    entries = []
    for number, advice in enumerate(found, 1):
        how = _how(advice, session)
        console.say(f"{number}. {advice.sentence}\n   why: {advice.reason}\n   do:  {how}\n")
        entries.append(
            {
                "about": advice.about,
                "sentence": advice.sentence,
                "reason": advice.reason,
                "action": advice.action.words,
                "how": how,
                "recipe": _recipe(advice),
            }
        )
    return {"network": session.network, "data": session.data, "advice": entries}


def _recipe(advice: Advice) -> dict[str, Any] | None:
    action = advice.action
    return action.recipe.model_dump(mode="json") if isinstance(action, UseRecipe) else None


def _how(advice: Advice, session: Board) -> str:
    """Return how one does it from here."""
    match advice.action:
        case UseRecipe(_, recipe, _):
            network, seed = session.network or "MODEL", session.state.seed
            return compress_command(network, session.data, recipe, "better.onnx", seed)
        case ReadData(_, data):
            return f"--data {data!r}"
        case Begin(_, _, instead):
            return instead
