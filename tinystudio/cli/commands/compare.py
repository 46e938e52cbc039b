"""`tinystudio compare`: a few variants side by side, down to classes, samples and layers."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tinystudio.cli.arguments import add_data, data_of, seed
from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.importing import MODEL_HELP, opened
from tinystudio.cli.steps import read_recipe
from tinystudio.cli.working import carry_out
from tinystudio.core.errors import UserError
from tinystudio.gallery import PREFIX
from tinystudio.jobs.comparison import Comparison, Contender
from tinystudio.jobs.job import CompareJob
from tinystudio.session.comparing import compare_job
from tinystudio.session.comparison_tables import (
    Table,
    Words,
    classes_table,
    confusions_table,
    figures_table,
    layers_table,
    pairs_table,
    samples_table,
)
from tinystudio.session.figure_words import bytes_text, count_text, latency_text
from tinystudio.session.project import is_project, open_project, with_suffix
from tinystudio.session.session import Session

TITLE = "Nothing was compared"
SHOWN = 12  # rows of long tables on a terminal; --json has all
WORDS = Words(bytes_text, latency_text, count_text)


class Compare(Command):
    """Lay two to four variants side by side: figures, classes, confusions, samples, layers.

    Without a project the first is the original, and each other one a model file or a recipe
    (.json) that is carried out on the original. In a project variants are named by their title
    or id; "original" is the model as it came. What the others are held against is the project's
    baseline where it is among them, else the original; --baseline names another one and adds it.
    Differences are of the same samples, each with its 90 % interval; where that holds 0 it is a
    tie. Layers are timed by onnxruntime's own profile.
    Examples:
      tinystudio compare gallery:watch small.onnx int8.json --data gallery:watch
      tinystudio compare --project watch original "INT8"
      tinystudio compare --project watch "INT8" "4 bits" --baseline "INT8"
    """

    name = "compare"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "variants", nargs="+", metavar="MODEL|VARIANT",
            help=f"{MODEL_HELP}, or a recipe; with --project titles or ids",
        )  # fmt: skip
        add_data(parser, required=False)
        parser.add_argument("--project", metavar="FOLDER", help="compare what was measured in it")
        parser.add_argument(
            "--baseline", metavar="MODEL|VARIANT",
            help="hold the others against this one; it need not be named twice",
        )  # fmt: skip
        parser.add_argument("--test", action="store_true", help="judge on test, not validation")
        parser.add_argument("--seed", type=seed, default=0, help="default 0")
        parser.add_argument("--no-time", action="store_true", help="do not time the variants")
        parser.add_argument("--trust", action="store_true", help="run code that a model brings")
        parser.set_defaults(input_shape=[], module="")

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        if args.project is None:
            job = _job_of_files(args, console)
        else:
            job = _job_of_project(Path(args.project), args)
        found = carry_out(job, console).comparison
        assert found is not None  # a finished comparison has one
        _show(found, console)
        left_out = {"pictures", "truths", "outputs"}  # of this computer's cache
        return found.model_dump(mode="json", exclude=left_out)


def _job_of_files(args: argparse.Namespace, console: Console) -> CompareJob:
    first, *others = args.variants
    data = data_of(args)
    original = opened(first, args, console, data)
    contenders = [Contender(title=_name(first), file=original)]
    others = _with_baseline(others, args, first)
    for name in others:
        if Path(name).suffix == ".json":
            contenders.append(Contender(title=_name(name), recipe=read_recipe(Path(name))))
        else:
            file = opened(name, args, console, data)
            contenders.append(Contender(title=_name(name), file=file))
    named = zip((first, *others), contenders, strict=True)
    ordered = sorted(named, key=lambda pair: pair[0] != args.baseline)  # the others stay as named
    return CompareJob(
        network=original, data=data, seed=args.seed, contenders=tuple(item for _, item in ordered),
        split="test" if args.test else "validation", time=not args.no_time,
        title=f"Compare {first}",
    )  # fmt: skip


def _with_baseline(names: list[str], args: argparse.Namespace, *others: str) -> list[str]:
    """Return the names with the baseline's among them, where one is asked for."""
    if args.baseline is None or args.baseline in (*names, *others):
        return names
    return [*names, args.baseline]


def _job_of_project(folder: Path, args: argparse.Namespace) -> CompareJob:
    if args.data is not None:
        raise UserError(TITLE, "--project has its data already.", "Leave out --data.")
    if not is_project(with_suffix(folder)):
        raise UserError(TITLE, f"There is no project at {folder}.", "Check the path.")
    with open_project(folder) as project:
        session = Session(project, _Nobody())
        names = _with_baseline(args.variants, args)
        ids = [_id_of(session, name) for name in names]
        base = None if args.baseline is None else _id_of(session, args.baseline)
        job = compare_job(session, ids, time=not args.no_time, first=base)
    return job.model_copy(update={"split": "test"}) if args.test else job


def _id_of(session: Session, name: str) -> str:
    for item in session.variants():
        if name in (item.id, item.title):
            return item.id
    known = ", ".join(f'"{item.title}"' for item in session.variants()[:20])
    raise UserError(
        TITLE, f"The project has no variant {name!r}.", f"There are: {known or 'none'}."
    )


class _Nobody:
    """Takes no jobs: the project is only looked at."""

    def send(self, job: object) -> None:
        """Drop it."""

    def cancel(self, job: str, pause: bool = False) -> None:
        """There is nothing to end."""

    def put_in_order(self, jobs: Sequence[str]) -> None:
        """There is nothing that waits."""


def _name(reference: str) -> str:
    return reference if reference.startswith(PREFIX) else Path(reference).stem


def _show(found: Comparison, console: Console) -> None:
    console.say(f"On {found.samples:,} samples of {found.split}, against {found.titles[0]}:")
    _print(figures_table(found, WORDS), console)
    parts = (
        (pairs_table(found), "pairs"), (classes_table(found), "classes"),
        (confusions_table(found), "confusions"), (samples_table(found), "samples"),
        (layers_table(found, WORDS), "layers"),
    )  # fmt: skip
    for table, part in parts:
        console.say(f"\n{table.title}")
        if part in found.why:
            console.say(f"  {found.why[part]}")
        if table.rows:
            _print(table, console)


def _print(table: Table, console: Console) -> None:
    console.table(table.heads, table.texts[:SHOWN])
    if len(table.rows) > SHOWN:
        console.say(f"  … and {len(table.rows) - SHOWN} more (--json has all)")
