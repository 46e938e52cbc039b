"""The card shows samples, and shows them anew while settings are edited."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from idle_workers import begun, ended
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QTableWidget
from pytestqt.qtbot import QtBot
from test_gui_data import CARD, KNOWN, answer, field, open_model, texts, type_into

from tinystudio.core.data_preview import DataPreview, PreviewKind, SampleShown, write_preview
from tinystudio.gui import theme
from tinystudio.gui.preview_pane import GONE, PreviewPane
from tinystudio.gui.sample_tiles import Tile
from tinystudio.jobs.events import DataSeen, Failed, Warned
from tinystudio.jobs.job import InspectJob, LookJob

ROWS = DataPreview(
    kind="rows", note="The first 2 rows as they were read.", columns=("id", "a", "label"),
    rows=(("1", "0.5", "x"), ("2", "0.7", "y")), target=2, unfed=(0,),
)  # fmt: skip


def png(colour: tuple[int, int, int]) -> str:
    file = io.BytesIO()
    Image.new("RGB", (4, 4), colour).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def pane_of(qtbot: QtBot, preview: DataPreview) -> PreviewPane:
    pane = PreviewPane()
    qtbot.addWidget(pane)
    pane.resize(560, 400)
    pane.show_preview(preview)
    pane.show()
    return pane


def colours_of(tile: Tile) -> set[str]:
    image = tile.grab().toImage()
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


@pytest.mark.parametrize("name", ["light", "dark"])
def test_pictures_are_drawn_with_their_classes(qtbot, name):
    theme.switch().prefer(name)
    samples = tuple(
        SampleShown(label=label, number=at, png=png(colour))
        for at, (label, colour) in enumerate({"cat": (250, 0, 0), "dog": (0, 0, 250)}.items())
    )
    pane = pane_of(qtbot, DataPreview(kind="images", samples=samples))
    tiles = pane.findChildren(Tile)
    assert [tile.accessibleName() for tile in tiles] == ["Sample 0: cat", "Sample 1: dog"]
    assert "#fa0000" in colours_of(tiles[0])
    assert "#0000fa" in colours_of(tiles[1])
    theme.switch().prefer("light")


def test_curves_are_drawn_in_the_colours_of_their_channels(qtbot):
    sample = SampleShown(label="run", number=3, curves=((0.0, 1.0), (1.0, -1.0)))
    preview = DataPreview(
        kind="curves", samples=(sample,), channels=("ax", "ay"), low=-1.0, high=1.0
    )
    pane = pane_of(qtbot, preview)
    (tile,) = pane.findChildren(Tile)
    assert {"ax", "ay"} <= {label.text() for label in pane.findChildren(QLabel)}
    drawn = colours_of(tile)
    colours = theme.current()
    near = [_nearest(drawn, colours.curve(number).colour) for number in (0, 1)]
    assert max(near) < 40


def _nearest(drawn: set[str], colour: str) -> int:
    wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
    found = np.array([[int(name[at : at + 2], 16) for at in (1, 3, 5)] for name in drawn])
    return int(np.abs(found - wanted).sum(axis=1).min())


def test_a_damaged_picture_is_left_empty(qtbot):
    broken = SampleShown(label="cat", number=0, png="no base64!")
    pane = pane_of(qtbot, DataPreview(kind="images", samples=(broken,)))
    (tile,) = pane.findChildren(Tile)
    assert not tile.grab().isNull()


def test_rows_are_as_they_were_read_and_the_target_stands_out(qtbot):
    pane = pane_of(qtbot, ROWS)
    table = pane.findChild(QTableWidget)
    heads = [table.horizontalHeaderItem(at).text() for at in range(3)]
    assert heads == ["id (not fed)", "a", "label"]
    assert table.item(1, 1).text() == "0.7"
    assert table.item(0, 2).font().bold()
    assert not table.item(0, 0).flags() & Qt.ItemFlag.ItemIsEnabled


def test_text_shows_what_is_to_be_told(qtbot):
    sample = SampleShown(label="o", number=0, text="<b>hell</b>")
    pane = pane_of(qtbot, DataPreview(kind="text", samples=(sample,)))
    assert "<b>hell</b> → o" in [label.text() for label in pane.findChildren(QLabel)]


def test_what_is_gone_is_told(qtbot):
    pane = pane_of(qtbot, ROWS)
    pane.show_preview(None)
    assert [label.text() for label in pane.findChildren(QLabel) if label.isVisible()] == [GONE]


# In the window


@pytest.fixture
def shown(opened, qtbot, tmp_path: Path):
    """The card of a table, in the window."""
    table = tmp_path / "fruit.csv"
    table.write_text("a,label\n1,x\n")
    open_model(opened, qtbot)
    opened.assembly.opening.open(str(table))
    card = CARD.model_copy(update={"preview": write_preview(ROWS), "format": "table"})
    answer(opened, KNOWN.model_copy(update={"card": card}))
    desk = opened.assembly.commands.data
    qtbot.waitUntil(lambda: desk.sheet is not None)
    return desk, table


def see(opened, kind: PreviewKind = "rows", columns: tuple[str, ...] = ("other",)) -> None:
    job = opened.engines.last(LookJob)
    path = write_preview(DataPreview(kind=kind, columns=columns, rows=(("5",) * len(columns),)))
    seen = DataSeen(job=job.id, preview=path, preprocessing="none")
    opened.engines.say(begun(job), seen, ended(job))


def heads(desk) -> list[str]:
    table = desk.sheet.preview.findChild(QTableWidget)
    if table is None:
        return []
    return [table.horizontalHeaderItem(at).text() for at in range(table.columnCount())]


def test_the_card_has_samples_and_an_edit_shows_them_anew(opened, qtbot, shown):
    desk, table = shown
    assert heads(desk) == ["id (not fed)", "a", "label"]
    looked = len([job for job in opened.engines.jobs if isinstance(job, InspectJob)])
    combo = field(desk.sheet, "Separator").findChild(QComboBox)
    combo.setCurrentIndex(combo.findText("tab"))
    qtbot.waitUntil(lambda: any(isinstance(job, LookJob) for job in opened.engines.jobs))
    assert opened.engines.last(LookJob).data == f"{table}?separator=tab"
    see(opened)
    qtbot.waitUntil(lambda: heads(desk) == ["other"])
    assert "Preprocessing: none." in texts(desk.sheet)
    # Nothing was attached, and nothing of it is listed or stored.
    assert len([job for job in opened.engines.jobs if isinstance(job, InspectJob)]) == looked
    assert desk.sheet.isVisible()
    job = opened.engines.last(LookJob)
    stored = opened.engines.project.memory().events
    assert not any(isinstance(getattr(event, "what", None), LookJob) for event in stored)
    assert job.id not in [row.job for row in stored if isinstance(row, DataSeen)]


def test_a_setting_that_cannot_be_is_told_and_a_newer_one_takes_its_place(opened, qtbot, shown):
    desk, _ = shown
    type_into(qtbot, desk.sheet, "Target", "nothing")
    qtbot.waitUntil(lambda: any(isinstance(job, LookJob) for job in opened.engines.jobs))
    job = opened.engines.last(LookJob)
    notices = len(opened.notices)
    failed = Failed(job=job.id, title="Not read", detail="There is no column 'nothing'.",
                    hint="There are: a, label.", at="2026-01-01T00:00:00Z")  # fmt: skip
    opened.engines.say(begun(job), failed)
    qtbot.waitUntil(lambda: "There is no column 'nothing'." in texts(desk.sheet))
    assert heads(desk) == ["id (not fed)", "a", "label"]
    assert len(opened.notices) == notices
    type_into(qtbot, desk.sheet, "Target", "a")
    qtbot.waitUntil(lambda: opened.engines.last(LookJob).id != job.id)
    type_into(qtbot, desk.sheet, "Target", "label")
    older = opened.engines.last(LookJob).id
    qtbot.waitUntil(lambda: opened.engines.last(LookJob).id != older)
    assert older in opened.engines.cancelled


def test_an_order_of_classes_that_would_be_right_is_one_click_away(opened, qtbot, shown):
    _, table = shown
    job = opened.engines.last(InspectJob)
    mended = f"{table}?classes=y%2Cx"
    warned = Warned(job=job.id, title="No better than guessing", detail="Right for 1.",
                    hint="Set classes=y,x", data=mended)  # fmt: skip
    other = job.model_copy(update={"id": "other"})
    opened.engines.say(begun(other), warned.model_copy(update={"job": "other"}), ended(other))
    qtbot.waitUntil(lambda: bool(opened.notices) and opened.notices[-1].way is not None)
    opened.window.show_notices()
    buttons = opened.assembly.notices.findChildren(QPushButton)
    (way,) = [item for item in buttons if item.text() == "Use this order of the classes"]
    qtbot.mouseClick(way, Qt.MouseButton.LeftButton)
    assert opened.assembly.studio.session.data == mended
    assert opened.engines.last(InspectJob).data == mended


def test_the_bar_reaches_files_and_folders(opened, qtbot):
    asked = []
    opened.assembly.offer.taken.connect(asked.append)
    opened.assembly.studio.open_network("/models/mine.onnx")
    qtbot.waitUntil(opened.assembly.offer.isVisible)
    (attach,) = opened.assembly.offer.findChildren(QPushButton)
    entries = attach.menu().actions()
    assert [entry.text() for entry in entries] == ["File…", "Folder…"]
    opened.assembly.offer.taken.disconnect(opened.assembly.commands.carry_out)
    for entry in entries:
        entry.trigger()
    assert asked == ["attach-data", "attach-folder"]
