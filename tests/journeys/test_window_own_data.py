"""An own model and an own folder of images, in the real window: dropped, looked at, measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from example_networks import network
from onnx import helper
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tinystudio.gui.assembly import Assembly
from tinystudio.gui.data_sheet import DataSheet

PATIENCE_MS = 120_000


def brightness_model(path: Path) -> Path:
    """Write a model that tells bright from dark images of 0 to 1."""
    weights = np.stack([np.ones((3, 1, 1)), -np.ones((3, 1, 1))]).astype(np.float32)
    made = network(
        [
            helper.make_node("Conv", ["x", "w", "b"], ["a"]),
            helper.make_node("GlobalAveragePool", ["a"], ["c"]),
            helper.make_node("Flatten", ["c"], ["y"]),
        ],
        {"w": weights, "b": np.array([-1.5, 1.5], np.float32)},
        {"x": ("n", 3, 8, 8)},
        {"y": ("n", 2)},
    )
    path.write_bytes(made.data)
    return path


def images(root: Path) -> Path:
    random = np.random.default_rng(0)
    for name, low in (("bright", 128), ("dark", 0)):
        (root / name).mkdir(parents=True)
        for number in range(20):
            pixels = random.integers(low, low + 128, (8, 8, 3), np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number}.png")
    return root


def drop(window: Assembly, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    window.window.dropEvent(QDropEvent(QPointF(1, 1), action, mime, button, none))


def scores(window: Assembly) -> list[float | None]:
    return [item.measurement.score for item in window.studio.session.variants()]


def test_a_dropped_folder_is_measured_on_and_read_in_another_way(
    qtbot: QtBot, window: Assembly, tmp_path: Path
) -> None:
    drop(window, brightness_model(tmp_path / "mine.onnx"), images(tmp_path / "images"))
    desk = window.commands.data
    qtbot.waitUntil(lambda: desk.sheet is not None, timeout=PATIENCE_MS)
    assert isinstance(desk.sheet, DataSheet)
    assert desk.sheet.asked() == str(tmp_path / "images")
    qtbot.waitUntil(lambda: scores(window) == [1.0], timeout=PATIENCE_MS)

    # The card offers how pixels are read; without scaling, all images look bright.
    form = desk.sheet._form
    assert form is not None
    field = form.field("normalization")
    assert field.value() == "unit"
    box = field.focused
    qtbot.keyClick(box, Qt.Key.Key_Home)
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert field.value() == "none"
    again = next(it for it in desk.sheet.findChildren(QPushButton) if it.text() == "Read again")
    qtbot.mouseClick(again, Qt.MouseButton.LeftButton)
    assert window.studio.session.data == f"{tmp_path / 'images'}?normalization=none"
    qtbot.waitUntil(lambda: scores(window) == [0.5], timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: desk.sheet is not None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not window.studio.session.runs.open, timeout=PATIENCE_MS)
