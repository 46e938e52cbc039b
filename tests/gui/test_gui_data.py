"""Data is attached as a file or a folder, its card tells of it, and its settings can be changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from idle_workers import begun, ended, inspection
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QTableWidget
from pytestqt.qtbot import QtBot

from tinystudio.core import trusted_code
from tinystudio.core.data_card import DataCard, SplitCard
from tinystudio.core.data_reference import DataReference
from tinystudio.core.files import sha256
from tinystudio.core.params import Params, describe, text
from tinystudio.datasets import find_format, formats
from tinystudio.gui.data_sheet import DataSheet, Look, chosen_settings, count_rows
from tinystudio.gui.file_dialogs import FileDialogs
from tinystudio.gui.forms.fields import ChoiceField
from tinystudio.gui.forms.form import ParamForm
from tinystudio.gui.forms.text_field import TextField
from tinystudio.gui.opening import kind_of
from tinystudio.jobs.events import Failed, Inspected
from tinystudio.jobs.inspection import DataInfo
from tinystudio.jobs.job import InspectJob, LookJob

SETTINGS = {
    "separator": "comma", "header": "yes", "decimal": "point", "encoding": "utf-8",
    "target": "label", "task": "classes", "features": "", "left_out": "", "group": "",
    "text_columns": "one-hot", "missing": "refuse", "standardize": "none",
}  # fmt: skip
CARD = DataCard(
    splits=(
        SplitCard(name="train", samples=1200, looked_at=1200, by_class=(700, 500), minimum=-2.0,
                  maximum=3.5, mean=0.1, deviation=1.0),
        SplitCard(name="validation", samples=400, looked_at=400, by_class=(200, 200)),
        SplitCard(name="test", samples=400, looked_at=400, by_class=(250, 150)),
    ),
    settings=SETTINGS,
    preprocessing="none",
    remarks=("2 samples of test are in train as well, number 5 as 7: figures on test are too "
             "good.",),
)  # fmt: skip
KNOWN = DataInfo(
    name="fruit", metric="accuracy", classes=("apple", "<b>pear</b>"), train=1200,
    calibration=256, validation=400, test=400, card=CARD,
)  # fmt: skip


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "fruit.csv"
    path.write_text("a,label\n1,x\n")
    return path


@pytest.fixture
def images(tmp_path: Path) -> Path:
    (tmp_path / "pictures" / "cat").mkdir(parents=True)
    (tmp_path / "pictures" / "cat" / "1.png").touch()
    return tmp_path / "pictures"


def sheet_of(qtbot: QtBot, look: Look, path: Path) -> DataSheet:
    sheet = DataSheet(look, find_format(DataReference(str(path))))
    qtbot.addWidget(sheet)
    sheet.show()
    return sheet


def texts(sheet: DataSheet) -> str:
    return "\n".join(label.text() for label in sheet.findChildren(QLabel))


def field(sheet: DataSheet, title: str) -> TextField | ChoiceField:
    kinds = (*sheet.findChildren(TextField), *sheet.findChildren(ChoiceField))
    return next(item for item in kinds if item.spec.title == title)


def button(sheet: DataSheet) -> QPushButton:
    return next(item for item in sheet.findChildren(QPushButton) if item.text() == "Read again")


def type_into(qtbot: QtBot, sheet: DataSheet, title: str, words: str) -> None:
    edit = field(sheet, title).findChild(QLineEdit)
    edit.selectAll()
    qtbot.keyClicks(edit, words)
    qtbot.keyClick(edit, Qt.Key.Key_Return)


# The card


def test_it_shows_counts_ranges_and_what_is_suspicious(qtbot, table):
    sheet = sheet_of(qtbot, Look(str(table), KNOWN), table)
    counts = sheet.findChild(QTableWidget)
    heads = [counts.verticalHeaderItem(row).text() for row in range(counts.rowCount())]
    assert heads == ["all", "apple", "<b>pear</b>"]
    assert [counts.item(0, column).text() for column in range(3)] == ["1,200", "400", "400"]
    assert "Inputs from -2.00 to 3.50" in texts(sheet).replace("−", "-")
    assert CARD.remarks[0] in texts(sheet)
    assert "Judged by accuracy." in texts(sheet)


def test_of_many_classes_the_smallest_and_the_largest_are_shown():
    splits = [part.model_copy(update={"by_class": tuple(range(1, 101))}) for part in CARD.splits]
    rows = count_rows([str(number) for number in range(100)], splits)
    assert rows[1:] == [("smallest class", ("1",) * 3), ("largest class", ("100",) * 3)]


def test_settings_show_what_was_guessed_and_another_one_is_asked_for(qtbot, table):
    sheet = sheet_of(qtbot, Look(str(table), KNOWN), table)
    assert field(sheet, "Target").value() == "label"
    assert not button(sheet).isEnabled()
    type_into(qtbot, sheet, "Group", "farm, barn")
    assert sheet.isVisible()  # Enter pressed no button
    with qtbot.waitSignal(sheet.reading_requested) as asked:
        qtbot.mouseClick(button(sheet), Qt.MouseButton.LeftButton)
    assert asked.args == [f"{table}?group=farm%2C%20barn"]


def test_settings_given_before_stay(qtbot, table):
    reference = f"{table}?target=label"
    sheet = sheet_of(qtbot, Look(reference, KNOWN), table)
    type_into(qtbot, sheet, "Group", "farm")
    assert sheet.asked() == f"{table}?group=farm&target=label"


def test_when_data_could_not_be_read_the_card_says_why_and_settings_can_mend_it(qtbot, table):
    trouble = "fruit.csv was not read as data. Line 7: a is missing. Set missing=median."
    reference = f"{table}?missing=refuse&target=label&odd=1"
    sheet = sheet_of(qtbot, Look(reference, trouble=trouble), table)
    assert trouble in texts(sheet)
    assert field(sheet, "Target").value() == "label"
    type_into(qtbot, sheet, "Leave out", "a")
    assert sheet.asked() == f"{table}?left_out=a&missing=refuse&target=label"


def test_data_of_the_gallery_has_no_settings(qtbot):
    known = KNOWN.model_copy(update={"card": CARD.model_copy(update={"settings": {}})})
    sheet = DataSheet(Look("gallery:watch", known), None)
    qtbot.addWidget(sheet)
    sheet.show()
    assert "How it is read" not in texts(sheet)


def test_what_data_is_judged_by_can_be_chosen_whatever_its_format(qtbot, tmp_path):
    (tmp_path / "a.npz").touch()
    card = CARD.model_copy(update={"settings": {"metric": "accuracy"}, "format": "npz"})
    known = KNOWN.model_copy(update={"card": card})
    sheet = sheet_of(qtbot, Look(str(tmp_path / "a.npz"), known), tmp_path / "a.npz")
    form = sheet.findChild(ParamForm)
    assert form.values()["metric"] == "accuracy"
    assert "Judged by" in texts(sheet)
    form.set_values({"metric": "macro-f1"})
    assert sheet.asked() == f"{tmp_path / 'a.npz'}?metric=macro-f1"


def test_only_given_or_changed_settings_are_named():
    defaults = {"a": "guess", "b": 0, "c": False}
    shown = {"a": "x", "b": 5, "c": False}
    assert chosen_settings({}, shown, shown, defaults) == {}
    assert chosen_settings({"b": "5"}, shown, shown, defaults) == {"b": "5"}
    assert chosen_settings({}, shown, {"a": "x", "b": 6, "c": True}, defaults) == {
        "b": "6", "c": "true",
    }  # fmt: skip
    assert chosen_settings({"b": "5"}, shown, {**shown, "b": 0}, defaults) == {}


@pytest.mark.parametrize("data_format", formats(), ids=[part.id for part in formats()])
def test_every_format_has_a_form_that_gives_back_what_was_put_in(qtbot, data_format):
    form = ParamForm.of(data_format.params, data_format.title)
    qtbot.addWidget(form)
    assert form.values() == data_format.params().model_dump()
    words = {spec.name: "ü, x" for spec in describe(data_format.params) if spec.kind == "text"}
    form.set_values(words)
    assert {name: form.values()[name] for name in words} == words
    assert form.complaint() == ""


def test_an_empty_text_says_what_it_stands_for(qtbot):
    class Some(Params):
        word: str = text(title="Word", help="A word.", empty="the usual one")

    form = ParamForm.of(Some, "some")
    qtbot.addWidget(form)
    assert form.findChild(QLineEdit).placeholderText() == "the usual one"


# In the window


def open_model(opened, qtbot: QtBot) -> None:
    opened.assembly.studio.open_network("gallery:watch")
    opened.engines.come_up()
    opened.engines.finish_opening()
    qtbot.waitUntil(lambda: opened.assembly.studio.session.selected is not None)


def answer(opened, known: DataInfo | None) -> InspectJob:
    look = opened.engines.last(InspectJob)
    if known is None:
        failed = Failed(job=look.id, title="It was not read", detail="Line 3: a is missing.",
                        hint="Set missing=median.", at="2026-01-01T00:00:00Z")  # fmt: skip
        opened.engines.say(begun(look), failed)
    else:
        found = inspection().model_copy(update={"data": known})
        opened.engines.say(begun(look), Inspected(job=look.id, inspection=found), ended(look))
    return look


def test_a_gallery_task_shows_no_card_by_itself(opened, qtbot):
    open_model(opened, qtbot)
    assert opened.assembly.commands.data.sheet is None


def test_when_data_is_attached_its_card_is_shown_and_changes_how_it_is_read(opened, qtbot, table):
    open_model(opened, qtbot)
    desk = opened.assembly.commands.data
    opened.assembly.opening.open(str(table))
    assert answer(opened, KNOWN).data == str(table)
    qtbot.waitUntil(lambda: desk.sheet is not None)
    field(desk.sheet, "Group")._edit.setFocus()
    type_into(qtbot, desk.sheet, "Group", "farm")
    qtbot.mouseClick(button(desk.sheet), Qt.MouseButton.LeftButton)
    assert opened.engines.last(InspectJob).data == f"{table}?group=farm"
    qtbot.waitUntil(lambda: desk.sheet is None)
    answer(opened, KNOWN)
    qtbot.waitUntil(lambda: desk.sheet is not None)


def test_a_card_of_data_that_is_detached_is_closed_and_undo_shows_it_again(opened, qtbot, table):
    open_model(opened, qtbot)
    desk = opened.assembly.commands.data
    opened.assembly.opening.open(str(table))
    answer(opened, KNOWN)
    qtbot.waitUntil(lambda: desk.sheet is not None)
    opened.assembly.commands.carry_out("detach-data")
    qtbot.waitUntil(lambda: desk.sheet is None)
    opened.assembly.studio.undo()
    assert opened.assembly.studio.session.data == str(table)
    answer(opened, KNOWN)
    qtbot.waitUntil(lambda: desk.sheet is not None)


def test_a_metric_of_one_s_own_is_shown_before_it_is_trusted(opened, qtbot, table, tmp_path):
    own = tmp_path / "own.py"
    own.write_text(f"# {tmp_path}\ndef score(outputs, labels):\n    return 1.0\n")
    open_model(opened, qtbot)
    desk = opened.assembly.commands.data
    opened.assembly.opening.open(str(table))
    answer(opened, KNOWN)
    qtbot.waitUntil(lambda: desk.sheet is not None)
    type_into(qtbot, desk.sheet, "Own metric", f"{own}:score")
    qtbot.mouseClick(button(desk.sheet), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: desk.trust is not None)
    assert opened.engines.last(InspectJob).data == str(table)  # nothing is run before
    assert "def score(outputs, labels)" in desk.trust.code.toPlainText()
    qtbot.mouseClick(desk.trust.trust, Qt.MouseButton.LeftButton)
    named = DataReference(str(table), {"own_metric": f"{own}:score"}).text
    assert opened.engines.last(InspectJob).data == named
    assert trusted_code.is_trusted(sha256(own.read_bytes()))


def test_when_data_cannot_be_read_the_card_says_so(opened, qtbot, table):
    open_model(opened, qtbot)
    desk = opened.assembly.commands.data
    opened.assembly.opening.open(str(table))
    answer(opened, None)
    qtbot.waitUntil(lambda: desk.sheet is not None)
    assert "It was not read. Line 3: a is missing. Set missing=median." in texts(desk.sheet)


def test_the_card_can_be_asked_for(opened, qtbot):
    open_model(opened, qtbot)
    assert opened.assembly.actions["show-data"].isEnabled()
    opened.assembly.actions["show-data"].trigger()
    desk = opened.assembly.commands.data
    answer(opened, KNOWN)  # what was known came from before there were cards
    qtbot.waitUntil(lambda: desk.sheet is not None)
    assert "How it is read" not in texts(desk.sheet)
    desk.sheet.close()
    asked = [job for job in opened.engines.jobs if isinstance(job, InspectJob)]
    opened.assembly.actions["show-data"].trigger()
    assert desk.sheet is not None
    assert [job for job in opened.engines.jobs if isinstance(job, InspectJob)] == asked
    # Its samples are not in the cache any more: they are looked at again.
    assert opened.engines.last(LookJob).data == "gallery:watch"


def test_a_folder_that_is_dropped_is_attached(opened, qtbot, images):
    open_model(opened, qtbot)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(images))])
    move, left, none = (
        Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    opened.window.dropEvent(QDropEvent(QPointF(1, 1), move, mime, left, none))
    assert opened.engines.last(InspectJob).data == str(images)


@pytest.mark.parametrize("action", ["attach-data", "attach-folder"])
def test_dialogs_attach_what_was_chosen(opened, qtbot, table, images, monkeypatch, action):
    chosen = table if action == "attach-data" else images
    asked = []

    def choose(self, kind, title, *rest) -> None:
        asked.extend(rest)
        rest[-1](chosen)

    monkeypatch.setattr(FileDialogs, "ask_file", choose)
    monkeypatch.setattr(FileDialogs, "ask_folder", choose)
    open_model(opened, qtbot)
    opened.assembly.actions[action].trigger()
    assert opened.engines.last(InspectJob).data == str(chosen)
    if action == "attach-data":
        assert {"*.npz", "*.csv", "*.tsv", "*.parquet"} <= set(asked[0][6:-1].split())


def test_a_path_that_looks_like_settings_is_attached_as_it_is(opened, qtbot, tmp_path):
    odd = tmp_path / "a?b=c.csv"
    odd.write_text("a,label\n1,x\n")
    open_model(opened, qtbot)
    opened.assembly.opening.open(str(odd))
    assert opened.engines.last(InspectJob).data == f"{odd}?"


def test_folders_are_known_by_what_is_in_them(tmp_path, images):
    assert kind_of(str(images)) == "data"
    assert kind_of(str(tmp_path / "p.tinystudio")) == "project"
    (tmp_path / "empty").mkdir()
    assert kind_of(str(tmp_path / "empty")) == "unknown"


def test_a_folder_that_is_nothing_is_refused_in_words(opened, tmp_path):
    opened.assembly.opening.open(str(tmp_path))
    assert "kind of folder" in opened.notices[-1].text
