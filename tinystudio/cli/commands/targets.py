"""`tinystudio targets`: where a network can be exported to."""

from __future__ import annotations

import argparse
from typing import Any

from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.core.params import describe
from tinystudio.exporters import targets


class Targets(Command):
    """List the export targets, and why one cannot be used here where that is so."""

    name = "targets"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        del parser

    def run(self, args: argparse.Namespace, console: Console) -> list[Any]:
        parts = targets().values()
        for part in parts:
            reason = part.unavailable_reason()
            console.say(f"{part.id}: {part.title} (*{part.suffix})")
            console.say(f"    {reason or part.help.splitlines()[0]}")
        return [
            {
                "id": part.id,
                "title": part.title,
                "suffix": part.suffix,
                "help": part.help,
                "unavailable": part.unavailable_reason(),
                "parameters": [spec.model_dump(mode="json") for spec in describe(part.params)],
            }
            for part in parts
        ]
