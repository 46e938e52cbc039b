"""`tinystudio export`: write a model to a target and check what was written."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tinystudio.cli.arguments import add_data, data_of
from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.importing import add_model, opened
from tinystudio.cli.outputs import check_output, raise_failed
from tinystudio.cli.steps import settings_of
from tinystudio.cli.working import carry_out
from tinystudio.jobs.job import ExportJob


class Export(Command):
    """Write a model to a target, reopen it in a fresh process, check it and time it."""

    name = "export"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_model(parser)
        parser.add_argument("--to", required=True, metavar="TARGET", help="see: targets")
        parser.add_argument("--output", required=True, metavar="PATH", help="where to write it")
        add_data(parser, required=False)
        parser.add_argument(
            "--option",
            action="append",
            default=[],
            metavar="param=value",
            help="an option of the target; may be repeated",
        )

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        check_output(Path(args.output))
        data = data_of(args)
        job = ExportJob(
            network=opened(args.model, args, console, data),
            data=data,
            target=args.to,
            options=settings_of(args.option),
            output=args.output,
            title=f"Export {args.model}",
        )
        run = carry_out(job, console)
        assert run.exported is not None  # a finished export has one
        for check in run.exported.checks:
            console.say(f"  {'ok' if check.passed else 'FAILED':>6}  {check.title}: {check.detail}")
        raise_failed(run.exported)
        for artifact in run.exported.artifacts:
            console.say(f"Written: {artifact.path} ({artifact.size_bytes:,} bytes)")
        return {
            "output": args.output,
            **run.exported.model_dump(mode="json", exclude={"kind", "job"}),
        }
