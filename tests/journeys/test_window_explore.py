"""The whole story in the real window: a front before anything ran, a dial, a limit, a checked file.

The engines are real processes; the user acts through the window's own widgets.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tinystudio.gallery import find_task
from tinystudio.gui.assembly import Assembly
from tinystudio.gui.forms.slider import StepSlider
from tinystudio.session.front import Limits
from tinystudio.session.session import Session

TASK = "gallery:vowels"
PATIENCE_MS = 120_000


def wait(qtbot: QtBot, until: Callable[[], bool]) -> None:
    qtbot.waitUntil(until, timeout=PATIENCE_MS)


def is_at_rest(session: Session) -> bool:
    return not session.runs.open


def dial_of(window: Assembly) -> StepSlider:
    found = window.compression.findChildren(StepSlider)
    return next(slider for slider in found if slider.accessibleName() == "Compression")


def test_from_a_front_that_nobody_ran_to_a_file_that_keeps_its_word(
    qtbot: QtBot, window: Assembly, tmp_path: Path
) -> None:
    studio = window.studio
    window.opening.open(TASK)
    session = studio.session
    wait(qtbot, lambda: _is_complete(session))
    original = session.original
    assert original is not None
    before = len(session.variants())
    front = session.exploration.front(original.measurement)
    assert len(front) > 5  # drawn, and nothing but the original was measured as a variant
    assert before == 1

    # The dial: every move shows figures at once, marked as predicted, then exact ones.
    dial = dial_of(window)
    wait(qtbot, dial.isEnabled)
    for _ in range(3):
        qtbot.keyClick(dial, Qt.Key.Key_Right)
    assert session.recipe.steps[0].technique == "layer-levels"
    wait(qtbot, lambda: session.preview is not None and session.preview.recipe == session.recipe)

    # A limit answers at once with the best point inside it; that one is chosen.
    limit = (original.measurement.size_bytes or 0) / 5
    studio.set_limits(Limits(size_bytes=limit))
    best = session.exploration.best_within(session.limits, original.measurement)
    assert best is not None
    assert best.size_bytes <= limit
    session.choose_point(np.array(best.choice, np.int16), "Choose the best inside the limit")
    predicted = session.exploration.figures(best, original.measurement)

    # Measured, kept, exported.
    studio.measure()
    wait(qtbot, lambda: len(session.variants()) == 2 and is_at_rest(session))
    made = session.variants()[1]
    assert made.measurement.size_bytes == pytest.approx(predicted.size_bytes, rel=0.02)
    low, high = predicted.score_interval or (0.0, 0.0)
    assert low <= (made.measurement.score or 0.0) <= high
    studio.keep(made.id)
    wait(qtbot, lambda: session.variants()[1].test is not None and is_at_rest(session))
    output = tmp_path / "small.onnx"
    job = studio.export("onnx", output, {}, made.id)
    assert job is not None
    wait(qtbot, lambda: session.runs[job].is_ended)
    exported = session.runs[job].exported
    assert exported is not None, session.runs[job].problem
    assert all(check.passed for check in exported.checks)

    # Plain onnxruntime finds what was shown.
    test = find_task(TASK).dataset().test
    plain = onnxruntime.InferenceSession(output, providers=["CPUExecutionProvider"])
    (answers,) = plain.run(None, {plain.get_inputs()[0].name: test.inputs[0]})
    shown = session.variants()[1].test
    assert shown is not None
    assert shown.score == float(np.mean(answers.argmax(axis=1) == test.labels))
    assert output.stat().st_size == made.measurement.size_bytes


def _is_complete(session: Session) -> bool:
    database = session.exploration.database
    return database is not None and database.stage == "complete" and is_at_rest(session)
