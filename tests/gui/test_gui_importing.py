"""Foreign models in the window: shown, trusted, described, converted, opened."""

from __future__ import annotations

from pathlib import Path

import import_examples as files
import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QPushButton

from tinystudio.core import places
from tinystudio.gui import import_desk
from tinystudio.gui.import_card import CONVERT, TRUST, TRUST_CODE, WAIT, ImportCard
from tinystudio.gui.opening import kind_of

PATIENCE_MS = 60_000


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "data", lambda: tmp_path / "data")
    monkeypatch.setattr(places, "config", lambda: tmp_path / "config")


def card_of(opened) -> ImportCard:
    card = opened.assembly.imports.card
    assert card is not None
    return card


def button(card: ImportCard, text: str) -> QPushButton:
    (found,) = [item for item in card.findChildren(QPushButton) if item.text() == text]
    return found


def field(card: ImportCard, name: str) -> QLineEdit:
    (found,) = [i for i in card.findChildren(QLineEdit) if i.accessibleName().startswith(name)]
    return found


def words(card: ImportCard) -> str:
    return "\n".join(label.text() for label in card.findChildren(QLabel) if label.isVisible())


def wait_for_button(opened, qtbot, text: str) -> QPushButton:
    def is_there() -> bool:
        found = [i for i in card_of(opened).findChildren(QPushButton) if i.text() == text]
        return bool(found) and found[0].isEnabled()

    qtbot.waitUntil(is_there, timeout=PATIENCE_MS)
    return button(card_of(opened), text)


def wait_opened(opened, qtbot, name: str) -> None:
    def is_there() -> bool:
        network = opened.assembly.studio.session.network
        return network is not None and Path(network).name == name

    qtbot.waitUntil(is_there, timeout=PATIENCE_MS)
    assert opened.assembly.imports.card is None


def click(qtbot, widget: QPushButton) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_a_zip_is_converted_and_opened_without_a_question(opened, qtbot, tmp_path):
    model = files.onnx_with_data(tmp_path / "net")
    path = files.zipped(tmp_path / "net.zip", model, model.with_name("model.data"))
    opened.assembly.opening.open(str(path))
    wait_opened(opened, qtbot, "net.onnx")
    assert opened.assembly.remembered.recent[-1] == str(path)


def test_a_torchscript_archive_is_opened_after_the_user_trusts_it(opened, qtbot, tmp_path):
    path = files.save_torchscript(tmp_path, "Picture")
    opened.assembly.opening.open(str(path))
    trust = wait_for_button(opened, qtbot, TRUST)
    card = card_of(opened)
    assert "can run code" in words(card)
    assert "SHA-256" in words(card)
    assert not card.isModal()
    assert opened.assembly.studio.session.network is None
    qtbot.keyClicks(field(card, "Input shape"), "1,3,16,16")
    click(qtbot, trust)
    wait_opened(opened, qtbot, "picture.onnx")


def test_trust_is_remembered_by_content_and_not_by_name(opened, qtbot, tmp_path):
    path = files.save_torchscript(tmp_path, "Picture")
    opened.assembly.opening.open(str(path))
    qtbot.keyClicks(field(card_of(opened), "Input shape"), "1,3,16,16")
    click(qtbot, wait_for_button(opened, qtbot, TRUST))
    wait_opened(opened, qtbot, "picture.onnx")
    other = path.rename(tmp_path / "other.pt")
    opened.assembly.opening.open(str(other))
    wait_for_button(opened, qtbot, CONVERT)
    files.save_torchscript(tmp_path, "Series").replace(other)
    opened.assembly.opening.open(str(other))
    wait_for_button(opened, qtbot, TRUST)


def test_data_that_is_dropped_with_a_model_tells_its_shape_and_goes_with_it(
    opened, qtbot, tmp_path
):
    model, data = files.save_torchscript(tmp_path, "Picture"), tmp_path / "pictures.npz"
    x = np.zeros((60, 3, 16, 16), np.float32)
    np.savez(data, x=x, y=np.arange(60) % 5)
    opened.assembly.opening.open_all([str(data), str(model)])
    card = card_of(opened)
    qtbot.waitUntil(lambda: field(card, "Input shape").text() == "1,3,16,16", timeout=PATIENCE_MS)
    click(qtbot, wait_for_button(opened, qtbot, TRUST))
    wait_opened(opened, qtbot, "picture.onnx")
    assert opened.assembly.studio.session.data == str(data)


def test_without_a_shape_it_says_what_to_type_and_waits(opened, qtbot, tmp_path):
    opened.assembly.opening.open(str(files.save_torchscript(tmp_path, "Picture")))
    click(qtbot, wait_for_button(opened, qtbot, TRUST))
    assert "1,3,32,32" in opened.notices[-1].hint
    assert card_of(opened).isVisible()


def test_the_source_of_a_module_is_shown_before_it_can_be_trusted(opened, qtbot, tmp_path):
    weights = files.module("Text").state_dict()
    path = files.save_safetensors(tmp_path / "text.safetensors", weights)
    opened.assembly.opening.open(str(path))
    card = card_of(opened)
    qtbot.waitUntil(lambda: "Your own Python file" in words(card), timeout=PATIENCE_MS)
    assert not button(card, CONVERT).isEnabled()
    qtbot.keyClicks(field(card, "Your module"), f"{files.module_file(tmp_path)}:Text")
    qtbot.keyClick(field(card, "Your module"), Qt.Key.Key_Return)
    trust = wait_for_button(opened, qtbot, TRUST_CODE)
    code = card.findChild(QPlainTextEdit)
    assert code is not None and code.isReadOnly()
    assert "class Text(nn.Module)" in code.toPlainText()
    qtbot.keyClicks(field(card, "Input shape"), "1,7:int64")
    click(qtbot, trust)
    wait_opened(opened, qtbot, "text.onnx")


def test_a_module_that_cannot_be_read_is_told_and_can_be_mended(opened, qtbot, tmp_path):
    path = files.save_safetensors(tmp_path / "w.safetensors", {})
    opened.assembly.opening.open(str(path))
    card = card_of(opened)
    qtbot.waitUntil(lambda: "Your own Python file" in words(card), timeout=PATIENCE_MS)
    qtbot.keyClicks(field(card, "Your module"), f"{tmp_path}/nothing.py:Text")
    qtbot.keyClick(field(card, "Your module"), Qt.Key.Key_Return)
    assert "nothing.py was not read" in opened.notices[-1].title
    assert card.isVisible()


def test_a_pickle_is_refused_with_what_to_do_instead(opened, qtbot, tmp_path):
    path = tmp_path / "model.pth"
    path.write_bytes(files.trap(tmp_path / "trace"))
    opened.assembly.opening.open(str(path))
    qtbot.waitUntil(lambda: bool(opened.notices), timeout=PATIENCE_MS)
    assert opened.notices[-1].title == "model.pth was not opened"
    assert "torch.export.save" in opened.notices[-1].hint
    assert not (tmp_path / "trace").exists()


def name_module(opened, qtbot, module: str) -> QPushButton:
    """Type a module into the card; return the button that then trusts it."""
    card = card_of(opened)
    qtbot.waitUntil(lambda: field(card, "Your module").isVisible(), timeout=PATIENCE_MS)
    field(card, "Your module").clear()
    qtbot.keyClicks(field(card, "Your module"), module)
    qtbot.keyClick(field(card, "Your module"), Qt.Key.Key_Return)
    return wait_for_button(opened, qtbot, TRUST_CODE)


def test_a_checkpoint_of_plain_weights_is_opened_with_the_users_module(opened, qtbot, tmp_path):
    path = tmp_path / "text.pth"
    torch.save(files.module("Text").state_dict(), path)
    opened.assembly.opening.open(str(path))
    trust = name_module(opened, qtbot, f"{files.module_file(tmp_path)}:Text")
    assert "class Text(nn.Module)" in card_of(opened).findChild(QPlainTextEdit).toPlainText()
    qtbot.keyClicks(field(card_of(opened), "Input shape"), "1,7:int64")
    click(qtbot, trust)
    wait_opened(opened, qtbot, "text.onnx")


def test_a_conversion_that_fails_keeps_the_card_and_what_was_typed(opened, qtbot, tmp_path):
    path = files.save_safetensors(tmp_path / "w.safetensors", files.module("Text").state_dict())
    opened.assembly.opening.open(str(path))
    source = files.module_file(tmp_path)
    trust = name_module(opened, qtbot, f"{source}:broken")
    card = card_of(opened)
    qtbot.keyClicks(field(card, "Input shape"), "1,7:int64")
    click(qtbot, trust)
    qtbot.waitUntil(lambda: "no such width" in words(card), timeout=PATIENCE_MS)
    assert card_of(opened) is card and card.isVisible()
    assert field(card, "Your module").text() == f"{source}:broken"
    assert field(card, "Input shape").text() == "1,7:int64"
    field(card, "Your module").setText(f"{source}:Text")
    click(qtbot, wait_for_button(opened, qtbot, CONVERT))  # its code is trusted already
    wait_opened(opened, qtbot, "w.onnx")


def test_a_conversion_without_end_asks_whether_to_wait_longer(opened, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(import_desk, "ASK_AFTER_S", 0.5)
    endless = tmp_path / "m.py"
    endless.write_text("import time\ndef make():\n    while True:\n        time.sleep(1)\n")
    path = files.save_safetensors(tmp_path / "w.safetensors", {})
    opened.assembly.opening.open(str(path))
    trust = name_module(opened, qtbot, f"{endless}:make")
    card = card_of(opened)
    qtbot.keyClicks(field(card, "Input shape"), "1,4")
    click(qtbot, trust)
    qtbot.waitUntil(button(card, WAIT).isVisible, timeout=PATIENCE_MS)
    assert "It has taken 1 minute" in words(card)
    click(qtbot, button(card, WAIT))
    assert not button(card, WAIT).isVisible()
    qtbot.waitUntil(button(card, WAIT).isVisible, timeout=PATIENCE_MS)  # and asks again
    click(qtbot, button(card, "Cancel"))
    qtbot.waitUntil(lambda: opened.assembly.imports.card is None)


def test_cancelling_ends_the_process(opened, qtbot, tmp_path):
    opened.assembly.opening.open(str(files.save_torchscript(tmp_path, "Picture")))
    click(qtbot, button(card_of(opened), "Cancel"))
    qtbot.waitUntil(lambda: opened.assembly.imports.card is None)
    assert opened.assembly.studio.session.network is None


@pytest.mark.parametrize("end", ["pt2", "pt", "ts", "safetensors", "zip", "PT2", "pth"])
def test_files_of_these_kinds_are_models(end):
    assert kind_of(f"model.{end}") == "network"
