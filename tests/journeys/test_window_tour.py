"""The guided tour in the real window: "Show me" does every step, up to a file that runs."""

from __future__ import annotations

from pathlib import Path

import onnxruntime
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tinystudio.gallery import find_task
from tinystudio.gui.assembly import Assembly
from tinystudio.gui.start_head import TOUR, TOUR_AGAIN
from tinystudio.gui.tour_bubble import TourBubble
from tinystudio.gui.tour_steps import TASK
from tinystudio.gui.wizard_desk import EXPORT_FOLDER

PATIENCE_MS = 60_000


def test_the_tour_leads_to_a_file_that_runs(qtbot: QtBot, window: Assembly, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    window.remembered.keep_folder(EXPORT_FOLDER, folder)
    tour, head = window.beginning.tour, window.beginning.head
    button = head.ways["guided-tour"]
    assert button.text() == TOUR
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    seen = []
    while tour.step is not None:
        step = tour.step
        seen.append(step.id)
        qtbot.waitUntil(tour.bubble.show_me.isEnabled, timeout=PATIENCE_MS)
        qtbot.keyClick(tour.bubble.show_me, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda step=step: tour.step is not step, timeout=PATIENCE_MS)

    assert seen == [step.id for step in tour.steps]
    (written,) = folder.glob("*.onnx")
    assert written.name in tour.bubble.words()
    assert str(folder) in tour.bubble.words()
    task = find_task(TASK)
    assert written.stat().st_size < task.network_path.stat().st_size / 3
    inputs = task.dataset().test.inputs[0][:4]
    session = onnxruntime.InferenceSession(written)
    assert session.run(None, {session.get_inputs()[0].name: inputs})[0].shape == (4, 10)

    wizard = window.commands.wizards.export_wizard
    assert wizard is not None
    wizard.close()  # the bubble, which was shown in it, outlives it
    qtbot.wait(0)
    assert window.window.findChildren(TourBubble) == [tour.bubble]
    qtbot.keyClick(tour.bubble, Qt.Key.Key_Return)
    assert not tour.is_on
    assert window.remembered.settings.tour_done
    assert button.text() == TOUR_AGAIN
