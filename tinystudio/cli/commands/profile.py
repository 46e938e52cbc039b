"""`tinystudio profile`: what a model costs to run here."""

from __future__ import annotations

import argparse
from typing import Any

from tinystudio.cli.arguments import positive, threads
from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.importing import add_model, opened
from tinystudio.cli.words import show_measurements
from tinystudio.cli.working import carry_out
from tinystudio.jobs.job import MeasureJob


class Profile(Command):
    """Time a model on this CPU, alone or in pairs against another; size, memory, energy.

    With --against the ratio and the verdict come from one timing of both files, in shuffled
    blocks, beside a control that times the original against itself.
    """

    name = "profile"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_model(parser, also=", or an .ort file")
        parser.add_argument("--against", metavar="MODEL", help="the original to compare with")
        parser.add_argument(
            "--threads", type=threads, default=1, help="compute threads (default 1)"
        )

        parser.add_argument(
            "--batch",
            action="append",
            type=positive,
            default=[],
            metavar="N",
            help="also time calls with N samples at once, for samples a second; may be repeated",
        )

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        job = MeasureJob(
            network=opened(args.model, args, console),
            against=opened(args.against, args, console) if args.against else None,
            threads=args.threads,
            batches=tuple(dict.fromkeys(args.batch)),
            title=f"Profile {args.model}",
        )
        run = carry_out(job, console)
        assert run.measurement is not None  # a finished measurement has one
        if run.measured_original is None:
            show_measurements({args.model: run.measurement}, console)
            return run.measurement.model_dump(mode="json")
        named = {args.against: run.measured_original, args.model: run.measurement}
        show_measurements(named, console)
        return {
            "original": run.measured_original.model_dump(mode="json"),
            "variant": run.measurement.model_dump(mode="json"),
        }
