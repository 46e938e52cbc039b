"""Data is chosen, its licence accepted, fetched with progress, stopped, attached and deleted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from download_examples import note, put
from idle_workers import begun, ended, inspection
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QListWidget, QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from tinystudio.core import places
from tinystudio.core.errors import Cancelled, UserError
from tinystudio.downloads import downloads
from tinystudio.downloads.fetching import Progress
from tinystudio.downloads.keeping import folder_of, note_of
from tinystudio.gui.browser_model import RowRole
from tinystudio.gui.download_card import ACCEPT, DELETE, REALLY
from tinystudio.gui.download_desk import DownloadDesk
from tinystudio.gui.download_sheet import OFFLINE, DownloadSheet
from tinystudio.jobs.events import Inspected
from tinystudio.jobs.job import InspectJob
from tinystudio.session import downloading


class Net:
    """Stands for the network: every fetch waits until a test lets it end."""

    def __init__(self) -> None:
        self.may_end, self.begun = threading.Event(), 0
        self.error: UserError | None = None
        self.away: set[str] = set()
        self.is_checked = True

    def fetch(self, download, tell, is_cancelled):
        """Tell of a third, wait, then be there, broken or stopped."""
        self.begun += 1
        tell(Progress("Downloading a.gz", 4_000_000, 12_000_000, rate=2e6))
        while not self.may_end.wait(0.005):
            if is_cancelled():
                raise Cancelled
        if self.error is not None:
            raise self.error
        put(download.id)
        note(download.id, self.is_checked)
        return note_of(download)

    def look_up(self, host: str) -> None:
        """Know every computer but those that are away."""
        if host in self.away or "*" in self.away:
            raise OSError("unknown")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "data", lambda: tmp_path / "data")


@pytest.fixture
def net() -> Net:
    return Net()


@pytest.fixture
def desk(opened, net: Net) -> Iterator[DownloadDesk]:
    made = DownloadDesk(opened.window, opened.assembly.studio, net.fetch, net.look_up)
    yield made
    net.may_end.set()
    made.close()


def sheet_of(desk: DownloadDesk) -> DownloadSheet:
    assert desk.sheet is not None
    return desk.sheet


def button(desk: DownloadDesk, text: str) -> QPushButton:
    (found,) = [item for item in sheet_of(desk).findChildren(QPushButton) if item.text() == text]
    return found


def words(desk: DownloadDesk) -> str:
    labels = sheet_of(desk).findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible())


def row(desk: DownloadDesk, id: str):
    (rows,) = sheet_of(desk).findChildren(QListWidget)
    found = (rows.item(at).data(RowRole.ROW) for at in range(rows.count()))
    return next(item for item in found if item.key == id)


def accept(desk: DownloadDesk) -> None:
    (box,) = sheet_of(desk).findChildren(QCheckBox)
    assert box.text() == ACCEPT
    box.click()


def click(qtbot: QtBot, widget: QPushButton) -> None:
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


def begin(qtbot: QtBot, desk: DownloadDesk, id: str) -> None:
    desk.show(f"download:{id}")
    accept(desk)
    click(qtbot, button(desk, "Download"))
    qtbot.waitUntil(lambda: "2.0 MB/s" in words(desk))


def test_nothing_is_fetched_before_the_licence_is_accepted(desk, net, qtbot) -> None:
    desk.show("download:derma-mnist")
    said = words(desk)
    assert "CC BY-NC 4.0" in said
    assert "NON-COMMERCIAL" in said
    assert "about 20 MB" in said
    assert not button(desk, "Download").isEnabled()
    accept(desk)
    assert button(desk, "Download").isEnabled()
    assert net.begun == 0


def test_a_licence_is_accepted_for_one_data_set_alone(desk) -> None:
    desk.show("download:mnist")
    accept(desk)
    sheet_of(desk).choose("uci-har")
    assert not button(desk, "Download").isEnabled()


def test_progress_rate_and_time_left_are_shown_and_the_end_is_told(
    desk, net, opened, qtbot
) -> None:
    begin(qtbot, desk, "mnist")
    assert "4.0 MB of 12 MB · 2.0 MB/s · 4.0 s left" in words(desk)
    (bar,) = sheet_of(desk).findChildren(QProgressBar)
    assert bar.value() == pytest.approx(bar.maximum() / 3, abs=1)
    assert "downloading" in row(desk, "mnist").detail
    net.may_end.set()
    qtbot.waitUntil(lambda: "It is on this computer" in words(desk))
    assert opened.notices[-1].title == "MNIST has been downloaded"
    assert opened.notices[-1].gravity == "news"
    assert "on this computer" in row(desk, "mnist").detail


def test_it_goes_on_while_the_sheet_is_closed(desk, net, opened, qtbot) -> None:
    begin(qtbot, desk, "mnist")
    sheet_of(desk).close()
    net.may_end.set()
    qtbot.waitUntil(lambda: bool(opened.notices))
    assert opened.notices[-1].title == "MNIST has been downloaded"
    desk.show("download:mnist")
    assert "It is on this computer" in words(desk)


def test_it_is_stopped_and_gone_on_with(desk, net, qtbot) -> None:
    begin(qtbot, desk, "mnist")
    folder = folder_of(downloads()["mnist"])
    folder.mkdir(parents=True)
    (folder / "train-images-idx3-ubyte.gz.part").write_bytes(bytes(3_000_000))
    click(qtbot, button(desk, "Stop"))
    qtbot.waitUntil(lambda: "3.0 MB of 12 MB are here" in words(desk))
    assert button(desk, "Go on downloading").isEnabled()  # accepted a moment ago
    click(qtbot, button(desk, "Go on downloading"))
    qtbot.waitUntil(lambda: net.begun == 2)


def test_what_goes_wrong_is_said_on_the_card_and_as_a_notice(desk, net, opened, qtbot) -> None:
    net.error = UserError("MNIST was not downloaded", "The server hung up.", "Try again.")
    begin(qtbot, desk, "mnist")
    net.may_end.set()
    qtbot.waitUntil(lambda: "The server hung up. Try again." in words(desk))
    assert opened.notices[-1].detail == "The server hung up."
    assert button(desk, "Download").isEnabled()


def test_what_cannot_be_reached_is_greyed_with_the_reason(desk, net, qtbot) -> None:
    net.away = {"zenodo.org"}
    desk.show("download:blood-mnist")
    qtbot.waitUntil(lambda: "zenodo.org cannot be reached" in words(desk))
    assert row(desk, "blood-mnist").is_faint
    assert not row(desk, "mnist").is_faint
    (box,) = sheet_of(desk).findChildren(QCheckBox)
    assert not box.isEnabled()
    assert not button(desk, "Download").isEnabled()
    assert OFFLINE not in words(desk)


def test_without_any_connection_that_is_said_once_for_all(desk, net, qtbot) -> None:
    put("mnist")
    net.away = {"*"}
    desk.show("download:uci-har")
    qtbot.waitUntil(lambda: OFFLINE in words(desk))
    assert not row(desk, "mnist").is_faint  # it is here: no connection is needed
    sheet_of(desk).choose("mnist")
    assert "cannot be reached" not in words(desk)


def test_what_could_not_be_checked_is_a_warning(desk, net, opened, qtbot) -> None:
    net.is_checked = False
    begin(qtbot, desk, "ecg")
    assert "no checksum of ptb-xl-1.0.3.zip is published" in words(desk)
    net.may_end.set()
    qtbot.waitUntil(lambda: bool(opened.notices))
    assert opened.notices[-1].gravity == "warning"
    assert "could not be checked" in opened.notices[-1].detail


def test_it_is_attached_to_the_open_model_and_its_card_comes(desk, opened, qtbot) -> None:
    put("mnist")
    desk.show("download:mnist")
    attach = button(desk, "Attach to the open model")
    assert not attach.isEnabled()
    assert attach.toolTip() == "Open a model first."
    studio = opened.assembly.studio
    studio.open_network("/models/digits.onnx")
    qtbot.waitUntil(attach.isEnabled)
    click(qtbot, attach)
    assert studio.session.data == "download:mnist"
    assert desk.sheet is None
    looks = [
        run.job for run in studio.session.runs
        if isinstance(run.job, InspectJob) and run.job.data == "download:mnist"
    ]  # fmt: skip
    assert looks
    data = opened.assembly.commands.data
    look = looks[-1]
    opened.engines.say(begun(look), Inspected(job=look.id, inspection=inspection()), ended(look))
    qtbot.waitUntil(lambda: data.sheet is not None)


def test_deleting_asks_back_on_the_button(desk, qtbot) -> None:
    put("mnist")
    desk.show("download:mnist")
    click(qtbot, button(desk, DELETE))
    assert note_of(downloads()["mnist"]) is not None
    click(qtbot, button(desk, REALLY))
    assert not folder_of(downloads()["mnist"]).exists()
    assert not button(desk, "Download").isEnabled()


def test_the_file_menu_opens_it(opened, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(downloading, "_look_up", lambda host: None)
    opened.assembly.actions["download-data"].trigger()
    desk = opened.assembly.commands.downloads
    assert sheet_of(desk).isVisible()
    assert sheet_of(desk).current
    assert {item.key for item in (row(desk, id) for id in downloads())} == set(downloads())


def test_a_card_of_the_gallery_leads_to_the_licence(opened, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(downloading, "_look_up", lambda host: None)
    cards = {card.entry.reference: card for card in opened.assembly.gallery.cards}
    assert "non-commercial" in cards["download:derma-mnist"].entry.question
    of_products = [card for name, card in cards.items() if name.startswith("download:mvtec-")]
    assert [card.entry.title for card in of_products] == ["MVTec AD: 15 products"]
    cards["download:ecg"].open()
    desk = opened.assembly.commands.downloads
    assert sheet_of(desk).current == "ecg"
    assert "Licence: CC BY 4.0, P. Wagner" in words(desk)


def test_the_gallery_says_what_is_here_and_what_no_longer_is(opened, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(downloading, "_look_up", lambda host: None)

    def said() -> str:
        cards = opened.assembly.gallery.cards
        return next(c.entry.question for c in cards if c.entry.reference == "download:mnist")

    assert "12 MB" in said()
    put("mnist")
    desk = opened.assembly.commands.downloads
    desk.files_changed.emit()
    assert "On this computer" in said()
    desk.show("download:mnist")
    click(qtbot, button(desk, DELETE))
    click(qtbot, button(desk, REALLY))
    assert "12 MB" in said()
