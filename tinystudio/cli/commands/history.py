"""`tinystudio history`: a project's variants as a tree, with notes, and how each is made again."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.sweeping import document_of
from tinystudio.core.errors import UserError
from tinystudio.session.board import Board
from tinystudio.session.figure_words import bytes_text, latency_text, score_text
from tinystudio.session.lineage import Branch, Lineage
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.project import is_project, open_project, with_suffix
from tinystudio.session.reproducing import making_of
from tinystudio.session.searching import HELP, Query

TITLE = "The history was not shown"


class History(Command):
    """Show a project's variants as a tree: what was changed from one to the next, tags and notes.

    With --json every variant comes with its parent, and with the command line and the Python that
    make it again. Example:
      tinystudio history watch.tinystudio --search "tag:small is:kept"
    """

    name = "history"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("project", metavar="PROJECT", help="the project's folder")
        parser.add_argument("--search", default="", metavar="WORDS", help=HELP.replace("%", "%%"))
        parser.add_argument(
            "--how", action="store_true", help="print the command line that makes each again"
        )

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        folder = with_suffix(Path(args.project))
        if not is_project(folder):
            raise UserError(TITLE, f"There is no project at {folder}.", "Check the path.")
        with open_project(folder) as project:
            board = Board(project)
            shown = [item for item in board.variants() if not item.mark.deleted]
            branches = Lineage().tree(shown)
        query = Query.of(args.search)
        lines = [line for line in _lines(branches) if query.matches(*_searched(line[0].item))]
        originals = [item for item in shown if item.is_original and query.is_empty]
        _show(originals, lines, bool(args.how), console)
        documents = [_document(item, None, "") for item in originals]
        documents += [_document(b.item, parent, b.change) for b, parent, _ in lines]
        return {"network": board.network, "data": board.data, "variants": documents}


Line = tuple[Branch, str | None, int]  # the branch, its parent, how deep it stands


def _lines(branches: Sequence[Branch], parent: str | None = None, depth: int = 0) -> Iterator[Line]:
    for branch in branches:
        yield branch, parent, depth
        yield from _lines(branch.children, branch.item.id, depth + 1)


def _searched(item: ProjectVariant) -> tuple[str, Any]:
    return item.title, item.mark


def _document(item: ProjectVariant, parent: str | None, change: str) -> dict[str, Any]:
    making = making_of(item.variant, item.title)
    return {
        **document_of(item),
        "parent": parent,
        "change": change,
        "command": making.command,
        "python": making.python,
    }


def _show(
    originals: Sequence[ProjectVariant], lines: Sequence[Line], how: bool, console: Console
) -> None:
    rows = [(f"{_marks(item)}{item.title}", *_figures(item)) for item in originals]
    rows += [
        (f"{_marks(b.item)}{'  ' * (depth + 1)}{_title(b, depth)}", *_figures(b.item))
        for b, _, depth in lines
    ]
    if not rows:
        console.say("There is no variant that this would find.")
        return
    console.table(("  variant", "score", "size", "latency", "tags"), rows)
    for branch, _, _ in lines:
        if branch.item.mark.note:
            console.say(f"\n{branch.item.title}: {branch.item.mark.note}")
        if how:
            console.say(f"\n{branch.item.title}\n  {making_of(branch.item.variant).command}")


def _title(branch: Branch, depth: int) -> str:
    return branch.item.mark.name or (branch.change if depth else branch.item.title)


def _marks(item: ProjectVariant) -> str:
    return f"{'*' if item.mark.starred else ' '}{'k' if item.mark.kept else ' '}"


def _figures(item: ProjectVariant) -> tuple[str, ...]:
    figures = item.measurement
    return (
        score_text(figures),
        bytes_text(figures.size_bytes),
        latency_text(figures.latency_ms),
        " ".join(f"#{tag}" for tag in item.mark.tags),
    )
