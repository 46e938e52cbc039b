"""`tinystudio formats`: what data can be read, and how."""

from __future__ import annotations

import argparse
from typing import Any

from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.part_words import part_document, show_part
from tinystudio.datasets import formats


class Formats(Command):
    """List the formats of data with their settings (--data-option), bounds and defaults."""

    name = "formats"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        ids = [part.id for part in formats()]
        parser.add_argument("format", nargs="?", choices=ids, help="only this one, with its help")

    def run(self, args: argparse.Namespace, console: Console) -> list[Any]:
        parts = [part for part in formats() if args.format in (None, part.id)]
        for part in parts:
            also = f" ({', '.join(part.suffixes)})"
            show_part(part, console, also=also, with_help=args.format is not None)
        return [
            part_document(part, suffixes=list(part.suffixes), is_folder=part.is_folder)
            for part in parts
        ]
