"""`tinystudio share`: a project as one file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.outputs import check_output
from tinystudio.cli.projects import add_project, named_project
from tinystudio.core.errors import UserError
from tinystudio.session.figure_words import bytes_text
from tinystudio.session.project import open_project, with_suffix
from tinystudio.session.sharing import (
    ENDING,
    NOT_SHARED,
    is_shared_project,
    open_shared,
    share_project,
)


class Share(Command):
    """Write a project to one file to share; with --open, unpack such a file.

    The file holds every measurement, the variants' files and the models, but no data, no caches and
    no names of folders of this computer. Whoever opens it is asked for the data where it is not
    part of the gallery. Examples:
      tinystudio share watch.tinystudio --output watch.tinystudio.zip
      tinystudio share --open watch.tinystudio.zip --output copy.tinystudio
    """

    name = "share"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_project(parser)
        parser.add_argument("--open", metavar="FILE", help="a shared project, to be unpacked")
        parser.add_argument(
            "-o", "--output", metavar="PATH",
            help=f"the file to write (NAME{ENDING}), or with --open the folder",
        )  # fmt: skip

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        if args.open:
            return _unpacked(args, console)
        folder = named_project(args, NOT_SHARED)
        output = Path(args.output) if args.output else folder.with_name(f"{folder.name}.zip")
        check_output(output)
        with open_project(folder) as project:
            size = share_project(project, output)
        console.say(f"Written: {output} ({bytes_text(size)})")
        return {"output": str(output), "size_bytes": size}


def _unpacked(args: argparse.Namespace, console: Console) -> dict[str, Any]:
    path = Path(args.open)
    if not is_shared_project(path):
        detail = f"{path} is not a file that `tinystudio share` has written."
        raise UserError("The shared project was not opened", detail, "Check the path.")
    folder = open_shared(path, with_suffix(Path(args.output)) if args.output else None)
    console.say(f"Unpacked: {folder}")
    return {"project": str(folder)}
