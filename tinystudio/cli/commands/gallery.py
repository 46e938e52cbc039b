"""`tinystudio gallery`: the ready tasks."""

from __future__ import annotations

import argparse
from typing import Any

from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.gallery import NOT_BUILT_IN, PREFIX, gallery


class Gallery(Command):
    """List the ready tasks: real data and a trained network each."""

    name = "gallery"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        del parser

    def run(self, args: argparse.Namespace, console: Console) -> list[Any]:
        tasks = gallery().values()
        for task in tasks:
            console.say(f"{PREFIX}{task.id}  {task.title} ({task.area})")
            console.say(f"    {task.question}")
            console.say(f"    {task.look_at}")
            console.say(f"    {task.licence}; {task.source}")
        console.say(
            f"Not built in, since no freely licensed package has data of it: {NOT_BUILT_IN}. "
            "Some of it can be downloaded (tinystudio downloads); for the rest, use your own data."
        )
        return [
            {
                "id": f"{PREFIX}{task.id}",
                "title": task.title,
                "area": task.area,
                "question": task.question,
                "help": task.help,
                "look_at": task.look_at,
                "licence": task.licence,
                "source": task.source,
                "picture": str(task.picture_path),
            }
            for task in tasks
        ]
