"""What part of the linked plots is seen: kept, left by keys, and what lies outside."""

from __future__ import annotations

import math

import pytest
from filled_plots import fill
from gui_examples import figures, project, variant
from kept_settings import Kept
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tinystudio.gui.plots.trade_off import TradeOff


def remembering(qtbot: QtBot, kept: Kept) -> TradeOff:
    plots = TradeOff(kept.memory)
    qtbot.addWidget(plots)
    plots.resize(640, 520)
    with qtbot.waitExposed(plots):
        plots.show()
    return plots


def zoom(plots: TradeOff, box: tuple[float, float, float, float]) -> None:
    """Zoom the left plot as the wheel does, and let it rest."""
    plots.charts[0].show_box(box)
    plots.charts[0].getViewBox().sigRangeChangedManually.emit([True, True])
    plots._zoom.keep()
    plots._zoom.settled.emit()


def test_a_zoom_is_remembered_for_its_model_and_project_over_a_restart(qtbot: QtBot) -> None:
    kept, box = Kept(), (1.0, 1.5, 80.0, 82.0)
    plots = remembering(qtbot, kept)
    fill(qtbot, plots)
    usual = plots.charts[0].box
    zoom(plots, box)
    again = remembering(qtbot, kept)
    fill(qtbot, again)
    assert again.charts[0].box == pytest.approx(box)
    assert again.charts[1].box[2:] == pytest.approx(box[2:], abs=0.5)
    kept.project = "another"  # a model of the same name
    fill(qtbot, again, list(project()))
    qtbot.waitUntil(lambda: again.charts[0].box == pytest.approx(usual))
    kept.project = "one"
    fill(qtbot, again)
    qtbot.waitUntil(lambda: again.charts[0].box == pytest.approx(box))
    again.charts[0].show_box((1.1, 1.2, 80.0, 82.0))
    again.charts[0].getViewBox().sigRangeChangedManually.emit([True, True])
    again.keep_view()  # the window closes before the zoom has come to rest
    assert "[1.1, 1.2, 80.0, 82.0]" in kept.texts.values()
    QTest.keyClick(again.charts[0], Qt.Key.Key_Home)
    assert again.charts[0].box == pytest.approx(usual)
    assert not any(kept.texts.values())


def test_a_zoom_says_how_many_points_it_leaves_out_and_shows_all_at_a_click(
    qtbot: QtBot,
) -> None:
    plots = remembering(qtbot, Kept())
    fill(qtbot, plots)
    assert plots.outside.isHidden()  # the usual view says so itself, in the plot
    first = plots.charts[0].points[0]
    place = math.log10(first.cost)
    zoom(plots, (place - 0.01, place + 0.01, first.score - 1, first.score + 1))
    count = len({p.id for chart in plots.charts for p in chart.points}) - 1
    assert plots.outside.text() == f"{count} points outside, show all"
    fill(qtbot, plots, [*project(), variant("new", measurement=figures(0.1, 4_000, 0.001))])
    qtbot.waitUntil(lambda: plots.outside.text() == f"{count + 1} points outside, show all")
    qtbot.mouseClick(plots.outside, Qt.MouseButton.LeftButton)
    assert plots.outside.isHidden()
    assert not any(chart.outside for chart in plots.charts)


def test_keys_zoom_and_move_the_view(qtbot: QtBot) -> None:
    plots = remembering(qtbot, Kept())
    fill(qtbot, plots)
    chart = plots.charts[0]
    left, right, _, _ = chart.box
    QTest.keyClick(chart, Qt.Key.Key_Plus)
    assert chart.box[1] - chart.box[0] == pytest.approx((right - left) / 1.25)
    before = chart.box
    QTest.keyClick(chart, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
    assert chart.box[0] > before[0]
    assert plots._zoom.is_zoomed
