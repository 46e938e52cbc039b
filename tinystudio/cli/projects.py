"""Commands about a project that is there already: how it is named."""

from __future__ import annotations

import argparse
from pathlib import Path

from tinystudio.core.errors import UserError
from tinystudio.session.project import is_project, with_suffix


def add_project(parser: argparse.ArgumentParser) -> None:
    """Let a command take a project, in front or by `--project` as other commands name it."""
    parser.add_argument("named", nargs="?", metavar="PROJECT", help="the project's folder")
    parser.add_argument("--project", metavar="DIR", help="the same")


def named_project(args: argparse.Namespace, title: str) -> Path:
    """Return the project's folder; raises `UserError` with this title where there is none."""
    named = args.named or args.project
    if not named:
        raise UserError(title, "No project was named.", "Name its folder: NAME.tinystudio")
    folder = Path(named) if Path(named).is_dir() else with_suffix(Path(named))
    if not is_project(folder):
        raise UserError(title, f"There is no project at {folder}.", "Check the path.")
    return folder
