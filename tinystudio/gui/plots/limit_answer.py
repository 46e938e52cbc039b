"""What lies inside the limits, in a line under the plots: the best measured, the best predicted."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from tinystudio.core.measurement import Measurement
from tinystudio.gui import wording
from tinystudio.gui.number_marks import unbroken
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.session.marks import ProjectVariant

NOTHING = "Nothing that is known lies inside the limits."


class LimitAnswer(QFrame):
    """Words and a button that goes on with the predicted recipe."""

    taken = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words, self._take = QLabel(), QPushButton(tr("Use it"))
        self._offers = True
        set_role(self, "advice")
        set_role(self._take, "primary")
        self._words.setWordWrap(True)
        self._take.setToolTip(
            tr("Make the best predicted recipe inside the limits the one to go on")
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.addWidget(self._words, 1)
        row.addWidget(self._take)
        self._take.clicked.connect(self.taken)
        self.hide()

    @property
    def take_button(self) -> QPushButton:
        """Return the button that goes on with the predicted recipe."""
        return self._take

    def offer_nothing(self) -> None:
        """Answer in words alone: whoever shows this takes the best already."""
        self._offers = False

    def say(
        self, measured: tuple[str, Measurement] | None, predicted: Measurement | None,
        baseline: ProjectVariant | None = None,
    ) -> None:  # fmt: skip
        """Say what is best inside the limits; title and figures of the measured one.

        Sizes are told as they stand to `baseline`.
        """
        told = tr(answer_text(measured, predicted, baseline))
        self._words.setText(unbroken(told))
        self._take.setVisible(self._offers and predicted is not None)
        self.show()
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the words the lines that they take in this width."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        # A layout within a layout asks for fewer lines than wrapped words take.
        needed = self._words.heightForWidth(self._words.width())  # -1 where nothing is said
        self._words.setMinimumHeight(max(0, needed))

    def text(self) -> str:
        """Return what is said."""
        return self._words.text()


def answer_text(
    measured: tuple[str, Measurement] | None, predicted: Measurement | None,
    baseline: ProjectVariant | None = None,
) -> str:  # fmt: skip
    """Return both answers in words, each saying what it is."""
    lines = []
    if predicted is not None:
        lines.append(f"Best in limits, predicted: {_figures_text(predicted, baseline, '≈ ')}.")
    if measured is not None:
        title, figures = measured
        against = None if baseline is not None and baseline.title == title else baseline
        told = _figures_text(figures, against)
        words = f"{title}, {told}."
        lines.append(f"Measured: {words}" if lines else f"Best in limits, measured: {words}")
    return "\n".join(lines) or NOTHING


def _figures_text(figures: Measurement, baseline: ProjectVariant | None, about: str = "") -> str:
    parts = [f"{about}{wording.score_text(figures)}"]
    if interval := wording.score_interval_text(figures) if about else "":
        parts[0] += f" ({interval})"
    if figures.size_bytes is not None:
        told = wording.size_against(figures.size_bytes, baseline)
        parts.append(f"{wording.size_text(figures.size_bytes)}{told and f', {told}'}")
    if figures.latency_ms is not None:
        parts.append(f"{about}{wording.latency_text(figures.latency_ms)}")
    return " · ".join(parts)
