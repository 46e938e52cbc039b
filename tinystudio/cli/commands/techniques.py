"""`tinystudio techniques`: what there is, with parameters."""

from __future__ import annotations

import argparse
from typing import Any

from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.words import bounds_text
from tinystudio.core.params import describe
from tinystudio.techniques import find_technique, techniques


class Techniques(Command):
    """List the techniques with their parameters, bounds and defaults."""

    name = "techniques"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("technique", nargs="?", help="show only this one, with its help")

    def run(self, args: argparse.Namespace, console: Console) -> list[Any]:
        parts = [find_technique(args.technique)] if args.technique else techniques().values()
        for part in parts:
            console.say(f"{part.id}: {part.title}")
            if args.technique:
                console.say(f"\n{part.help}\n")
            for spec in describe(part.params):
                console.say(f"  {spec.name}={spec.default}  ({bounds_text(spec)}) {spec.title}")
        return [
            {
                "id": part.id,
                "title": part.title,
                "family": part.family,
                "help": part.help,
                "parameters": [spec.model_dump(mode="json") for spec in describe(part.params)],
            }
            for part in parts
        ]
