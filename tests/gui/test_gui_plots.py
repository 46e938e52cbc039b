"""The two linked plots, as they are seen and pointed at."""

from __future__ import annotations

import csv
import io
import itertools
import math
from dataclasses import replace
from pathlib import Path

import pyqtgraph as pg
import pytest
from filled_plots import fill
from gui_examples import ORIGINAL, figures, original, project, variant
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from tinystudio.gui import theme
from tinystudio.gui.plots.chart import Chart
from tinystudio.gui.plots.log_axis import label, label_room, ticks
from tinystudio.gui.plots.trade_off import TradeOff
from tinystudio.session.front import Limits


@pytest.fixture
def plots(qtbot: QtBot) -> TradeOff:
    shown = TradeOff()
    qtbot.addWidget(shown)
    shown.resize(640, 520)
    with qtbot.waitExposed(shown):
        shown.show()
    return shown


def move(chart: Chart, place: QPoint, held: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
    """Move the mouse over a chart: pytest-qt's own says nothing offscreen without a button."""
    viewport = chart.viewport()
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove, QPointF(place), QPointF(viewport.mapToGlobal(place)),
        Qt.MouseButton.NoButton, held, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def test_with_nothing_measured_the_plots_say_what_to_do(plots: TradeOff) -> None:
    assert plots._empty.isVisible()
    assert "gallery" in plots._empty.text()


def test_every_measured_variant_is_a_point_in_both_plots(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots)
    timed = [item for item in project() if item.measurement.latency_ms is not None]
    assert len(plots.charts[0].points) == len(project())
    assert len(plots.charts[1].points) == len(timed)
    assert "5 points are not timed" in plots.note


def test_predicted_is_hollow_and_measured_is_solid(qtbot: QtBot, plots: TradeOff) -> None:
    guess = variant("g", "guess", measurement=figures(0.8, 90_000, original=ORIGINAL,
                                                      score_status="predicted"))  # fmt: skip
    fill(qtbot, plots, [original(), variant("m"), guess])
    assert {point.id: point.solid for point in plots.charts[0].points} == {
        "original": True, "m": True, "g": False,
    }  # fmt: skip


def test_stale_figures_are_left_out_with_a_word(qtbot: QtBot, plots: TradeOff) -> None:
    old = variant("s", measurement=figures(latency_ms_status="stale"))
    plots.set_variants([original(), old])
    qtbot.waitUntil(lambda: "1 stale point" in plots.note)
    assert [point.id for point in plots.charts[0].points] == ["original"]


def test_the_front_never_falls_and_nothing_beats_it(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots)
    for chart in plots.charts:
        scores = [point.score for point in chart.front]
        assert scores == sorted(scores)
        for point in chart.front:
            better = [p for p in chart.points if p.cost < point.cost and p.score >= point.score]
            assert not better


def test_a_click_selects_the_point_in_both_plots(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots)
    chart = plots.charts[0]
    place = chart.place_of(chart.point("q9"))
    with qtbot.waitSignal(plots.variant_selected) as selected:
        qtbot.mouseClick(chart.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert selected.args == ["q9"]
    qtbot.waitUntil(lambda: all(chart._selected == "q9" for chart in plots.charts))
    for shown in plots.charts:
        assert len(shown._layers._rings.points()) == 1


def test_a_click_beside_the_points_selects_nothing(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots)
    said: list[str] = []
    plots.variant_selected.connect(said.append)
    chart = plots.charts[0]
    qtbot.mouseClick(chart.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(70, 60))
    assert not said


def test_hovering_tells_about_the_point(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots)
    chart = plots.charts[1]
    move(chart, chart.place_of(chart.point("q9")))
    card = chart._card
    assert card.isVisible()
    assert "channels −45%, INT8" in card.text()
    assert "649 samples" in card.text()
    assert "faster" in card.text()
    assert "tied with the original" in card.text()
    assert chart.rect().contains(card.geometry())
    move(chart, QPoint(70, 60))
    assert not card.isVisible()


def test_arrow_keys_walk_over_the_points(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots)
    chart = plots.charts[0]
    ordered = sorted(chart.points, key=lambda point: (point.cost, point.score))
    plots.set_selected(ordered[0].id)
    qtbot.waitUntil(lambda: chart._selected == ordered[0].id)
    with qtbot.waitSignal(plots.variant_selected) as selected:
        qtbot.keyClick(chart, Qt.Key.Key_Right)
    assert selected.args == [ordered[1].id]


def test_the_preview_moves_as_a_hollow_point_of_its_own(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots)
    plots.show_preview("half", figures(0.85, 200_000, None, ORIGINAL, samples=500))
    qtbot.waitUntil(lambda: plots.charts[0].preview is not None)
    assert plots.charts[0].preview.cost == 200
    assert not plots.charts[0].preview.solid
    assert plots.charts[1].preview is None  # a preview is not timed
    assert "not timed" in plots.charts[1].words.missing.text()
    assert plots.charts[1].words.missing.isVisible()
    assert not plots.charts[0].words.missing.isVisible()
    assert len(plots.charts[0].points) == len(project())
    plots.clear_preview()
    qtbot.waitUntil(lambda: plots.charts[0].preview is None)
    qtbot.waitUntil(lambda: not plots.charts[1].words.missing.isVisible())


@pytest.mark.parametrize("limit", [None, 10_000_000.0])  # the original at the right, at the left
def test_the_originals_name_lies_inside_the_plot(
    qtbot: QtBot, plots: TradeOff, limit: float | None
) -> None:
    plots.set_limits(Limits(size_bytes=limit))
    fill(qtbot, plots, [original()] if limit else ())
    chart = plots.charts[0]
    name = chart._layers._name
    qtbot.waitUntil(name.isVisible)
    chart.grab()
    box = name.mapToScene(name.boundingRect()).boundingRect()
    area = chart.getViewBox().sceneBoundingRect()
    assert area.left() <= box.left()
    assert box.right() <= area.right()


def test_the_view_follows_a_preview_that_leaves_it(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots, [original()])
    chart = plots.charts[0]
    plots.show_preview("tiny", figures(0.2, 9_000, None, ORIGINAL, samples=500))
    qtbot.waitUntil(lambda: chart.preview is not None)
    assert chart.shows_preview()
    assert chart.viewport().rect().contains(chart.place_of(chart.preview))
    before = chart.getViewBox().viewRange()
    plots.show_preview("small", figures(0.8, 90_000, None, ORIGINAL, samples=500))
    qtbot.waitUntil(lambda: chart.preview.cost == 90)
    assert chart.getViewBox().viewRange() == before


def test_many_updates_within_a_frame_are_drawn_once(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots)
    drawn: list[int] = []
    plots._timer.timeout.connect(lambda: drawn.append(1))
    for size in range(100_000, 100_500):
        plots.show_preview("x", figures(0.85, size, None, ORIGINAL))
    qtbot.waitUntil(lambda: plots.charts[0].preview is not None)
    assert plots.charts[0].preview.cost == pytest.approx(100.499)
    assert len(drawn) == 1


def test_a_limit_greys_what_is_beyond_and_marks_the_best_inside(
    qtbot: QtBot, plots: TradeOff
) -> None:
    fill(qtbot, plots)
    plots.set_limits(Limits(size_bytes=100_000))
    chart = plots.charts[0]
    assert chart.limit_line.area.isVisible()
    assert chart.limit_line._flag.format == "at most 100 kB"
    inside = [item for item in project() if item.measurement.size_bytes <= 100_000]
    best = max(inside, key=lambda item: item.measurement.score)
    assert plots.best == best.id
    qtbot.waitUntil(lambda: chart._best == best.id)


def test_dragging_the_line_moves_the_limit_and_says_so_once(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots)
    plots.set_limits(Limits(size_bytes=100_000, score=0.5))
    said: list[Limits] = []
    plots.limits_changed.connect(said.append)
    line = plots.charts[0].limit_line
    for place in (2.1, 2.2, 2.3):
        line.line.setPos(place)
        line.line.sigDragged.emit(line.line)
    assert line._flag.format == "at most 200 kB"
    assert not said
    line.line.sigPositionChangeFinished.emit(line.line)
    assert len(said) == 1
    assert said[0].size_bytes == pytest.approx(10**2.3 * 1000)
    assert said[0].score == 0.5


def test_the_line_is_dragged_with_the_mouse(
    qtbot: QtBot, plots: TradeOff, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A robot is faster than the hundred moves a second that pyqtgraph listens to.
    monkeypatch.setitem(pg.CONFIG_OPTIONS, "mouseRateLimit", -1)
    fill(qtbot, plots)
    plots.set_limits(Limits(size_bytes=100_000))
    qtbot.waitUntil(lambda: not plots._timer.isActive())
    chart = plots.charts[0]
    start = chart.mapFromScene(chart.getViewBox().mapViewToScene(QPointF(2.0, 84.3)))
    left = Qt.MouseButton.LeftButton
    move(chart, start)
    with qtbot.waitSignal(plots.limits_changed) as said:
        qtbot.mousePress(chart.viewport(), left, pos=start)
        for offset in (10, 30, 60):
            move(chart, start + QPoint(offset, 0), left)
        qtbot.mouseRelease(chart.viewport(), left, pos=start + QPoint(60, 0))
    assert said.args[0].size_bytes > 130_000


def test_the_limit_buttons_draw_and_remove_a_line(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots)
    with qtbot.waitSignal(plots.limits_changed) as said:
        qtbot.mouseClick(plots.toolbar.limits[1], Qt.MouseButton.LeftButton)
    assert said.args[0].latency_ms > 0
    assert said.args[0].size_bytes is None
    with qtbot.waitSignal(plots.limits_changed) as said:
        qtbot.mouseClick(plots.toolbar.limits[1], Qt.MouseButton.LeftButton)
    assert said.args[0] == Limits()


def test_what_the_user_zoomed_to_stays_until_it_is_reset(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots)
    box = plots.charts[0].getViewBox()
    box.setRange(xRange=(1.0, 1.5), yRange=(80.0, 82.0), padding=0)
    box.sigRangeChangedManually.emit([True, True])
    fill(qtbot, plots, [*project(), variant("new")])
    assert box.viewRange()[1] == pytest.approx([80.0, 82.0])
    qtbot.mouseClick(plots.toolbar.reset, Qt.MouseButton.LeftButton)
    assert box.viewRange()[1][1] > 88


def test_both_plots_share_their_score_axis(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots)
    plots.charts[0].setYRange(70, 80, padding=0)
    assert plots.charts[1].getViewBox().viewRange()[1] == pytest.approx([70, 80], abs=0.5)


def test_failures_far_below_do_not_press_the_rest_together(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots)
    low, high = plots.charts[0].getViewBox().viewRange()[1]
    assert high - low < 45
    assert "below" in plots.charts[0].words.below.text()


def test_the_legend_names_every_series_on_the_screen(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots)
    assert "random control" in plots.legend.titles
    assert len(plots.legend.titles) == 6
    assert "measured front" in plots.legend.titles


def test_the_numbers_can_be_seen_and_taken_as_a_table(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots)
    qtbot.mouseClick(plots.toolbar.table, Qt.MouseButton.LeftButton)
    assert plots._table.isVisible()
    assert plots._table.rowCount() == len(project())
    metrics, table = plots._table.fontMetrics(), plots._table
    for row in range(table.rowCount()):
        for column in range(table.columnCount()):
            item = table.item(row, column)
            assert item is not None
            assert metrics.horizontalAdvance(item.text()) < table.columnWidth(column)
    plots._menu.copy_numbers()
    found = list(csv.DictReader(io.StringIO(QGuiApplication.clipboard().text())))
    assert len(found) == len(project())
    assert float(found[0]["score"]) == ORIGINAL.score


def test_pictures_and_numbers_are_written_or_it_is_said_why_not(
    qtbot: QtBot, plots: TradeOff, tmp_path: Path
) -> None:
    fill(qtbot, plots)
    plots._menu.save_picture(str(tmp_path / "plot.png"))
    plots._menu.save_numbers(str(tmp_path / "plot.csv"))
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert "channels" in (tmp_path / "plot.csv").read_text()
    with qtbot.waitSignal(plots.save_failed) as failed:
        plots._menu.save_picture(str(tmp_path / "plot.csv" / "plot.png"))
    assert "not saved" in failed.args[0].title


def test_the_colours_follow_the_theme(qtbot: QtBot, plots: TradeOff) -> None:
    fill(qtbot, plots)
    try:
        for preference in ("dark", "light"):
            theme.switch().prefer(preference)
            picture = plots.charts[0].grab().toImage()
            assert picture.pixelColor(60, 60).name() == theme.current().surface
    finally:
        theme.switch().prefer("light")


@given(st.floats(-3, 6), st.floats(0.05, 8), st.floats(60, 2000))
def test_ticks_are_inside_the_view_and_their_labels_do_not_meet(
    low: float, span: float, pixels: float
) -> None:
    found = ticks(low, low + span, pixels)
    places = [(math.log10(value) - low) / span * pixels for value in found]
    assert all(-1e-6 <= place <= pixels + 1e-6 for place in places)
    rooms = [label_room(before, after) for before, after in itertools.pairwise(found)]
    gaps = [after - before for before, after in itertools.pairwise(places)]
    assert all(gap >= room - 1e-6 for gap, room in zip(gaps, rooms, strict=True))


@pytest.mark.parametrize(
    ("pixels", "labels"),
    [(400, "10 20 50 100 200 500 1,000"), (200, "10 30 100 300 1,000"), (100, "10 100 1,000")],
)
def test_ticks_read_as_a_person_would_write_them(pixels: float, labels: str) -> None:
    assert " ".join(label(value) for value in ticks(1, 3, pixels)) == labels


@pytest.mark.parametrize(
    ("metric", "is_higher", "where"),
    [("perplexity", False, "lower left"), ("accuracy", True, "upper left")],
)
def test_the_plots_say_where_better_lies(
    qtbot: QtBot, plots: TradeOff, metric: str, is_higher: bool, where: str
) -> None:
    told = {"metric": metric, "higher_is_better": is_higher}
    measured = original()
    shown = replace(measured, measurement=measured.measurement.model_copy(update=told))
    fill(qtbot, plots, (shown,))
    assert where in plots.toolbar.findChild(QLabel).text()


def test_a_predicted_collapse_does_not_press_what_is_measured_together(
    qtbot: QtBot, plots: TradeOff
) -> None:
    fill(qtbot, plots, [original(), variant("a", measurement=figures(0.87, 71_000, 0.041))])
    predicted = [
        figures(score, size, None, score_status="predicted", size_bytes_status="predicted")
        for score, size in ((0.2, 9_000), (0.6, 20_000), (0.86, 60_000))
    ]
    plots.set_front(predicted, lambda number: f"recipe {number}")
    qtbot.waitUntil(lambda: bool(plots.charts[0].predicted))
    plots.charts[0].fit()
    low, high = plots.charts[0].getViewBox().viewRange()[1]
    assert 60 < low < 75  # of the front its upper end is seen
    assert high > 88


def test_a_control_is_not_part_of_the_measured_front(qtbot: QtBot, plots: TradeOff) -> None:
    chance = variant("r", series="random-control", measurement=figures(0.99, 9_000, 0.01))
    fill(qtbot, plots, [original(), chance, variant("a", measurement=figures(0.87, 71_000, 0.04))])
    assert {point.id for point in plots.charts[0].front} == {"a", "original"}
