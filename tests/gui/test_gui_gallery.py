"""The gallery's page: what its cards show, how one gets about, what opens."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from tinystudio.gallery import gallery
from tinystudio.gallery.task import AREAS
from tinystudio.gui.gallery_card import GalleryCard
from tinystudio.gui.gallery_entries import GalleryEntry, GallerySection, gallery_sections, places
from tinystudio.gui.panels.gallery import GalleryPanel
from tinystudio.gui.window import GALLERY_TAB

ENTRY = GalleryEntry(
    "download:bells", "Bells", "To download", "Which bell?", "Listen.", "CC0", "A tower",
    reason="There is no connection.",
)  # fmt: skip


@pytest.fixture
def panel(qtbot) -> GalleryPanel:
    made = GalleryPanel()
    qtbot.addWidget(made)
    made.resize(640, 600)
    made.show_sections(gallery_sections())
    made.show()
    QApplication.processEvents()
    return made


def card_of(panel: GalleryPanel, task: str) -> GalleryCard:
    return next(card for card in panel.cards if card.entry.reference == f"gallery:{task}")


def words(panel: GalleryPanel) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def test_every_task_has_a_card_with_its_picture_under_its_area(panel):
    assert {card.entry.reference for card in panel.cards} == {f"gallery:{id}" for id in gallery()}
    shown = words(panel)
    for task in gallery().values():
        assert task.area in shown and task.title in shown and task.question in shown
    assert not any(card._picture.pixmap().isNull() for card in panel.cards)
    assert [part.title for part in gallery_sections()][:-1] == list(AREAS)


def test_the_frame_of_the_chosen_card_is_whole_around_its_picture(dressed, panel):
    card = card_of(panel, "watch")
    assert card.rect().adjusted(1, 1, -1, -1).contains(card._picture.geometry())


def test_the_chosen_card_tells_what_to_look_at_whose_it_is_and_where_it_is_from(panel):
    card_of(panel, "scratches").setFocus()
    task, shown = gallery()["scratches"], words(panel)
    assert task.look_at in shown and task.licence in shown and task.source in shown
    assert "simulated" in card_of(panel, "scratches").entry.title


def test_what_is_not_built_in_is_said(panel):
    for missing in ("medical images", "ECG", "keywords", "traffic signs", "faces", "bearings"):
        assert missing in words(panel)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_enter_opens_the_chosen_card(panel, qtbot, key):
    card_of(panel, "vowels").setFocus()
    with qtbot.waitSignal(panel.open_requested) as heard:
        QTest.keyClick(QApplication.focusWidget(), key)
    assert heard.args == ["gallery:vowels"]


def test_a_double_click_and_the_button_open_too(panel, qtbot):
    with qtbot.waitSignal(panel.open_requested) as heard:
        QTest.mouseDClick(card_of(panel, "denoise"), Qt.MouseButton.LeftButton)
    assert heard.args == ["gallery:denoise"]
    QTest.mouseClick(card_of(panel, "watch"), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(panel.open_requested) as heard:
        panel.open_button.click()
    assert heard.args == ["gallery:watch"]


def test_arrows_reach_every_card_and_stop_at_the_ends(panel):
    panel.take_focus()
    met = []
    for _ in panel.cards:
        met.append(QApplication.focusWidget())
        QTest.keyClick(met[-1], Qt.Key.Key_Right)
    assert met == panel.cards
    assert QApplication.focusWidget() is panel.cards[-1]
    rows = {card.y() for card in panel.cards}
    for _ in rows:
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Up)
    assert QApplication.focusWidget().y() == min(rows)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)
    assert QApplication.focusWidget().y() == sorted(rows)[1]


def test_cards_fill_the_width_there_is(panel):
    def columns() -> int:
        QApplication.processEvents()
        return len({card.x() for card in panel.cards})

    assert columns() == 3
    panel.resize(1300, 600)
    assert columns() == 6
    panel.resize(390, 600)
    assert columns() == 2
    panel.resize(300, 600)
    assert columns() == 1
    last = panel.cards[-1]
    assert last.geometry().right() <= panel._inside.width()


def test_what_cannot_be_had_says_why_and_does_not_open(panel, qtbot):
    panel.show_sections([GallerySection("To download", (ENTRY, replace(ENTRY, reason="")))])
    QApplication.processEvents()
    first, second = panel.cards
    first.setFocus()
    assert "There is no connection." in words(panel)
    assert not panel.open_button.isEnabled()
    with qtbot.assertNotEmitted(panel.open_requested, wait=10):
        QTest.keyClick(first, Qt.Key.Key_Return)
    second.setFocus()
    assert panel.open_button.isEnabled()


def test_other_sections_leave_the_chosen_card_chosen(panel):
    card_of(panel, "fashion").setFocus()
    panel.show_sections(gallery_sections([ENTRY]))
    QApplication.processEvents()
    assert panel._title.text() == gallery()["fashion"].title
    assert "Bells" in words(panel)


@given(st.lists(st.integers(0, 9), max_size=8), st.integers(1, 7))
def test_no_two_things_stand_in_one_place(counts: list[int], columns: int) -> None:
    taken: set[tuple[int, int]] = set()
    for place, count in zip(places(counts, columns), counts, strict=True):
        head = {(place.row + n, place.column + c) for n in (0, 1) for c in range(place.width)}
        cards = [place.card(number) for number in range(count)]
        assert not taken & head and not taken & set(cards) and not head & set(cards)
        assert len(set(cards)) == count
        taken |= head | set(cards)
    assert all(0 <= column < columns for _, column in taken)


def test_where_nothing_is_open_the_gallery_is_in_front(opened):
    assert opened.window._centre.currentIndex() == GALLERY_TAB


def test_opening_a_task_brings_its_plot_to_the_front_and_marks_its_card(opened, qtbot):
    opened.assembly.gallery.open_requested.emit("gallery:breast")
    qtbot.waitUntil(lambda: opened.window._centre.currentIndex() == 0)
    assert opened.assembly.studio.session.network == "gallery:breast"
    marked = [card for card in opened.assembly.gallery.cards if card._state.text()]
    assert [card.entry.reference for card in marked] == ["gallery:breast"]
    assert marked[0]._state.property("role") == "muted"  # nothing to click


def test_the_file_menu_leads_to_the_gallery_and_the_keyboard_goes_on_there(opened, qtbot):
    opened.assembly.studio.open_network("gallery:breast")
    qtbot.waitUntil(lambda: opened.window._centre.currentIndex() == 0)
    opened.window.actions_by_id["show-gallery"].trigger()
    assert opened.window._centre.currentIndex() == GALLERY_TAB
    assert isinstance(opened.window.focusWidget(), GalleryCard)


def test_opening_what_is_open_leads_back_to_it(opened, qtbot):
    opened.assembly.studio.open_network("gallery:breast")
    qtbot.waitUntil(lambda: opened.window._centre.currentIndex() == 0)
    opened.window.show_tab(GALLERY_TAB)
    jobs = len(opened.engines.jobs)
    opened.assembly.gallery.open_requested.emit("gallery:breast")
    assert opened.window._centre.currentIndex() == 0
    assert len(opened.engines.jobs) == jobs
