"""The Plots view: any axes with lasso and remembered zoom, recipe and result, curves."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest
from gui_examples import figures, original, project, variant
from idle_workers import pruned
from idle_workers import variant as measured
from kept_settings import Kept
from made_database import explore
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tinystudio.gui import theme
from tinystudio.gui.plots.any_axes import AnyAxes, why_empty
from tinystudio.gui.plots.clouds import MOST_DRAWN, Clouds, PointLook
from tinystudio.gui.plots.device_measures import device_measures
from tinystudio.gui.plots.free_chart import FreeChart
from tinystudio.gui.plots.lasso import inside
from tinystudio.gui.plots.measures import MEASURES, find_measure, placed, values
from tinystudio.gui.plots.parallel import ParallelPlot
from tinystudio.gui.plots.parallel_data import axes_of, kinships
from tinystudio.gui.plots.point_looks import binned
from tinystudio.gui.plots.portrait import svg_of
from tinystudio.gui.plots.rows_table import csv_text
from tinystudio.gui.window import PLOTS_TAB
from tinystudio.jobs.job import VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.calibration_sweep import calibration_sweep, samples_of
from tinystudio.session.device_points import DevicePoint

SQUARE = np.array([(0, 0), (4, 0), (4, 4), (0, 4)], np.float64)


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def plot(qtbot, kept: Kept) -> AnyAxes:
    shown = AnyAxes(kept.memory)
    qtbot.addWidget(shown)
    shown.resize(700, 500)
    with qtbot.waitExposed(shown):
        shown.show()
    shown.set_variants(project())
    qtbot.waitUntil(lambda: shown.chart.count == len(project()))
    shown.chart.grab()  # lays the scene out
    return shown


def choose(plot: AnyAxes, box, id: str) -> None:
    box.setCurrentIndex(box.findData(id))
    box.activated.emit(box.currentIndex())


def mouse(chart: FreeChart, kind: QMouseEvent.Type, place: QPoint, held: bool = True) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    viewport = chart.viewport()
    event = QMouseEvent(
        kind, QPointF(place), QPointF(viewport.mapToGlobal(place)), left, left if held else none,
        Qt.KeyboardModifier.ShiftModifier,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def test_any_figure_can_be_an_axis_and_a_logarithm_hides_what_it_cannot_show() -> None:
    some = (original(), *project()[1:3])
    shown = values(some, find_measure("speed"))
    assert shown[0] == 1.0 and shown[1] > 1.0
    assert np.isnan(values(some, find_measure("worst"))).all()
    assert placed(np.array([0.0, 100.0]), True)[1] == 2.0
    assert np.isnan(placed(np.array([0.0, 100.0]), True)[0])
    assert len({measure.id for measure in MEASURES}) == len(MEASURES)


def test_stale_figures_are_on_no_axis() -> None:
    stale = variant("s", measurement=figures(size_bytes_status="stale"))
    assert np.isnan(values((stale,), find_measure("size"))).all()


def test_a_lasso_holds_what_lies_inside_and_not_what_lies_in_its_bay() -> None:
    bay = np.array([(0, 0), (4, 0), (4, 4), (2, 1), (0, 4)], np.float64)
    x, y = np.array([1.0, 2.0, 5.0]), np.array([1.0, 3.0, 1.0])
    assert inside(SQUARE, x, y).tolist() == [True, True, False]
    assert inside(bay, x, y).tolist() == [True, False, False]
    assert not inside(SQUARE[:2], x, y).any()


def test_shift_drag_gathers_points(plot: AnyAxes, qtbot) -> None:
    area = plot.chart.getViewBox().sceneBoundingRect().toRect().adjusted(-2, -2, 2, 2)
    corners = (area.topLeft(), area.topRight(), area.bottomRight(), area.bottomLeft())
    with qtbot.waitSignal(plot.gathered) as said:
        mouse(plot.chart, QMouseEvent.Type.MouseButtonPress, corners[0])
        for corner in corners[1:]:
            mouse(plot.chart, QMouseEvent.Type.MouseMove, corner)
        mouse(plot.chart, QMouseEvent.Type.MouseButtonRelease, corners[3], held=False)
    assert set(said.args[0]) == {item.id for item in project()}


def test_shift_drag_gathers_in_the_trade_off_too(opened, qtbot) -> None:
    parts = opened.assembly
    parts.trade_off.set_variants(project())
    parts.runs.set_variants(project())
    chart = parts.trade_off.charts[0]
    qtbot.waitUntil(lambda: len(chart.points) == len(project()))
    chart.grab()
    area = chart.getViewBox().sceneBoundingRect().toRect()
    middle = area.center()
    mouse(chart, QMouseEvent.Type.MouseButtonPress, QPoint(middle.x(), area.top() - 2))
    for corner in (area.topRight(), area.bottomRight(), QPoint(middle.x(), area.bottom())):
        mouse(chart, QMouseEvent.Type.MouseMove, corner)
    mouse(chart, QMouseEvent.Type.MouseButtonRelease, area.center(), held=False)
    left, right = chart.viewRange()[0]
    dear = {p.id for p in chart.points if (left + right) / 2 < math.log10(p.cost) < right
            and chart.viewRange()[1][0] < p.score}  # fmt: skip
    assert len(dear) > 3
    assert set(parts.runs.selected_ids()) == dear


def test_the_keyboard_gathers_what_is_in_view(plot: AnyAxes, qtbot) -> None:
    left, right, bottom, top = plot.chart.box
    plot.chart.show_box(((left + right) / 2, right, bottom, top))
    with qtbot.waitSignal(plot.gathered) as said:
        QTest.keyClick(plot.chart, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert 0 < len(said.args[0]) < len(project())


def test_a_zoom_is_remembered_for_its_axes_and_its_project(
    plot: AnyAxes, kept: Kept, qtbot
) -> None:
    zoomed = (2.0, 2.5, 70.0, 80.0)
    plot.chart.show_box(zoomed)
    plot._keep_view()
    choose(plot, plot.below, "latency")
    assert plot.chart.box != pytest.approx(zoomed)
    choose(plot, plot.below, "size")
    assert plot.chart.box == pytest.approx(zoomed)
    kept.project = "another"
    plot.restore()
    qtbot.waitUntil(lambda: plot.chart.box != pytest.approx(zoomed))
    kept.project = "one"
    plot.restore()
    qtbot.waitUntil(lambda: plot.chart.box == pytest.approx(zoomed))
    plot.reset_view()
    assert kept.memory.box(plot._key) is None


def test_damaged_memories_are_no_memories(kept: Kept) -> None:
    for text in ("{", "[1, 2]", '["a", "b", "c", "d"]', "[3, 1, 0, 1]"):
        kept.texts["one zoom a/b"] = text
        assert kept.memory.box("a/b") is None


def test_an_axis_without_figures_says_so_in_words(plot: AnyAxes) -> None:
    choose(plot, plot.below, "worst")
    assert "worst class" in plot.why_empty
    assert not plot.save_button.isEnabled()
    choose(plot, plot.below, "latency")
    assert not plot.why_empty
    assert "left out" in plot.note  # pruned weights are not timed
    nothing = np.zeros(0)
    assert "Measure a recipe" in why_empty((), nothing, nothing, MEASURES[0], MEASURES[1])


def test_table_and_csv_have_the_figures_of_the_axes(plot: AnyAxes) -> None:
    choose(plot, plot.colour_by, "latency")
    plot.table_button.click()
    assert plot._table.model().rowCount() == len(project())
    plot.menu.copy_numbers()
    rows = list(csv.reader(io.StringIO(QApplication.clipboard().text())))
    assert rows[0] == ["variant", "series", "size (kB)", "accuracy (%)", "latency here (µs)"]
    assert len(rows) == len(project()) + 1


LATENCY_THERE = "device:latency_ms:Pi 4"
POINTS = (
    DevicePoint(variant="p1", device="Pi 4", latency_ms=2.5, energy_mj=0.8),
    DevicePoint(variant="p2", device="Pi 4", latency_ms=1.5),
    DevicePoint(variant="p2", device="phone", latency_ms=0.4, size_bytes=64_000),
)


def test_what_was_measured_on_a_device_is_an_axis_with_a_table_and_a_lasso(
    plot: AnyAxes, kept: Kept, qtbot
) -> None:
    plot.set_imported(POINTS)
    titles = [plot.below.itemText(at) for at in range(plot.below.count())]
    assert titles[-4:] == [
        "latency on phone", "size on phone", "latency on Pi 4", "energy on Pi 4",
    ]  # fmt: skip
    choose(plot, plot.below, LATENCY_THERE)
    assert plot.chart.count == 2
    assert plot.log_x.isChecked()
    assert "no verdict is drawn" in plot.note
    rows = list(csv.reader(io.StringIO(csv_text(*plot.numbers()))))
    assert rows[0][2] == "latency on Pi 4 (ms)"
    assert [row[2] for row in rows[1:] if row[2]] == ["2.5", "1.5"]
    with qtbot.waitSignal(plot.gathered) as caught:
        QTest.keyClick(plot.chart, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert set(caught.args[0]) == {"p1", "p2"}
    again = AnyAxes(kept.memory)  # as after a restart, before the figures are there
    qtbot.addWidget(again)
    assert again.axes[0].id == LATENCY_THERE
    again.set_imported(POINTS)
    assert again.axes[0].value(project()[1]) == 2.5
    plot.set_imported(())
    qtbot.waitUntil(lambda: "measured on Pi 4" in plot.why_empty)
    assert "Import figures from a device" in plot.why_empty


def test_what_was_measured_on_a_device_stands_among_the_results_of_recipes() -> None:
    some = [variant(f"p{at}", recipe=pruned(0.1 * at)) for at in (1, 2)]
    titles = [axis.title for axis in axes_of(some, device_measures(POINTS[:2]))]
    assert titles[-3:] == ["latency on Pi 4 (ms)", "energy on Pi 4 (mJ)", "accuracy (%)"]


def test_an_svg_has_shapes_and_no_pictures_of_them(plot: AnyAxes) -> None:
    text = svg_of(plot.chart).decode()
    assert text.count("<path") > len(project())
    assert "<image" not in text


def test_of_a_great_many_points_only_what_can_be_told_apart_is_drawn() -> None:
    draw = np.random.default_rng(0)
    x, y = draw.normal(size=(2, 100_000))
    clouds = Clouds()
    look = PointLook("o", "#000000", 9.0)
    clouds.set_points(x, y, np.zeros(len(x), np.int64), [look], theme.LIGHT)
    assert clouds.redraw((-4, 4, -4, 4))
    item = clouds.item
    assert 1000 < len(item.getData()[0]) <= MOST_DRAWN
    assert not clouds.redraw((-3.5, 4.5, -4, 4))  # a pan finds its points drawn
    assert clouds.redraw((-0.1, 0.1, -0.1, 0.1))
    here = (abs(x) < 0.1) & (abs(y) < 0.1)
    shown = set(zip(*(part.tolist() for part in item.getData()), strict=True))
    assert set(zip(x[here].tolist(), y[here].tolist(), strict=True)) <= shown


def test_an_outlier_does_not_flatten_the_colours() -> None:
    bins = binned(np.array([*np.linspace(0, 1, 99), 1e9]), 8)
    assert len(set(bins.tolist())) == 8


def swept() -> tuple:
    recipes = [
        Recipe(steps=(Step.of("channel-pruning", sparsity=share, importance=way),))
        for share in (0.25, 0.5, 0.75) for way in ("obs", "random")
    ]  # fmt: skip
    return tuple(variant(f"v{n}", recipe=recipe) for n, recipe in enumerate(recipes))


def test_parameters_that_differ_become_axes_before_the_results() -> None:
    axes = axes_of(swept())
    assert [axis.is_result for axis in axes] == [False, False, True, True, True]
    assert axes[0].places.tolist() == [0.0, 0.0, 0.5, 0.5, 1.0, 1.0]
    assert [text for _, text in axes[0].ticks] == ["25", "50", "75"]
    assert kinships((original(), *swept())) == ((("channel-pruning",), 6),)


def test_a_range_on_an_axis_picks_the_lines_that_pass(qtbot) -> None:
    shown = ParallelPlot()
    qtbot.addWidget(shown)
    with qtbot.waitExposed(shown):
        shown.show()
    assert "Start a sweep" in shown.why_empty
    shown.set_variants(swept())
    qtbot.waitUntil(lambda: not shown.why_empty)
    shown.view.pick(0, (0.9, 1.0))
    with qtbot.waitSignal(shown.gathered) as said:
        shown.view._say_picked()
    assert said.args[0] == ["v4", "v5"]
    with qtbot.waitSignal(shown.gathered) as said:
        QTest.keyClick(shown.view, Qt.Key.Key_Escape)
    assert said.args[0] == []


def test_the_calibration_sweep_doubles_up_to_all_there_is() -> None:
    sweep = calibration_sweep(Recipe(), 100)
    assert sweep is not None
    assert sweep.samples == (8, 16, 32, 64, 96)
    assert sweep.recipe.steps[0].technique == "static-quantization"
    assert calibration_sweep(Recipe(), 15) is None


def test_the_calibration_curve_is_of_recipes_alike_but_for_their_samples() -> None:
    base = (Step.of("channel-pruning"), Step.of("static-quantization"))
    sweep = calibration_sweep(Recipe(steps=base), 64)
    assert sweep is not None
    made = [
        variant(f"n{n}", recipe=Recipe(steps=(base[0], base[1].replace(samples=n))))
        for n in (32, 8)
    ]  # fmt: skip
    other = variant("o", recipe=Recipe(steps=(base[1],)))
    pruned_only = variant("p", recipe=Recipe(steps=(base[0], base[0])))
    found = list(samples_of(sweep, (*made, other, pruned_only)))
    assert [(n, item.id) for n, item in found] == [(8, "n8"), (32, "n32")]


def test_what_is_gathered_is_selected_in_runs_and_the_other_way_round(opened, qtbot) -> None:
    parts = opened.assembly
    parts.studio.open_network("gallery:watch")
    opened.engines.come_up()
    opened.engines.finish_opening()
    parts.studio.edit_recipe(pruned(0.5))
    parts.studio.measure()
    opened.engines.finish_variants(pruned(0.5), pruned(0.25))
    chart = parts.plots.any_axes.chart
    opened.window.show_tab(PLOTS_TAB)
    qtbot.waitUntil(lambda: chart.count == 3)
    ids = [measured(pruned(share)).id for share in (0.5, 0.25)]
    parts.plots.gathered.emit(ids)
    assert set(parts.runs.selected_ids()) == set(ids)
    assert len(chart._chosen) == 2
    parts.runs.select_many([ids[0]])
    assert len(chart._chosen) == 1


def test_the_curve_of_calibration_is_measured_by_a_sweep(opened, qtbot) -> None:
    parts = opened.assembly
    parts.studio.open_network("gallery:watch")
    opened.engines.come_up()
    opened.engines.finish_opening()
    curve = parts.plots.calibration
    opened.window.show_tab(PLOTS_TAB)
    parts.plots.bar.setCurrentIndex(4)
    qtbot.waitUntil(curve.measure.isEnabled)
    assert "Not measured yet" in curve.why_empty
    curve.measure.click()
    job = opened.engines.last(VariantsJob)
    assert [r.steps[0].params.samples for r in job.recipes] == [8, 16, 32, 64, 128, 256]
    opened.engines.finish_variants(*job.recipes)
    qtbot.waitUntil(lambda: not curve.why_empty)
    assert len(curve.numbers()[1]) == 6
    assert not curve.measure.isEnabled()


def test_sensitivity_and_staircase_come_from_the_layer_database(opened, qtbot, tmp_path) -> None:
    plots = opened.assembly.plots
    assert "no layer database" in plots.sensitivity.why_empty
    assert "not timed yet" in plots.staircase.why_empty
    explore(opened, qtbot, tmp_path)
    opened.window.show_tab(PLOTS_TAB)
    plots.bar.setCurrentIndex(2)
    qtbot.waitUntil(lambda: not plots.sensitivity.why_empty)
    headings, rows = plots.sensitivity.numbers()
    first = dict(zip(headings, rows[0], strict=True))
    session = opened.assembly.studio.session
    space = session.exploration.database.space
    choice = space.choice({"conv1": int(first["level"])}, {})
    assert first["accuracy"] == pytest.approx(
        100 * session.exploration.point(choice).score, abs=1e-5
    )
    plots.bar.setCurrentIndex(3)
    assert not plots.staircase.why_empty
    assert [row[0] for row in plots.staircase.numbers()[1]] == [4, 8, 16, 32]
