"""The card that tells why a recipe costs accuracy, and its button."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QTableWidget
from pytestqt.qtbot import QtBot

from tinystudio.gui.diagnosis_card import DiagnosisCard
from tinystudio.jobs.diagnosis import Cause, Diagnosis, StepScore
from tinystudio.jobs.recipe import Recipe, Step

REMEDY = Recipe(steps=(Step.of("layer-levels", levels={"conv1": {"bits": "w8a8"}}),))
FOUND = Diagnosis(
    recipe=Recipe(steps=(Step.of("static-quantization"),)),
    metric="accuracy",
    samples=1000,
    steps=(StepScore(title="original", score=0.92), StepScore(title="INT8", score=0.83)),
    worst=0,
    causes=(
        Cause(layer="conv3", what="activations", points=0.083, share=0.92, cost_bytes=1200),
        Cause(layer="conv2", what="weights", points=0.01, share=0.11, cost_bytes=-40),
    ),
    sentence="“INT8” costs 9.0 points. The activations of conv3 cost 92 % of that.",
    remedy=REMEDY,
    remedy_title="Keep conv3 in float",
    remedy_score=0.913,
)


def texts(table: QTableWidget) -> list[list[str]]:
    return [
        [
            item.text() if (item := table.item(row, column)) else ""
            for column in range(table.columnCount())
        ]
        for row in range(table.rowCount())
    ]


def shown(qtbot: QtBot, found: Diagnosis) -> DiagnosisCard:
    card = DiagnosisCard(found)
    qtbot.addWidget(card)
    card.show()
    return card


def test_it_says_what_was_found_and_shows_the_layers(qtbot: QtBot) -> None:
    card = shown(qtbot, FOUND)
    steps, causes = card.findChildren(QTableWidget)
    assert texts(steps) == [["original", "92.0 %", ""], ["INT8", "83.0 %", "−9.0"]]
    assert texts(causes)[0] == ["conv3", "activations", "+8.3", "92 %", "+1.2 kB"]
    assert texts(causes)[1][-1] == "−40 B"
    labels = [label.text() for label in card.findChildren(QLabel)]
    assert FOUND.sentence in labels
    assert "91.3 % on the same samples, measured." in labels


def test_its_button_hands_over_the_remedy_and_closes(qtbot: QtBot) -> None:
    card = shown(qtbot, FOUND)
    button = next(b for b in card.findChildren(QPushButton) if b.text() == FOUND.remedy_title)
    with qtbot.waitSignal(card.remedy_taken) as taken:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert taken.args == [REMEDY]
    assert not card.isVisible()


def test_without_a_loss_there_is_a_sentence_and_no_button(qtbot: QtBot) -> None:
    plain = FOUND.model_copy(update={"causes": (), "remedy": None, "worst": None})
    card = shown(qtbot, plain)
    assert len(card.findChildren(QTableWidget)) == 1
    assert [b.text() for b in card.findChildren(QPushButton)] == ["Close"]


def test_a_remedy_that_trains_says_that_it_was_not_measured(qtbot: QtBot) -> None:
    card = shown(qtbot, FOUND.model_copy(update={"remedy_score": None}))
    assert any("Not measured" in label.text() for label in card.findChildren(QLabel))
