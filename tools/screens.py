"""Pictures of every screen: views, wizards page by page, cards, menus, the tour, a report.

usage: screens.py PROJECT FOLDER [--language CODE] [--light-only]

Light and dark, at 1280x800 and 1920x1080, and 1280x800 at 200 % (2560x1600 pixels): one process
for each scale, since Qt takes it when it starts. `make screenshots` makes the project and calls
this for the user's language and for the pseudo-language. The project itself stays as it is. With
--light-only it takes what the documentation shows: light, 1280x800.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from screen_waiting import SETTLED_S, settle, turn

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

    from tinystudio.gui.photographer import Photographer
    from tinystudio.gui.pictures import View

ROOT = Path(__file__).resolve().parents[1]
SIZES = {1: ((1280, 800), (1920, 1080)), 2: ((1280, 800),)}  # by scale
THEMES = ("light", "dark")
Pose = tuple[int, int, str]  # width, height, theme
LIGHT_ONLY: tuple[Pose, ...] = ((1280, 800, "light"),)
DEVICE = "phone-arm"
PREVIEWED_S = 1.5  # the picked point's preview has come by then, and changed the page


def main() -> int:
    """Take all pictures; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", default="")
    parser.add_argument("--scale", type=int, help="take those of one scale, in this process")
    parser.add_argument("--light-only", action="store_true", help="one size, one theme")
    given = parser.parse_args()
    if given.scale:
        poses = LIGHT_ONLY if given.light_only else posed(given.scale)
        take(given.project, given.folder, given.scale, poses)
        return 0
    for scale in (1,) if given.light_only else SIZES:
        around = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": str(scale)}
        if given.language:
            around["TINYSTUDIO_LANGUAGE"] = given.language
        words = [str(given.project), str(given.folder), "--scale", str(scale)]
        words += ["--light-only"] if given.light_only else []
        command = [sys.executable, str(Path(__file__)), *words]
        code = subprocess.run(command, env=around, cwd=ROOT, check=False).returncode
        if code:
            return code
    return 0


def posed(scale: int) -> tuple[Pose, ...]:
    """Return all sizes and themes of one scale."""
    return tuple((width, height, theme) for width, height in SIZES[scale] for theme in THEMES)


def take(project: Path, folder: Path, scale: int, poses: Sequence[Pose]) -> None:
    """Take the pictures of one scale, of a copy of the project: jobs are sent while they are."""
    with tempfile.TemporaryDirectory(prefix="tinystudio-screens-") as place:
        copied = Path(place) / project.name
        shutil.copytree(project, copied)
        _take(copied, folder, scale, poses)


def _take(project: Path, folder: Path, scale: int, poses: Sequence[Pose]) -> None:
    from screen_report import report_sheets
    from screen_start import starts

    from tinystudio.gui.app import make_application
    from tinystudio.gui.photographer import Photographer

    folder.mkdir(parents=True, exist_ok=True)
    give_screen(project.parent, scale)
    application = make_application()
    photographer = Photographer(application, project)
    turn(application, photographer.is_ready)
    begin(photographer)
    for pose in poses:
        for name, widget in screens(application, photographer, *pose):
            widget.grab().save(str(folder / called(name, pose, scale)))
    for pose in poses:  # after all others, which would list its jobs
        for name, widget in waiting(application, photographer, *pose):
            widget.grab().save(str(folder / called(name, pose, scale)))
    for number, sheet in enumerate(report_sheets(photographer), 1):  # paper has neither
        sheet.save(str(folder / called(f"report-{number}", poses[0], scale)))
    photographer.end()
    for pose, window in starts(application, poses):
        window.grab().save(str(folder / called("start", pose, scale)))


def give_screen(place: Path, scale: int) -> None:
    """Let the offscreen platform have a screen that holds the window.

    Its own is 800x800 pixels, whatever the scale: wizards shrink to what they find.
    """
    if os.environ.get("QT_QPA_PLATFORM") != "offscreen":
        return
    width, height = (scale * max(sides) for sides in zip(*SIZES[scale], strict=True))
    screen = {"name": "screen", "x": 0, "y": 0, "width": width, "height": height,
              "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}  # fmt: skip
    told = place / "screen.json"
    told.write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={told}"


def called(name: str, pose: Pose, scale: int) -> str:
    """Return the name of a picture's file."""
    width, height, theme = pose
    return f"{name}-{theme}-{width * scale}x{height * scale}.png"


def begin(photographer: Photographer) -> None:
    """Choose what is shown: the last variant that was made for itself, and where exports go."""
    parts = photographer.parts
    if made := made_for_itself(photographer):
        parts.studio.choose_variant(made[-1])
    parts.remembered.keep_folder("export", Path(tempfile.gettempdir()))


def made_for_itself(photographer: Photographer) -> list[str]:
    """Return the ids of the variants that are no control of another, the original first."""
    variants = photographer.parts.studio.session.variants()
    return [item.id for item in variants if not item.variant.series.endswith("-control")]


def pose_for(photographer: Photographer, pose: Pose, view: View) -> None:
    """Make the window look so, with this view in front."""
    from tinystudio.gui.pictures import Shot

    width, height, theme = pose
    photographer.pose(Shot(Path(), width, height, "dark" if theme == "dark" else "light", view))


def waiting(
    application: QApplication, photographer: Photographer, width: int, height: int, theme: str
) -> Iterator[tuple[str, QWidget]]:
    """Yield the window with jobs that wait."""
    from screen_moments import waiting_jobs

    pose_for(photographer, (width, height, theme), "trade-off")
    yield from waiting_jobs(application, photographer)


def screens(
    application: QApplication, photographer: Photographer, width: int, height: int, theme: str
) -> Iterator[tuple[str, QWidget]]:
    """Yield every screen with its name, ready to be grabbed."""
    from screen_cards import cards
    from screen_moments import moments

    from tinystudio.gui.pictures import VIEWS

    parts = photographer.parts
    for view in VIEWS:
        pose_for(photographer, (width, height, theme), view)
        settle(application)
        yield f"view-{view}", parts.window
    yield from comparison(application, photographer)
    yield from wizard_pages(application, photographer)
    yield from moments(application, photographer)
    yield from cards(application, photographer)


def comparison(
    application: QApplication, photographer: Photographer
) -> Iterator[tuple[str, QWidget]]:
    """Yield every view of a comparison of the first variants of the project."""
    from tinystudio.gui.panels.compare import TABS
    from tinystudio.jobs.comparison import FEWEST, MOST

    parts = photographer.parts
    made = made_for_itself(photographer)
    ids = list(dict.fromkeys([*made[:1], *made[len(made) // 2 :: len(made)], *made[-1:]]))
    if not FEWEST <= len(ids) <= MOST:
        return
    parts.compare.compare(ids)
    turn(application, photographer.is_ready)
    tabs = parts.compare.panel.tabs
    for tab, title in enumerate(TABS):  # files are called the same in every language
        tabs.setCurrentIndex(tab)
        turn(application, photographer.is_ready)  # the weights are read when they are looked at
        settle(application)
        yield f"compare-{title.lower()}", parts.window
    tabs.setCurrentIndex(0)


def wizard_pages(
    application: QApplication, photographer: Photographer
) -> Iterator[tuple[str, QWidget]]:
    """Yield every page of every wizard."""
    from tinystudio.gui.wizard_desk import PLANNING
    from tinystudio.gui.wizards.for_goal import GoalWizard

    parts = photographer.parts
    for kind in (*PLANNING, "export"):
        parts.window.actions_by_id[kind].trigger()
        wizards = parts.commands.wizards
        wizard = wizards.export_wizard if kind == "export" else wizards.planning_wizard(kind)
        if wizard is None:
            continue
        if isinstance(wizard, GoalWizard):
            wizard.choose_device(DEVICE)  # without a limit one cannot go on
        wizard.go_back()  # to model and data, which are known
        seen: set[str] = set()
        while wizard.page.title not in seen:
            seen.add(wizard.page.title)
            settle(application, PREVIEWED_S if isinstance(wizard, GoalWizard) else SETTLED_S)
            yield f"wizard-{kind}-{len(seen)}", wizard
            if not wizard.is_last and not wizard.page.missing():
                wizard.go_on()
        wizard.close()


if __name__ == "__main__":
    sys.exit(main())
