"""`tinystudio report`: what a project found out, as one page or a PDF."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.outputs import check_output
from tinystudio.cli.projects import add_project, named_project
from tinystudio.cli.working import Worker
from tinystudio.core.errors import UserError
from tinystudio.reports.subject import TITLE, report_subject
from tinystudio.reports.writing import check_name, write_report
from tinystudio.session.project import open_project


class Report(Command):
    """Write what a project found out: question, data, method, front, choice, costs, limits.

    One .html file with its pictures inside, or a .pdf. The chosen variant (--variant, else the one
    selected or kept, else the smallest that ties with the baseline) is measured once on the test
    split, unless it has been. Example:
      tinystudio report watch.tinystudio --output watch.html
    """

    name = "report"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument("--variant", metavar="ID", help="id or title of the chosen variant")
        parser.add_argument(
            "--baseline", metavar="ID",
            help="id or title of what changes are told against; the project's by default",
        )  # fmt: skip
        parser.add_argument(
            "--no-test", action="store_true", help="measure nothing, tell what is known"
        )
        parser.add_argument(
            "-o", "--output", required=True, metavar="FILE", help="a .html or .pdf file"
        )

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        output = Path(args.output)
        check_name(output)
        check_output(output)
        with open_project(named_project(args, TITLE)) as project:
            worker = Worker(project, console)
            subject = report_subject(worker.session, args.variant, args.baseline)
            wants_test = not args.no_test and not project.is_read_only
            if wants_test and subject.untested:
                _measure(worker, subject.untested, console)
                subject = report_subject(worker.session, subject.chosen.id, args.baseline)
            write_report(subject, output)
        console.say(f"Written: {output} (chosen: {subject.chosen.title})")
        return {
            "output": str(output),
            "variant": subject.chosen.id,
            "title": subject.chosen.title,
            "variants": len(subject.variants),
        }


def _measure(worker: Worker, variants: tuple[str, ...], console: Console) -> None:
    """Measure variants on test; where that cannot be, the report says that it is missing."""
    try:
        for variant in variants:
            worker.session.measure_on_test(variant)
        worker.finish()
    except UserError as error:
        console.note(f"Not measured on test: {error.title} - {error.detail}")
