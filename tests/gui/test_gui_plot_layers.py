"""What plots draw: where the original's name hangs, and how wide lines are."""

from __future__ import annotations

import re
from pathlib import Path

import pyqtgraph as pg
import pytest
from gui_examples import figures
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tinystudio.gui import theme
from tinystudio.gui.plots import pens
from tinystudio.gui.plots.layers import Layers
from tinystudio.gui.plots.pens import screen_pen
from tinystudio.gui.plots.points import Point


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
