"""`tinystudio disk`: what is kept on the disk, and what of it can go."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.projects import add_project, named_project
from tinystudio.cli.working import Worker
from tinystudio.core.errors import UserError
from tinystudio.session.disk import VARIANTS, DiskItem, disk_items, removable_kinds, remove
from tinystudio.session.figure_words import bytes_text, count_text
from tinystudio.session.project import open_project

TITLE = "The disk was not looked at"


class Disk(Command):
    """Show what is kept on the disk, of a project and by the program; remove what can go.

    --clean removes what can be had again by itself (marked *). --clean KIND removes only that kind.
    There is no undo. Examples:
      tinystudio disk watch.tinystudio
      tinystudio disk watch.tinystudio --clean variants
    """

    name = "disk"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument(
            "--clean", action="append", nargs="?", const="", metavar="KIND",
            choices=("", *removable_kinds()),
            help=f"remove files; KIND is one of {', '.join(removable_kinds())}; may be repeated",
        )  # fmt: skip

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        folder = named_project(args, TITLE) if args.named or args.project else None
        freed = 0
        if folder is None:
            items = disk_items()
            if args.clean is not None:
                freed, items = remove(_wanted(args, items)), disk_items()
        else:
            items, freed = _with_project(folder, args, console)
        rows = [
            (f"{'*' if it.is_safe else ' '} {it.id:10} {it.title}", bytes_text(it.size_bytes),
             count_text(it.files))
            for it in items
        ]  # fmt: skip
        console.table(("  kind", "size", "files"), rows)
        console.say("* can be had again by itself: --clean removes it")
        if args.clean is not None:
            console.say(f"Freed: {bytes_text(freed)}")
        return {"items": [asdict(item) for item in items], "freed_bytes": freed}


def _with_project(
    folder: Path, args: argparse.Namespace, console: Console
) -> tuple[tuple[DiskItem, ...], int]:
    with open_project(folder, must_write=args.clean is not None) as project:
        session = Worker(project, console).session
        items, freed = disk_items(folder, session.kept_files()), 0
        if args.clean is None:
            return items, 0
        wanted = _wanted(args, items)
        if VARIANTS in wanted:
            freed += session.clean_up()
        freed += remove(id for id in wanted if id != VARIANTS)
        return disk_items(folder, session.kept_files()), freed


def _wanted(args: argparse.Namespace, items: tuple[DiskItem, ...]) -> list[str]:
    named = [kind for kind in args.clean if kind]
    there = {item.id for item in items}
    for kind in named:
        if kind not in there:
            raise UserError("Nothing was removed", f"{kind} are files of a project.", "Name it.")
    return named or [item.id for item in items if item.is_safe]
