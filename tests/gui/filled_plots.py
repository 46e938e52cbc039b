"""The linked plots with the variants of a made-up project in them."""

from __future__ import annotations

from collections.abc import Sequence

from gui_examples import project
from pytestqt.qtbot import QtBot

from tinystudio.gui.plots.trade_off import TradeOff
from tinystudio.session.marks import ProjectVariant


def fill(qtbot: QtBot, plots: TradeOff, variants: Sequence[ProjectVariant] = ()) -> None:
    found = variants or project()
    plots.set_variants(found)
    drawn = sum(item.measurement.size_bytes is not None for item in found)
    qtbot.waitUntil(lambda: len(plots.charts[0].points) == drawn)
    plots.charts[0].grab()  # lays the scene out
