"""What is wanted often happens in a rhythm, and what is wanted once happens at once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QElapsedTimer, QObject
from pytestqt.qtbot import QtBot

from tinystudio.gui.pacer import Pacer

LONG_MS = 60_000


@pytest.fixture
def owner() -> QObject:
    return QObject()


def test_the_first_wish_waits_for_the_event_loop_only(qtbot: QtBot, owner: QObject) -> None:
    pacer = Pacer(LONG_MS, owner)
    with qtbot.waitSignal(pacer.timeout, timeout=LONG_MS // 10):
        pacer.want()


def test_wishes_in_one_go_are_met_once(qtbot: QtBot, owner: QObject) -> None:
    met: list[int] = []
    pacer = Pacer(LONG_MS, owner)
    pacer.timeout.connect(lambda: met.append(1))
    with qtbot.waitSignal(pacer.timeout):
        for _ in range(100):
            pacer.want()
    assert len(met) == 1


def test_a_wish_right_after_waits_its_turn(qtbot: QtBot, owner: QObject) -> None:
    pacer, clock = Pacer(80, owner), QElapsedTimer()
    with qtbot.waitSignal(pacer.timeout):
        pacer.want()
    clock.start()
    with qtbot.waitSignal(pacer.timeout):
        pacer.want()
    assert clock.elapsed() >= 60
