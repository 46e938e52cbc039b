"""Three large figures: what the selected variant, or the slider's position, is worth."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget
from superqt import QElidingLabel

from tinystudio.core.measurement import Measurement, Status
from tinystudio.gui import wording
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.wording import Judged, Tone

_ROLES = {Tone.GOOD: "good", Tone.SAME: "good", Tone.BAD: "bad", Tone.MUTED: "muted"}
# As long as what is usually said of a variant; it decides how much room is kept.
LONGEST_STATUS = (
    "measured on this file · validation, n = 2000\n90 % interval 90.0 … 93.1 · verdict: same. No"
    " difference in time that could be told apart from chance. It does 39 % fewer multiplications,"
    " which does not show. The network is so small that most of the time is likely the call itself."
)
NOTHING_HINT = "Open a model and its data to see what it is worth."


class FiguresPanel(QWidget):
    """Accuracy, size and latency, each with its change against the original and its verdict.

    A preview is marked hollow: it is measured on some samples only, and never timed. So is a
    prediction, whose figures are "about", with their intervals.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QElidingLabel("")
        self._accuracy = Figure("accuracy")
        self._size = Figure("size")
        self._latency = Figure("latency")
        self._status = QLabel()
        self._warning = QLabel()
        self._lay_out()
        self.show_nothing()

    def _lay_out(self) -> None:
        set_role(self._title, "heading")
        set_role(self._status, "muted")
        set_role(self._warning, "warning")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        layout.addWidget(self._title)
        row = QGridLayout()
        row.setHorizontalSpacing(8)
        for column, figure in enumerate((self._accuracy, self._size, self._latency)):
            row.addWidget(figure, 0, column, Qt.AlignmentFlag.AlignTop)
            row.setColumnStretch(column, 1)
        layout.addLayout(row)
        for label in (self._status, self._warning):
            label.setWordWrap(True)
            layout.addWidget(label)
        self._status.setAlignment(Qt.AlignmentFlag.AlignTop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep room for a long verdict: what is below must not move while its slider is dragged."""
        super().resizeEvent(event)
        self._status.ensurePolished()
        room = QRect(0, 0, self._status.width(), 1000)
        metrics = self._status.fontMetrics()
        words = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, LONGEST_STATUS)
        self._status.setMinimumHeight(words.height())

    def show_nothing(self, reason: str = NOTHING_HINT) -> None:
        """Show that there are no figures, and why."""
        self._title.setText("")
        for figure in (self._accuracy, self._size, self._latency):
            figure.show_nothing()
        self._status.setText(reason)
        self._warn(())

    def show_variant(
        self, title: str, measurement: Measurement, original: Measurement | None = None
    ) -> None:
        """Show a variant's figures; `original` is None where this is the original."""
        self._show(title, measurement, original, hollow=False)
        # A figure and its unit stay on one line.
        self._status.setText(measured_sentence(measurement).replace(" %", "\u00a0%"))
        self._warn(measurement.warnings)

    def show_preview(
        self, title: str, measurement: Measurement, original: Measurement | None = None
    ) -> None:
        """Show what the slider's position would be worth."""
        self._show(title, measurement, original, hollow=True)
        self._status.setText(preview_sentence(measurement).replace(" %", "\u00a0%"))
        self._warn(measurement.warnings)

    def _show(
        self, title: str, figures: Measurement, original: Measurement | None, hollow: bool
    ) -> None:
        self._title.setText(title)
        self._title.setToolTip(title)
        self._accuracy.rename(wording.metric_title(figures.metric))
        self._accuracy.show_figure(
            _about(wording.score_text(figures), figures.score_status),
            _with_sign(wording.score_change(figures)), _accuracy_tip(figures), hollow,
        )  # fmt: skip
        size = figures.size_bytes
        before = original.size_bytes if original else None
        self._size.show_figure(
            wording.size_text(size) if size is not None else wording.NO_FIGURE,
            wording.size_change(size, before), _size_tip(figures), hollow,
        )  # fmt: skip
        self._show_latency(figures, hollow)

    def _show_latency(self, figures: Measurement, hollow: bool) -> None:
        if figures.latency_ms is None:
            word = "not timed" if hollow else wording.NOT_MEASURED
            tip = "Latency is timed on the finished file, when the recipe is measured."
            self._latency.show_figure(wording.NO_FIGURE, Judged(word, Tone.MUTED), tip, hollow)
            return
        text = _about(wording.latency_text(figures.latency_ms), figures.latency_ms_status)
        change = wording.speed_change(figures)
        compared = figures.latency_ratio is not None
        self._latency.show_figure(
            text, change if compared else Judged("", Tone.MUTED), _latency_tip(figures), hollow
        )

    def _warn(self, warnings: tuple[str, ...]) -> None:
        self._warning.setVisible(bool(warnings))
        self._warning.setText(f"⚠ {warnings[0]}" if warnings else "")
        self._warning.setToolTip("\n".join(warnings))


class Figure(QWidget):
    """A caption, a large figure, and its change in words."""

    def __init__(self, caption: str) -> None:
        super().__init__()
        self._caption = QLabel(caption)
        self._value = QLabel()
        self._change = QLabel()
        set_role(self._caption, "muted")
        set_role(self._value, "figure")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for label in (self._caption, self._value, self._change):
            layout.addWidget(label)

    def rename(self, caption: str) -> None:
        """Show another caption."""
        self._caption.setText(caption)

    def show_figure(self, value: str, change: Judged, tip: str, hollow: bool) -> None:
        """Show a figure and its change; a hollow one is set lighter, beside its words."""
        self._value.setText(value)
        self._change.setText(change.text)
        set_role(self._value, "hollow figure" if hollow else "figure")
        set_role(self._change, _ROLES[change.tone])
        self.setToolTip(tip)
        self.setAccessibleName(self._caption.text())
        self.setAccessibleDescription(f"{value}, {change.text}. {tip}".replace("\n", " "))

    def show_nothing(self) -> None:
        """Show that there is no figure."""
        self.show_figure(wording.NO_FIGURE, Judged("", Tone.MUTED), "", hollow=False)

    def text(self) -> str:
        """Return the figure as shown."""
        return self._value.text()

    def change_text(self) -> str:
        """Return the change as shown."""
        return self._change.text()


def measured_sentence(figures: Measurement) -> str:
    """Return on what the figures were taken, and the verdict's reason."""
    parts, head = [], ""
    if figures.score is not None:
        samples = wording.plural(figures.samples, figures.split or "sample")
        if figures.split:
            samples = f"{figures.split}, n = {figures.samples}"
        head = f"measured on this file · {samples}\n"
        interval = wording.score_interval_text(figures)
        parts += [f"90 % interval {interval}"] if interval else []
    if figures.verdict_reason:
        parts.append(f"verdict: {figures.verdict}. {figures.verdict_reason}")
    if figures.conditions.busy:
        parts.append("timed on a busy machine")
    return f"{head}{' · '.join(parts)}".strip() or wording.NOT_MEASURED


def preview_sentence(figures: Measurement) -> str:
    """Return what of a preview is measured, on how many samples, and what is predicted."""
    interval = wording.score_interval_text(figures)
    if figures.score_status == "predicted":
        parts = [f"○ predicted, not measured yet · 90 % interval {interval}"]
    elif figures.latency_ms is None:
        return f"○ preview on {figures.samples} samples, not timed"
    else:
        parts = [f"○ measured on {figures.samples} samples", f"90 % interval {interval}"]
    if figures.latency_interval_ms is not None:
        spread = wording.interval_text(figures.latency_interval_ms)
        parts.append(f"latency predicted, {spread}")
    return " · ".join(parts)


def _about(text: str, status: Status) -> str:
    return f"≈ {text}" if status == "predicted" else text + wording.status_mark(status)


def _with_sign(change: Judged) -> Judged:
    sign = wording.SIGNS[change.tone] if change.tone is Tone.BAD else ""
    return Judged(f"{sign} {change.text}".strip(), change.tone)


def _accuracy_tip(figures: Measurement) -> str:
    lines = [wording.tie_sentence(figures).text]
    interval = wording.score_interval_text(figures)
    if interval:
        lines.append(f"90 % interval {interval}, n = {figures.samples} ({figures.split})")
    return "\n".join(line for line in lines if line)


def _size_tip(figures: Measurement) -> str:
    lines = []
    if figures.size_bytes is not None:
        lines.append(f"{figures.size_bytes:,} bytes in the file")
    if figures.download_bytes is not None:
        lines.append(f"{figures.download_bytes:,} bytes after zstd, as a download")
    if figures.parameters is not None:
        lines.append(f"{figures.parameters:,} parameters")
    return "\n".join(lines)


def _latency_tip(figures: Measurement) -> str:
    lines = []
    if figures.latency_interval_ms:
        lines.append(f"90 % interval {wording.interval_text(figures.latency_interval_ms)}")
    if spread := wording.speed_interval_text(figures):
        lines.append(f"{wording.speed_change(figures).text} ({spread})")
    if figures.verdict_reason:
        lines.append(figures.verdict_reason)
    if figures.conditions.timing_method:
        lines.append(figures.conditions.timing_method)
    return "\n".join(lines)
