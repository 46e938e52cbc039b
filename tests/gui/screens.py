"""Every window that people meet, each opened on fixed data; the tests of all of them go through."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtWidgets import QApplication, QDialog, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

# The filled window is that of the pictures beside these tests; appended, so that this folder's
# files of the same name come first.
sys.path.append(str(Path(__file__).parents[1] / "images"))

from fixed_project import INT8, fill, pruned
from idle_window import idle_window
from idle_workers import IdleWorkers
from test_gui_data import KNOWN
from test_gui_diagnosis import FOUND

from tinystudio.datasets.table import Table
from tinystudio.downloads import downloads
from tinystudio.gui.action_table import ACTIONS
from tinystudio.gui.assembly import Assembly
from tinystudio.gui.data_sheet import DataSheet, Look
from tinystudio.gui.diagnosis_card import DiagnosisCard
from tinystudio.gui.download_card import DownloadShown
from tinystudio.gui.download_sheet import DownloadSheet
from tinystudio.gui.import_card import ImportCard
from tinystudio.gui.notice import Notice
from tinystudio.gui.trust_card import TrustCard
from tinystudio.gui.window import MainWindow
from tinystudio.gui.wizards.wizard import Wizard
from tinystudio.session.project import open_project
from tinystudio.session.settings import Settings

FILE_DIALOGS = ("open-recipe", "save-recipe")
SIZE = (1280, 800)


@dataclass
class Filled:
    """The window with everything in it, and the engines that do nothing."""

    parts: Assembly
    workers: list[IdleWorkers] = field(default_factory=list)

    @property
    def window(self) -> MainWindow:
        """Return the window."""
        return self.parts.window


def fill_window(qtbot: QtBot, folder: Path, settings: Settings | None = None) -> Filled:
    """Return the window on a project with variants, limits, jobs and a notice."""
    parts, workers = idle_window(settings)
    window = parts.window
    qtbot.addWidget(window)
    parts.studio.open(open_project(folder / "watch.tinystudio"))
    window.resize(*SIZE)
    window.show()
    fill(parts, workers[-1])
    qtbot.waitUntil(lambda: len(parts.trade_off.charts[0].points) > 1)
    parts.studio.raise_notice(Notice("Not measured", "The disk is full.", "Free some space."))
    window.toast.hide()
    return Filled(parts, workers)


def lay_out(window: QWidget) -> None:
    """Let the layouts do what words that have changed ask for."""
    QApplication.processEvents()
    window.grab()


def views(filled: Filled) -> Iterator[tuple[str, QWidget]]:
    """Bring every view of the window to the front, one after the other; then the rest."""
    parts = filled.parts
    tabs = next(
        tabs for tabs in parts.window.findChildren(QTabWidget)
        if tabs.isAncestorOf(parts.trade_off)
    )  # fmt: skip
    for number in range(tabs.count()):
        tabs.setCurrentIndex(number)
        lay_out(parts.window)
        while parts.layers.is_filling:  # its rows get their sliders one after the other
            QApplication.processEvents()
        lay_out(parts.window)
        yield tabs.tabText(number), parts.window
    parts.window.show_tab(0)
    parts.window.show_notices()
    parts.window.toast.show_notice(Notice("Saved", "It is in the folder.", gravity="news"))
    lay_out(parts.window)
    yield "notices", parts.window
    parts.window.toast.hide()
    for bar in (parts.trade_off.toolbar,):
        bar.table.click()
        lay_out(parts.window)
        yield "table of the plots", parts.window
        bar.table.click()


def dialogs(filled: Filled) -> Iterator[tuple[str, QWidget]]:
    """Open every dialog and card, one after the other; each is closed before the next."""
    for name, make in _makers(filled.parts).items():
        dialog = make()
        dialog.show()
        dialog.activateWindow()
        lay_out(dialog)
        yield name, dialog
        dialog.close()
    yield from wizard_pages(filled)


def wizard_pages(filled: Filled) -> Iterator[tuple[str, QWidget]]:
    """Go through every page of every wizard that an action opens."""
    parts = filled.parts
    parts.studio.edit_recipe(pruned(0.4, INT8))
    for spec in ACTIONS:
        if spec.menu not in ("Compress", "Export") or spec.id in FILE_DIALOGS:
            continue
        if spec.text.endswith("…") and parts.actions[spec.id].isEnabled():
            before = set(parts.window.findChildren(Wizard))
            parts.commands.carry_out(spec.id)
            for wizard in set(parts.window.findChildren(Wizard)) - before:
                yield from _pages(spec.id, wizard)


def _pages(kind: str, wizard: Wizard) -> Iterator[tuple[str, QWidget]]:
    wizard.activateWindow()
    wizard.go_back()  # to model and data, which are known
    for page in wizard._pages:
        if wizard.page is not page:
            continue  # it is left out for what was chosen before
        lay_out(wizard)
        yield f"{kind}, {page.title}", wizard
        if page is not wizard._pages[-1]:
            wizard.go_on()
    wizard.close()


def _makers(parts: Assembly) -> dict[str, Callable[[], QWidget]]:
    window = parts.window
    reference = "fruit.csv"
    fruit = Table()
    cards: dict[str, Callable[[], QWidget]] = {
        "data": lambda: DataSheet(Look(reference, KNOWN), fruit, False, window),
        "diagnosis": lambda: DiagnosisCard(FOUND, window),
        "download": lambda: _download(window),
        "import": lambda: ImportCard("net.pt2", window),
        "trust": lambda: TrustCard("Trust it?", b"def f(): pass\n", "ab" * 32, window),
    }
    helps = ("first-steps", "shortcuts", "about", "palette", "glossary")
    return cards | {name: lambda name=name: _opened_by(parts, name) for name in helps}


def _download(window: QWidget) -> DownloadSheet:
    sheet = DownloadSheet(window)
    sheet.show_all([DownloadShown(download, "absent") for download in downloads().values()])
    sheet.choose("")
    return sheet


def _opened_by(parts: Assembly, action: str) -> QWidget:
    before = set(parts.window.findChildren(QDialog))
    parts.commands.carry_out(action)
    return next(dialog for dialog in parts.window.findChildren(QDialog) if dialog not in before)
