"""As a new user does it: a model of one's own and a CSV file, from opening to a chosen small file.

The model is trained in torch and exported in the ordinary way. Once both files are chosen, clicks
are counted; then the command line makes the same file.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QPushButton, QToolBar, QWidget
from pytestqt.qtbot import QtBot

from tinystudio.gallery import find_task
from tinystudio.gui.assembly import Assembly
from tinystudio.session.session import Session

PATIENCE_MS = 120_000
MOST_CLICKS = 4  # under five


class Hand:
    """Clicks, and counts."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot, self.clicks = qtbot, 0

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        assert widget.isVisible()
        assert widget.isEnabled(), widget.toolTip()
        self._qtbot.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())
        self.clicks += 1


@pytest.fixture
def own(tmp_path: Path) -> tuple[Path, Path]:
    """Train a model on a table and write both, as somebody who has never heard of us would."""
    folder = tmp_path / "own"
    folder.mkdir()
    data = find_task("gallery:breast").dataset()
    pairs = [(part.inputs[0], part.labels) for part in (data.train, data.validation, data.test)]
    features, numbers = (np.concatenate(arrays) for arrays in zip(*pairs, strict=True))
    words = np.array(data.classes)[numbers]
    labels = np.unique(words, return_inverse=True)[1]  # by alphabet, as label encoders do
    table = folder / "measurements.csv"
    names = [f"feature {number}" for number in range(features.shape[1])]
    rows = (
        ",".join([*(f"{value:.6g}" for value in row), word])
        for row, word in zip(features, words, strict=True)
    )
    table.write_text("\n".join([",".join([*names, "diagnosis"]), *rows]) + "\n")
    return _trained(features, labels, folder / "mine.onnx"), table


def _trained(features: np.ndarray, labels: np.ndarray, path: Path) -> Path:
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Linear(features.shape[1], 96), torch.nn.ReLU(),
        torch.nn.Linear(96, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2),
    )  # fmt: skip
    x, y = torch.from_numpy(features.astype(np.float32)), torch.from_numpy(labels)
    optimizer = torch.optim.AdamW(model.parameters(), 0.01)
    for _ in range(60):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    model.eval()
    with warnings.catch_warnings():  # torch warns of its own parts
        warnings.simplefilter("ignore")
        shapes = ({0: torch.export.Dim("n")},)
        torch.onnx.export(model, (x[:2],), path, dynamic_shapes=shapes, verbose=False)
    return path


def wait(qtbot: QtBot, until: Callable[[], bool]) -> None:
    qtbot.waitUntil(until, timeout=PATIENCE_MS)


def choose_file(qtbot: QtBot, window: Assembly, action: str, path: Path) -> None:
    """Answer the file dialog that an action opens."""
    window.window.actions_by_id[action].trigger()
    qtbot.waitUntil(lambda: bool(window.window.findChildren(QFileDialog)))
    dialog = window.window.findChildren(QFileDialog)[0]
    dialog.selectFile(str(path))
    dialog.fileSelected.emit(str(path))
    dialog.close()


def is_ready(session: Session) -> bool:
    database = session.exploration.database
    return database is not None and database.stage == "complete" and not session.runs.open


def test_under_five_clicks_lead_to_a_chosen_small_file_and_a_command_makes_the_same(
    qtbot: QtBot, window: Assembly, own: tuple[Path, Path], tmp_path: Path
) -> None:
    model, table = own
    before = model.read_bytes()
    choose_file(qtbot, window, "open-model", model)
    session = window.studio.session
    wait(qtbot, lambda: session.inspection is not None)
    choose_file(qtbot, window, "attach-data", table)
    desk = window.commands.data
    wait(qtbot, lambda: desk.sheet is not None)
    hand = Hand(qtbot)

    # 1: the data's card has been read.
    assert desk.sheet is not None
    hand.click(next(b for b in desk.sheet.findChildren(QPushButton) if b.text() == "Close"))
    wait(qtbot, lambda: is_ready(session))
    original = session.original
    assert original is not None
    assert (original.measurement.score or 0) > 0.9

    # 2: a point of the predicted front, the smallest that keeps the accuracy.
    chart = window.trade_off.charts[0]
    enough = 100 * (original.measurement.score or 0) - 2
    wait(qtbot, lambda: any(point.score >= enough for point in chart._predicted))
    point = min((p for p in chart._predicted if p.score >= enough), key=lambda p: p.cost)
    hand.click(chart.viewport(), chart.place_of(point))
    wait(qtbot, lambda: bool(session.recipe.steps))

    # 3 and 4: Export, with what the pages suggest.
    wait(qtbot, window.window.actions_by_id["export"].isEnabled)
    (bar,) = window.window.findChildren(QToolBar)
    hand.click(bar.widgetForAction(window.window.actions_by_id["export"]))
    wizard = window.commands.wizards.export_wizard
    assert wizard is not None
    wizard._folder = tmp_path
    hand.click(next(b for b in wizard.findChildren(QPushButton) if b.text() == "Export now"))
    wait(qtbot, lambda: wizard._cancel.text() == "Close")
    assert hand.clicks <= MOST_CLICKS

    (written,) = tmp_path.glob("*.onnx")
    exported = next(run.exported for run in session.runs if run.exported is not None)
    assert all(check.passed for check in exported.checks)
    assert written.stat().st_size < (original.measurement.size_bytes or 0) / 3
    assert model.read_bytes() == before
    recipe = tmp_path / "recipe.json"
    recipe.write_text(session.recipe.model_dump_json())
    again = tmp_path / "again" / "small.onnx"
    again.parent.mkdir()
    words = [str(model), "--data", str(table), "--recipe", str(recipe), "--output", str(again)]
    subprocess.run([sys.executable, "-m", "tinystudio", "compress", *words], check=True)
    assert again.read_bytes() == written.read_bytes()
