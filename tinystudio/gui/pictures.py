"""Pictures of the real window on a project, for a process of its own that needs no display.

`python -m tinystudio --pictures PROJECT --shot FILE.png 1280x800 light trade-off [--shot ...]`
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tinystudio.core.errors import UserError
from tinystudio.core.files import unwritable

if TYPE_CHECKING:
    from tinystudio.gui.photographer import Photographer

View = Literal["trade-off", "layers", "runs", "training", "compare", "gallery"]
VIEWS: tuple[View, ...] = ("trade-off", "layers", "runs", "training", "compare", "gallery")
READY_WITHIN_S = 60.0  # two engines start and look at the model
SETTLED_S = 0.4  # the plots' own timers have run by then


@dataclass(frozen=True)
class Shot:
    """One picture: where it goes, how large, which theme, which view is in front."""

    output: Path
    width: int
    height: int
    theme: Literal["light", "dark"]
    view: View = "trade-off"


def take(project: Path, shots: Sequence[Shot]) -> tuple[Path, ...]:
    """Open the window on `project`, take every shot, return the files. Only for a fresh process.

    Raises `UserError` where the project cannot be opened or a file cannot be written.
    """
    if not project.is_dir():
        raise UserError(
            "No picture was taken", f"There is no project at {project}.", "Check the path."
        )
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from tinystudio.gui.app import make_application
    from tinystudio.gui.photographer import Photographer

    application = make_application()
    photographer = Photographer(application, project)
    try:
        _wait(application.processEvents, photographer.is_ready, READY_WITHIN_S)
        for shot in shots:
            photographer.pose(shot)
            _wait(application.processEvents, lambda: False, SETTLED_S)
            _write(photographer, shot.output)
    finally:
        photographer.end()
    return tuple(shot.output for shot in shots)


def main(argv: list[str]) -> int:
    """Take the pictures that the command line asks for; return the exit code."""
    parser = argparse.ArgumentParser(prog="tinystudio --pictures")
    parser.add_argument("project", type=Path)
    parser.add_argument(
        "--shot", nargs=4, action="append", required=True,
        metavar=("FILE", "WIDTHxHEIGHT", "THEME", "VIEW"),
    )  # fmt: skip
    given = parser.parse_args(argv)
    try:
        take(given.project, [_shot(*words) for words in given.shot])
    except (UserError, ValueError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def _shot(output: str, size: str, theme: str, view: str) -> Shot:
    width, _, height = size.partition("x")
    if theme not in ("light", "dark") or view not in VIEWS:
        raise ValueError(f"{theme} {view}: a theme is light or dark, a view {', '.join(VIEWS)}")
    dark = theme == "dark"
    front = VIEWS[VIEWS.index(view)]
    return Shot(Path(output), int(width), int(height), "dark" if dark else "light", front)


def _wait(turn: Callable[[], None], is_done: Callable[[], bool], seconds: float) -> None:
    """Let the window work until it is done, or the time is over."""
    until = time.monotonic() + seconds
    while not is_done() and time.monotonic() < until:
        turn()
        time.sleep(0.005)


def _write(photographer: Photographer, output: Path) -> None:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(output, error) from error
    if not photographer.save(output):
        raise UserError(
            f"{output.name} was not written", f"{output.parent} takes no picture.",
            "Choose a folder that you may write to, and a name that ends in .png.",
        )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
