"""Channels that can only go together are shown where layers are."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tinystudio.engine.inspecting import look_at
from tinystudio.gallery import find_task
from tinystudio.graph.opening import open_network
from tinystudio.gui.layer_table import TITLES
from tinystudio.gui.panels.layers import LayersPanel


def test_layers_that_a_sum_ties_together_are_told_as_one_group(qtbot: QtBot) -> None:
    task = find_task("gallery:fashion")
    inspection = look_at(open_network(task.network_path), task.title)
    tied = next(group for group in inspection.groups if len(group.layers) > 1)
    panel = LayersPanel()
    qtbot.addWidget(panel)
    panel.show_inspection(inspection)
    model = panel._table.model()
    groups = {
        str(model.index(row, 0).data()): str(model.index(row, TITLES.index("Group")).data())
        for row in range(model.rowCount())
    }
    assert len({groups[name] for name in tied.layers}) == 1
    assert groups[tied.layers[0]] not in ("", "–")
    told = [label.text() for label in panel.findChildren(QLabel)]
    assert any(", ".join(tied.layers) in text for text in told)
