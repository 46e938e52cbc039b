"""`tinystudio evaluate`: how good a model is on data."""

from __future__ import annotations

import argparse
from typing import Any

from tinystudio.cli.arguments import add_data, data_of, seed
from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.importing import add_model, opened
from tinystudio.cli.words import show_measurements
from tinystudio.cli.working import carry_out
from tinystudio.jobs.job import MeasureJob


class Evaluate(Command):
    """Measure a model's accuracy on the test split, with its size and memory; no timing."""

    name = "evaluate"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_model(parser, also=", or an .ort file")
        add_data(parser)
        parser.add_argument("--seed", type=seed, default=0, help="for the split (default 0)")

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        data = data_of(args)
        job = MeasureJob(
            network=opened(args.model, args, console, data),
            data=data,
            seed=args.seed,
            time=False,
            title=f"Evaluate {args.model}",
        )
        run = carry_out(job, console)
        assert run.measurement is not None  # a finished measurement has one
        show_measurements({args.model: run.measurement}, console)
        for item in run.measurement.per_class:
            low, high = item.interval
            console.say(
                f"  {item.name}: {item.accuracy:.1%} [{low:.1%}, {high:.1%}] n={item.samples}"
            )
        return run.measurement.model_dump(mode="json")
