"""`tinystudio formats`: what data can be read, and how."""

from __future__ import annotations

import argparse
from typing import Any

from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.words import bounds_text
from tinystudio.core.params import describe
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
            console.say(f"{part.id}: {part.title} ({', '.join(part.suffixes)})")
            if args.format:
                console.say(f"\n{part.help}\n")
            for spec in describe(part.params):
                console.say(f"  {spec.name}={spec.default}  ({bounds_text(spec)}) {spec.title}")
        return [
            {
                "id": part.id,
                "title": part.title,
                "suffixes": list(part.suffixes),
                "is_folder": part.is_folder,
                "help": part.help,
                "parameters": [spec.model_dump(mode="json") for spec in describe(part.params)],
            }
            for part in parts
        ]
