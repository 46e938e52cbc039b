"""What plots draw: where the original's name hangs, and how wide lines are."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pyqtgraph as pg
import pytest
from gui_examples import figures
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tinystudio.gui import theme
from tinystudio.gui.plots import pens
from tinystudio.gui.plots.layers import HALO, HOLLOW, RING_OF_PREVIEW, Layers
from tinystudio.gui.plots.pens import screen_pen
from tinystudio.gui.plots.points import LEAST_SPAN, PREVIEW, Point, cost_range


def test_the_originals_name_keeps_out_of_the_words_of_a_limit(qapp: QApplication) -> None:
    layers = Layers()
    box = QRectF(0, 0, 1, 100)  # scores rise to its "bottom", 100
    layers._name.setPos(0.5, 85)
    layers.keep_name_inside(box)
    above = layers._name.anchor.y()
    layers.keep_name_inside(box, below_flag=True)
    assert above > 0 > layers._name.anchor.y()


def test_the_originals_name_keeps_off_other_points(qtbot: QtBot) -> None:
    layers = Layers()
    plot = pg.PlotWidget()
    qtbot.addWidget(plot)
    for item in layers.items:
        plot.addItem(item)
    layers._name.setPos(0.5, 50)
    box, pixel = QRectF(0, 0, 1, 100), (0.002, 0.2)
    layers.keep_name_inside(box, False, pixel)
    usual = tuple(layers._name.anchor)
    size = layers._name.boundingRect()
    near = 50 + usual[1] * size.height() * pixel[1] / 2
    layers._name.avoid([spot(0.5 - 20 * pixel[0], near)], ())
    layers.keep_name_inside(box, False, pixel)
    assert tuple(layers._name.anchor) != usual


def test_no_bar_of_another_point_runs_through_the_originals_name(qtbot: QtBot) -> None:
    layers, box, pixel = Layers(), QRectF(0, 0, 1, 100), (0.002, 0.2)
    first = spot(0.5, 50)
    layers.draw_points([first, spot(0.5 - 30 * pixel[0], 50, reach=40)], (), theme.LIGHT)
    layers.keep_name_inside(box, False, pixel)
    left = -layers._name.anchor.x() * layers._name.boundingRect().width()
    assert left > -30
    assert layers._name.fill.color() == pg.mkColor(theme.LIGHT.surface)
    bars = (layers._bars, layers._chosen_bar, layers._hollow_bars, layers._preview_bar)
    assert all(bar.zValue() < layers._name.zValue() for bar in bars)


def test_the_originals_name_keeps_off_rings_and_inside_the_plot(qtbot: QtBot) -> None:
    layers, box, pixel = Layers(), QRectF(0, 0, 1, 100), (0.002, 0.2)
    layers.draw_points([spot(0.5, 50)], (), theme.LIGHT)
    layers.keep_name_inside(box, False, pixel)
    assert layers._name.anchor.y() > 0  # above, were it not for the ring
    size = layers._name.boundingRect()
    preview = spot(0.5 - 9 * pixel[0], 50 + 12 * pixel[1])
    layers.draw_preview(preview, theme.LIGHT)
    layers.keep_name_inside(box, False, pixel)
    x, y = (
        -9 + layers._name.anchor.x() * size.width(),
        -12 + layers._name.anchor.y() * size.height(),
    )
    aside = max(-x, x - size.width(), 0), max(-y, y - size.height(), 0)
    assert math.hypot(*aside) > RING_OF_PREVIEW / 2
    layers.draw_preview(None, theme.LIGHT)
    layers.keep_name_inside(QRectF(0, 0, 1, 50 + 12 * pixel[1]), False, pixel)
    assert layers._name.anchor.y() * size.height() <= 12


def test_the_best_prediction_has_a_point_in_its_halo(qapp: QApplication) -> None:
    layers = Layers()
    layers.draw_rings(None, None, spot(0.5, 50), theme.LIGHT)
    assert sorted(mark["size"] for mark in layers._rings.data) == [HOLLOW, HALO]


def test_the_cheap_half_is_kept_free_only_until_something_is_cheaper() -> None:
    first, cheaper = spot(1.0, 50), replace(spot(0.9, 50), series="static INT8")
    assert cost_range([first], None)[0] < 10 / LEAST_SPAN
    assert cost_range([first, replace(cheaper, id=PREVIEW)], None)[0] < 10 / LEAST_SPAN
    assert cost_range([first, cheaper], None)[0] > 10 / LEAST_SPAN


def spot(log_cost: float, score: float, reach: float = 0.0) -> Point:
    """Return an original there, with an interval that reaches so far up and down."""
    ends = (score - reach, score + reach)
    return Point("o", "o", "original", 10**log_cost, score, ends, True, figures(0.9, 1))


def test_lines_are_as_wide_on_a_screen_of_twice_the_resolution(
    monkeypatch: pytest.MonkeyPatch, qapp: QApplication
) -> None:
    usual = screen_pen("#000000", width=1.6)
    monkeypatch.setattr(pens, "pixel_ratio", lambda: 2.0)
    assert screen_pen("#000000", width=1.6).widthF() == 2 * usual.widthF()
    found = [
        path.name for path in Path(pens.__file__).parent.glob("*.py")
        if path.name != "pens.py" and re.search(r"mkPen\((?!None)", path.read_text("utf-8"))
    ]  # fmt: skip
    assert not found, "pens that are thin at 200 %"
