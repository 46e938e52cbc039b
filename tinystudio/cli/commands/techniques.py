"""`tinystudio techniques`: what there is, with parameters."""

from __future__ import annotations

import argparse
from typing import Any

from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.part_words import part_document, show_part
from tinystudio.techniques import find_technique, techniques


class Techniques(Command):
    """List the techniques with their parameters, bounds and defaults."""

    name = "techniques"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("technique", nargs="?", help="show only this one, with its help")

    def run(self, args: argparse.Namespace, console: Console) -> list[Any]:
        parts = [find_technique(args.technique)] if args.technique else techniques().values()
        for part in parts:
            show_part(part, console, with_help=bool(args.technique))
        return [part_document(part, family=part.family) for part in parts]
