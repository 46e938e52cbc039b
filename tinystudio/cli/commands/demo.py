"""`tinystudio demo`: the main job on a gallery task, with pictures of the window."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.outputs import check_folder
from tinystudio.cli.photographs import Picture, take_pictures
from tinystudio.cli.story import (
    MINIMIZED,
    QUICK,
    WHOLE,
    Ending,
    mark_as_ours,
    remove_earlier,
    tell,
)
from tinystudio.cli.sweeping import document_of, show_variants
from tinystudio.cli.words import show_measurements
from tinystudio.cli.working import session_in
from tinystudio.core.files import write_whole
from tinystudio.gallery import PREFIX, find_task
from tinystudio.session.project import SUFFIX

DEFAULT_TASK = f"{PREFIX}watch"
SIZES = ("1280x800", "1920x1080")
THEMES = ("light", "dark")
VIEWS = ("trade-off", "layers", "runs")


class Demo(Command):
    """Show the main job on a ready task, start to exported file; needs no display.

    Sweeps how many channels go, alone, at random as a control, and with 8-bit numbers; chooses
    the smallest file that is not shown to lose more than one point of accuracy on the validation
    split; measures it on the test split; writes and checks it; and takes pictures of the window
    with all of it.
    """

    name = "demo"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--output", default="demo-output", metavar="DIR", help="default ./demo-output"
        )
        parser.add_argument("--task", default=DEFAULT_TASK, help=f"default {DEFAULT_TASK}")
        parser.add_argument(
            "--quick", action="store_true", help="fewer variants, no timing, fewer pictures"
        )

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        task = find_task(args.task).id
        folder = Path(args.output).absolute()
        check_folder(folder, "The demonstration was not started")
        project, model = folder / f"{task}{SUFFIX}", folder / f"{task}.onnx"
        remove_earlier(project)
        with session_in(project, console) as worker:
            mark_as_ours(project)
            ending = tell(worker, task, QUICK if args.quick else WHOLE, model, console)
        measurements = folder / "measurements.json"
        text = json.dumps(_document(task, ending), indent=2, allow_nan=False)
        write_whole(measurements, text.encode())
        pictures = _pictures(folder, args.quick)
        console.note("Taking pictures of the window")
        take_pictures(project, pictures)
        _show(ending, console)
        written = {
            "pictures": [str(picture.file) for picture in pictures],
            "measurements": str(measurements),
            "model": str(model),
            "project": str(project),
        }
        _say_where(written, console)
        return {**written, "best": _best(ending)}


def _pictures(folder: Path, quick: bool) -> list[Picture]:
    sizes, views = (SIZES[:1], VIEWS[:1]) if quick else (SIZES, VIEWS)
    return [
        Picture.of(folder, size, theme, view)
        for view in views
        for size in sizes
        for theme in THEMES
    ]


def _document(task: str, ending: Ending) -> dict[str, Any]:
    return {
        "task": f"{PREFIX}{task}",
        "goals": [str(goal) for goal in ending.goals],
        "minimize": MINIMIZED,
        "variants": [document_of(item) for item in ending.variants],
        "front": [item.id for item in ending.front],
        "best": _best(ending),
        "exported": ending.exported.model_dump(mode="json", exclude={"kind", "job"}),
    }


def _best(ending: Ending) -> dict[str, Any]:
    test, original = ending.test, ending.original_test
    return {
        **document_of(ending.best),
        "test": test.model_dump(mode="json"),
        "original_test": original.model_dump(mode="json"),
    }


def _show(ending: Ending, console: Console) -> None:
    show_variants(ending.variants, ending.front, console)
    console.say(f"\nKept, on the test split: {ending.best.title}")
    show_measurements({"original": ending.original_test, ending.best.title: ending.test}, console)
    for check in ending.exported.checks:
        console.say(f"  {'ok' if check.passed else 'FAILED':>6}  {check.title}: {check.detail}")


def _say_where(written: dict[str, Any], console: Console) -> None:
    console.say("\nPictures:")
    for picture in written["pictures"]:
        console.say(f"  {picture}")
    for name in ("measurements", "model", "project"):
        console.say(f"{name.capitalize()}: {written[name]}")
