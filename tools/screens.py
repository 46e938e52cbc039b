"""Pictures of every screen: all views, every page of every wizard, cards; for looking at them.

usage: screens.py PROJECT FOLDER [--language CODE]

Light and dark, at 1280x800 and 1920x1080, and 1280x800 at 200 % (2560x1600 pixels): one process
for each scale, since Qt takes it when it starts. `make screenshots` makes the project and calls
this for the user's language and for the pseudo-language.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

    from tinystudio.gui.photographer import Photographer

ROOT = Path(__file__).resolve().parents[1]
SIZES = {1: ((1280, 800), (1920, 1080)), 2: ((1280, 800),)}  # by scale
THEMES = ("light", "dark")
READY_S, SETTLED_S = 120.0, 0.4
DEVICE = "phone-arm"
DIALOGS = ("shortcuts", "about", "show-data", "download-data")


def main() -> int:
    """Take all pictures; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", default="")
    parser.add_argument("--scale", type=int, help="take those of one scale, in this process")
    given = parser.parse_args()
    if given.scale:
        take(given.project, given.folder, given.scale)
        return 0
    for scale in SIZES:
        around = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": str(scale)}
        if given.language:
            around["TINYSTUDIO_LANGUAGE"] = given.language
        words = [str(given.project), str(given.folder), "--scale", str(scale)]
        command = [sys.executable, str(Path(__file__)), *words]
        code = subprocess.run(command, env=around, cwd=ROOT, check=False).returncode
        if code:
            return code
    return 0


def take(project: Path, folder: Path, scale: int) -> None:
    """Take the pictures of one scale."""
    from tinystudio.gui.app import make_application
    from tinystudio.gui.photographer import Photographer

    folder.mkdir(parents=True, exist_ok=True)
    application = make_application()
    photographer = Photographer(application, project)
    turn_until(application, photographer)
    for width, height in SIZES[scale]:
        for theme in THEMES:
            for name, widget in screens(application, photographer, width, height, theme):
                file = f"{name}-{theme}-{width * scale}x{height * scale}.png"
                widget.grab().save(str(folder / file))
    photographer.end()


def turn_until(application: QApplication, photographer: Photographer) -> None:
    """Let the window work until its engines are up and nothing runs."""
    end = time.monotonic() + READY_S
    while not photographer.is_ready() and time.monotonic() < end:
        application.processEvents()
        time.sleep(0.01)


def settle(application: QApplication) -> None:
    """Let layouts and the plots' own timers do what is due."""
    end = time.monotonic() + SETTLED_S
    while time.monotonic() < end:
        application.processEvents()
        time.sleep(0.01)


def screens(
    application: QApplication, photographer: Photographer, width: int, height: int, theme: str
) -> Iterator[tuple[str, QWidget]]:
    """Yield every screen with its name, ready to be grabbed."""
    from tinystudio.gui.pictures import VIEWS, Shot

    parts = photographer.parts
    for view in VIEWS:
        photographer.pose(Shot(Path(), width, height, "dark" if theme == "dark" else "light", view))
        settle(application)
        yield f"view-{view}", parts.window
    yield from comparison(application, photographer)
    yield from wizard_pages(application, photographer)
    yield from dialogs(application, photographer)


def comparison(
    application: QApplication, photographer: Photographer
) -> Iterator[tuple[str, QWidget]]:
    """Yield every view of a comparison of the first variants of the project."""
    from tinystudio.gui.panels.compare import TABS
    from tinystudio.jobs.comparison import FEWEST, MOST

    parts = photographer.parts
    ids = [item.id for item in parts.studio.session.variants()][: MOST - 1]
    if len(ids) < FEWEST:
        return
    parts.compare.compare(ids)
    turn_until(application, photographer)
    tabs = parts.compare.panel.tabs
    for tab, title in enumerate(TABS):  # files are called the same in every language
        tabs.setCurrentIndex(tab)
        turn_until(application, photographer)  # the weights are read when they are looked at
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
            settle(application)
            yield f"wizard-{kind}-{len(seen)}", wizard
            if not wizard.is_last and not wizard.page.missing():
                wizard.go_on()
        wizard.close()


def dialogs(application: QApplication, photographer: Photographer) -> Iterator[tuple[str, QWidget]]:
    """Yield the cards and dialogs that actions open."""
    parts = photographer.parts
    for action in DIALOGS:
        known = parts.window.actions_by_id[action]
        if not known.isEnabled():
            continue
        before = set(application.topLevelWidgets())
        known.trigger()
        settle(application)
        for widget in application.topLevelWidgets():
            if widget not in before and widget.isVisible():
                yield f"card-{action}", widget
                widget.close()


if __name__ == "__main__":
    sys.exit(main())
