"""The window as it is seen, light and dark, small and large."""

from __future__ import annotations

import pytest
from comparison_examples import comparison, layer_spread
from fixed_project import SIZES
from picture import contrast, rgb
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QScrollArea,
    QTreeView,
    QWidget,
)
from pytestqt.qtbot import QtBot
from readable import READABLE, hard_to_read
from words import cut_words

from tinystudio.gui import tour_steps
from tinystudio.gui.assembly import Assembly
from tinystudio.gui.browser_model import RowRole
from tinystudio.gui.panels.advice import AdvicePanel
from tinystudio.gui.panels.compare import ComparePanel
from tinystudio.gui.theme import GRID, Theme
from tinystudio.gui.window import SMALLEST
from tinystudio.gui.wizard_desk import PLANNING
from tinystudio.gui.wizards.for_goal import GoalWizard
from tinystudio.gui.wizards.wizard import Wizard

VIEWS = ("trade-off", "layers", "runs", "training", "compare", "gallery")


def show(parts: Assembly, view: str) -> None:
    parts.window.show_tab(VIEWS.index(view))
    lay_out(parts.window)
    while parts.layers.is_filling:  # its rows get their sliders one after the other
        QApplication.processEvents()
    lay_out(parts.window)


def lay_out(window: QWidget) -> None:
    """Let the layouts do what words that have changed ask for."""
    QApplication.processEvents()
    window.grab()


def test_no_words_are_cut(looked_at: Assembly) -> None:
    for view in VIEWS:
        show(looked_at, view)
        assert cut_words(looked_at.window) == [], view


def test_no_words_of_a_comparison_are_cut_or_hard_to_read(
    qtbot: QtBot, dressed: Theme, size: tuple[int, int]
) -> None:
    panel = ComparePanel()
    qtbot.addWidget(panel)
    panel.resize(size[0] - 660, size[1] - 300)  # beside the other panels
    panel.show()
    panel.show_comparison(comparison())
    panel.weights.spread_requested.connect(lambda _: panel.weights.show_spread(layer_spread()))
    for tab in range(panel.tabs.count()):
        panel.tabs.setCurrentIndex(tab)
        lay_out(panel)
        assert cut_words(panel) == [], panel.tabs.tabText(tab)
        assert hard_to_read(panel) == {}, panel.tabs.tabText(tab)


def test_all_words_can_be_read(looked_at: Assembly) -> None:
    for view in VIEWS:
        show(looked_at, view)
        assert hard_to_read(looked_at.window) == {}, view


def test_tables_need_no_sideways_scrolling(looked_at: Assembly) -> None:
    seen = set()
    for view in VIEWS:
        show(looked_at, view)
        for table in looked_at.window.findChildren(QAbstractItemView):
            if table.isVisible():
                assert table.horizontalScrollBar().maximum() == 0, table.accessibleName()
                seen.add(table.accessibleName())
    assert {"Layers of the model", "Variants"} <= seen


def test_rows_of_the_browser_are_whole(looked_at: Assembly) -> None:
    lay_out(looked_at.window)
    tree = looked_at.browser.findChild(QTreeView)
    assert tree is not None
    index, seen = tree.indexAt(QPoint(5, 5)), 0
    while index.isValid():
        row, metrics = index.data(RowRole.ROW), tree.fontMetrics()
        room = tree.visualRect(index).width()
        assert metrics.horizontalAdvance(row.title) < room, row.title
        seen += 1
        index = tree.indexBelow(index)
    assert seen > 10


def test_panels_do_not_lie_over_one_another(looked_at: Assembly) -> None:
    window = looked_at.window
    panels = (
        looked_at.browser,
        looked_at.trade_off,
        looked_at.settings,
        looked_at.figures,
        looked_at.jobs,
    )
    boxes = [QRect(panel.mapTo(window, QPoint(0, 0)), panel.size()) for panel in panels]
    for number, box in enumerate(boxes):
        assert window.rect().contains(box)
        assert not any(box.intersects(other) for other in boxes[number + 1 :])


def test_the_steps_of_the_recipe_have_room(looked_at: Assembly) -> None:
    lay_out(looked_at.window)
    steps = next(
        area for area in looked_at.settings.findChildren(QScrollArea)
        if area.accessibleName() == "Steps of the recipe"
    )  # fmt: skip
    share = 0.25 if looked_at.window.height() < 900 else 0.35
    assert steps.height() > share * looked_at.window.height()


@pytest.mark.parametrize("size", [SMALLEST], indirect=True)
def test_in_the_smallest_window_no_button_and_no_figure_is_cut(filled: Assembly) -> None:
    lay_out(filled.window)
    cut = cut_words(filled.settings) + cut_words(filled.compression) + cut_words(filled.figures)
    assert cut == []
    assert filled.trade_off.charts[0].height() > 0.2 * filled.window.height()


def test_a_name_and_its_lists_stand_apart(looked_at: Assembly) -> None:
    lay_out(looked_at.window)
    panel = looked_at.compression
    title = next(label for label in panel.findChildren(QLabel) if label.text() == "Compression")
    ends = title.mapTo(panel, QPoint()).x() + title.fontMetrics().horizontalAdvance(title.text())
    boxes = panel.findChildren(QComboBox)
    first, second = sorted(box.mapTo(panel, QPoint()).x() for box in boxes)
    assert first - ends >= GRID < second - first


def test_the_plots_get_most_of_the_room(qtbot: QtBot, looked_at: Assembly) -> None:
    advice = looked_at.window.findChild(AdvicePanel)
    assert advice is not None
    qtbot.waitUntil(advice.isVisible)  # it comes a moment later, and takes room
    lay_out(looked_at.window)
    window = looked_at.window
    assert looked_at.trade_off.width() > 0.45 * window.width()
    for chart in looked_at.trade_off.charts:
        assert chart.height() > 0.45 * window.height()


@pytest.mark.parametrize(
    "whole", [SIZES[0]], ids=["1280x800"], indirect=True
)  # a wizard has a size of its own
@pytest.mark.parametrize("kind", [*PLANNING, "export"])
def test_every_page_of_a_wizard_is_whole_and_readable(
    qtbot: QtBot, looked_at: Assembly, kind: str
) -> None:
    looked_at.window.actions_by_id[kind].trigger()
    wizards = looked_at.commands.wizards
    wizard = wizards.export_wizard if kind == "export" else wizards.planning_wizard(kind)
    assert isinstance(wizard, Wizard)
    if isinstance(wizard, GoalWizard):
        wizard.choose_device("phone-arm")  # without a limit one cannot go on
    wizard.go_back()  # to model and data, which are known
    titles = []
    while wizard.page.title not in titles:
        titles.append(wizard.page.title)
        lay_out(wizard)
        assert cut_words(wizard) == [], wizard.page.title
        assert hard_to_read(wizard) == {}, wizard.page.title
        if len(titles) < len(wizard._pages):
            wizard.go_on()
            qtbot.waitUntil(lambda: not wizard.page.missing())
    wizard.close()
    assert len(titles) == len(wizard._pages)


@pytest.mark.parametrize("size", [SIZES[0], SMALLEST], indirect=True)
def test_every_step_of_the_tour_is_whole_and_readable(
    filled: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tour_steps, "TASK", "gallery:watch")
    tour = filled.beginning.tour
    for number, step in enumerate(tour.steps[:-1]):  # the last one is shown in the wizard
        tour._enter(number)
        lay_out(filled.window)
        tour._place()
        lay_out(filled.window)
        assert filled.window.rect().contains(tour.bubble.geometry()), step.id
        assert cut_words(tour.bubble) == [], step.id
        assert hard_to_read(tour.bubble) == {}, step.id
    tour.leave()


def test_the_colours_of_words_are_readable_on_every_ground(dressed: Theme) -> None:
    grounds = (dressed.window, dressed.surface, dressed.sunken, dressed.accent_soft)
    words = ("text", "muted", "accent_text", "good_text", "bad_text", "warning_text")
    for name in words:
        for below in grounds:
            assert contrast(rgb(getattr(dressed, name)), rgb(below)) >= READABLE, (name, below)
    assert contrast(rgb(dressed.on_accent), rgb(dressed.accent)) >= READABLE
