"""`tinystudio diagnostics`: a bundle for a report of a fault."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.outputs import check_output
from tinystudio.session.diagnostics import computer, save_diagnostics, versions


class Diagnostics(Command):
    """Write versions, facts about this computer and the log to one .zip, for a report of a fault.

    It holds no models, no data and no names of folders. Nothing is sent anywhere.
    """

    name = "diagnostics"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "-o", "--output", metavar="FILE", default="tinystudio-diagnostics.zip",
            help="the file to write (default: tinystudio-diagnostics.zip)",
        )  # fmt: skip

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        output = Path(args.output)
        check_output(output)
        held = save_diagnostics(output)
        console.say(f"Written: {output} ({', '.join(held)})")
        console.say("Look through it before you send it on.")
        return {
            "output": str(output), "files": list(held), "versions": versions(),
            "computer": computer(),
        }  # fmt: skip
