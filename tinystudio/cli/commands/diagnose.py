"""`tinystudio diagnose`: why a recipe costs accuracy, layer by layer, and what would help."""

from __future__ import annotations

import argparse
from typing import Any

from tinystudio.cli.arguments import add_data, add_steps, data_of, seed
from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.importing import add_model, opened
from tinystudio.cli.steps import recipe_of
from tinystudio.cli.working import carry_out
from tinystudio.jobs.diagnosis import Diagnosis
from tinystudio.jobs.job import DiagnoseJob


class Diagnose(Command):
    """Find out which step of a recipe costs accuracy, which layers of it, and what would help.

    The score is measured on validation samples after every step; the step that costs most is
    taken apart, each of its layers left as it was in turn. What is proposed is printed as a
    recipe. Example:
      tinystudio diagnose gallery:watch --data gallery:watch --step static-quantization
    """

    name = "diagnose"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_model(parser)
        add_data(parser)
        add_steps(parser)
        parser.add_argument("--seed", type=seed, default=0, help="default 0")

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        data = data_of(args)
        job = DiagnoseJob(
            network=opened(args.model, args, console, data), data=data, seed=args.seed,
            recipe=recipe_of(args.recipe, args.step), title=f"Diagnose {args.model}",
        )  # fmt: skip
        found = carry_out(job, console).diagnosis
        assert found is not None  # a finished diagnosis has one
        _show(found, console)
        return found.model_dump(mode="json")


def _show(found: Diagnosis, console: Console) -> None:
    console.table(("after", "score"), [(step.title, f"{step.score:.4f}") for step in found.steps])
    if found.causes:
        rows = [
            (item.layer, item.what, f"{item.points:.4f}", f"{item.share:.0%}", str(item.cost_bytes))
            for item in found.causes
        ]
        console.table(("layer", "what", "gives back", "share", "bytes more"), rows)
    console.say(f"\n{found.sentence}")
    if found.remedy is not None:
        score = "" if found.remedy_score is None else f": {found.remedy_score:.4f}"
        console.say(f"{found.remedy_title}{score}\n  {found.remedy.model_dump_json()}")
