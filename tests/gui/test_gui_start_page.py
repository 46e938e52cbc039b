"""The start page's head, and the guided tour with engines that do nothing."""

from __future__ import annotations

from pathlib import Path

from made_database import explore
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from tinystudio.gui import tour_steps
from tinystudio.gui.flow_row import FlowRow
from tinystudio.gui.start_head import MOST_SHOWN, TOUR, TOUR_ON, StartHead
from tinystudio.gui.tour_bubble import WIDTH, TourBubble, place_beside
from tinystudio.gui.window import GALLERY_TAB


def test_recent_work_is_offered_by_name_and_opens_by_path(qtbot):
    head = StartHead()
    qtbot.addWidget(head)
    assert "Nothing yet." in [label.text() for label in head.findChildren(QLabel)]
    head.show_recent(["/mine/one.tinystudio", "/nets/net.onnx", "gallery:digits", "/a.onnx", "/b"])
    assert len(head.recent) == MOST_SHOWN
    assert [b.text() for b in head.recent[:3]] == [
        "one.tinystudio", "net.onnx", "Handwritten digits"
    ]  # fmt: skip
    with qtbot.waitSignal(head.recent_chosen) as chosen:
        qtbot.mouseClick(head.recent[1], Qt.MouseButton.LeftButton)
    assert chosen.args == ["/nets/net.onnx"]


def test_what_is_opened_comes_first_among_the_recent(opened, qtbot):
    head = opened.assembly.beginning.head
    opened.assembly.opening.open("gallery:digits")
    opened.assembly.opening.open("gallery:watch")
    qtbot.waitUntil(lambda: len(head.recent) == 2)
    assert [b.property("path") for b in head.recent] == ["gallery:watch", "gallery:digits"]


def test_the_ways_to_begin_are_those_of_the_menus(opened, qtbot):
    head = opened.assembly.beginning.head
    qtbot.waitUntil(lambda: all(button.isEnabled() for button in head.ways.values()))
    opened.window.show_tab(GALLERY_TAB)
    head.ways["compress-for-goal"].setFocus()
    qtbot.keyClick(head.ways["compress-for-goal"], Qt.Key.Key_Space)
    assert opened.assembly.commands.wizards.goal_wizard is not None


def test_a_row_breaks_where_there_is_no_room(qtbot):
    row = FlowRow()
    qtbot.addWidget(row)
    buttons = [QPushButton("a button with words") for _ in range(3)]
    row.hold(buttons)
    wide, one = row.sizeHint(), buttons[0].sizeHint()
    assert row.heightForWidth(wide.width()) == one.height()
    assert row.heightForWidth(wide.width() - 1) > 2 * one.height()
    row.resize(one.width() + 4, 400)
    row.show()
    assert [b.x() for b in buttons] == [0, 0, 0]
    assert buttons[0].geometry().bottom() < buttons[1].geometry().top()


def test_the_bubble_lies_beside_what_it_points_at_and_inside_the_window():
    room, size = QRect(0, 0, 1000, 700), QSize(300, 150)
    for target in (
        QRect(10, 10, 80, 30), QRect(900, 10, 90, 30), QRect(900, 660, 90, 30),
        QRect(0, 200, 700, 300), QRect(400, 0, 20, 700),
    ):  # fmt: skip
        box = QRect(place_beside(target, size, room), size)
        assert room.contains(box)
        assert not box.intersects(target)
    whole = QRect(place_beside(room, size, room), size)
    assert room.contains(whole)


def test_the_bubble_is_as_wide_as_the_buttons_that_it_shows(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    bubble = TourBubble(window)
    bubble.show()
    bubble.say("done", "Title", "Text", "Close", has_folder=True)
    bubble.say("step 1", "Title", "Text", "Next")
    narrow = bubble.width()
    bubble.say("step 2", "Title", "Text", 40 * "m")
    assert bubble.width() > narrow == WIDTH
    QApplication.processEvents()
    assert bubble.leave.width() >= bubble.leave.sizeHint().width()


def test_the_step_of_a_limit_leaves_the_points_to_be_seen(opened, qtbot, monkeypatch, tmp_path):
    tour = begin(opened, qtbot, monkeypatch, tmp_path)
    tour.show_me()
    assert tour.step.id == "limit"
    assert tour.step.clear_of() is opened.assembly.trade_off


def begin(opened, qtbot, monkeypatch, folder: Path):
    """Begin the tour on the task that the made-up database is of."""
    monkeypatch.setattr(tour_steps, "TASK", "gallery:watch")
    tour = opened.assembly.beginning.tour
    opened.window.actions_by_id["guided-tour"].trigger()
    assert tour.step.id == "open"
    explore(opened, qtbot, folder)
    qtbot.waitUntil(lambda: tour.step.id == "look")
    return tour


def test_the_tour_waits_for_what_the_user_does_and_goes_on_by_itself(
    opened, qtbot, monkeypatch, tmp_path
):
    tour = begin(opened, qtbot, monkeypatch, tmp_path)
    studio = opened.assembly.studio
    assert not tour.bubble.isModal()
    assert tour.bubble.show_me.text() == "Next"
    tour.show_me()
    assert tour.step.id == "limit"
    button = opened.assembly.trade_off.toolbar.limits[0]
    assert tour._target is button
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tour.step.id == "take")
    opened.assembly.steering.choose_front(2)
    qtbot.waitUntil(lambda: tour.step.id == "dial")
    dial = opened.assembly.compression.dial
    dial.setFocus()
    qtbot.keyClick(dial, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: tour.step.id == "measure")
    assert dial.hasFocus() or not tour.bubble.has_keyboard  # the user's hands stay where they are
    studio.measure()
    qtbot.waitUntil(lambda: not tour.bubble.show_me.isEnabled())
    qtbot.keyClick(tour.bubble, Qt.Key.Key_Return)  # too soon: nothing is pressed
    assert tour.is_on
    opened.engines.finish_variants(studio.session.recipe)
    qtbot.waitUntil(lambda: tour.step.id == "wizard")
    opened.window.actions_by_id["export"].trigger()
    qtbot.waitUntil(lambda: tour.step.id == "export")
    wizard = opened.assembly.commands.wizards.export_wizard
    assert tour.bubble.window() is wizard
    wizard.close()  # one thinks better of it: the bubble lives, the step before is waited for
    qtbot.waitUntil(lambda: tour.step.id == "wizard")
    assert tour.bubble.window() is opened.window
    assert tour.bubble.isVisible()


def test_the_tour_is_left_by_escape_and_goes_on_where_it_was_left(
    opened, qtbot, monkeypatch, tmp_path
):
    tour = begin(opened, qtbot, monkeypatch, tmp_path)
    tour.show_me()
    assert tour.step.id == "limit"
    qtbot.keyClick(tour.bubble, Qt.Key.Key_Escape)
    assert not tour.is_on
    assert not tour.bubble.isVisible()
    assert opened.assembly.remembered.settings.tour_step == 2
    assert opened.assembly.beginning.head.ways["guided-tour"].text() == TOUR_ON
    opened.window.actions_by_id["guided-tour"].trigger()
    assert tour.step.id == "limit"


def test_a_tour_that_cannot_go_on_goes_back_to_what_is_missing(opened, qtbot):
    remembered, tour = opened.assembly.remembered, opened.assembly.beginning.tour
    remembered.change(remembered.settings.model_copy(update={"tour_step": 5}))
    tour.begin()
    assert tour.step.id == "open"


def test_the_keyboard_goes_to_the_bubble_and_back_to_its_target(opened, qtbot, monkeypatch):
    tour = opened.assembly.beginning.tour
    opened.window.activateWindow()
    qtbot.waitUntil(opened.window.isActiveWindow)
    tour.begin()
    assert tour.bubble.has_keyboard
    target = tour._target
    assert isinstance(target, QWidget)
    tour.begin()
    assert target.hasFocus()
    tour.begin()
    assert tour.bubble.has_keyboard


def test_the_tour_is_new_until_it_was_begun(opened):
    assert opened.assembly.beginning.tour.words == TOUR
