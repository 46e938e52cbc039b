"""Three large figures: what the selected variant, or the slider's position, is worth."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from superqt import QElidingLabel

from tinystudio.core.measurement import Measurement, Status
from tinystudio.gui import wording
from tinystudio.gui.figure_statements import (
    LONGEST_SHORT_STATUSES,
    LONGEST_STATUS,
    Statements,
    measured_statements,
    preview_sentence,
    samples_text,
    short_statement,
)
from tinystudio.gui.number_marks import grouped
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.wording import Judged, Tone

_ROLES = {Tone.GOOD: "good", Tone.SAME: "muted", Tone.BAD: "bad", Tone.MUTED: "muted"}
NOTHING_HINT = "Open a model and its data to see what it is worth."


class FiguresPanel(QWidget):
    """Accuracy, size and latency, each with its change against the original and its verdict.

    A preview is marked hollow: it is measured on some samples only, and never timed. So is a
    prediction, whose figures are "about", with their intervals.
    """

    again_requested = Signal()  # what is stale is to be measured again

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._title = QElidingLabel("")
        self._accuracy = Figure("accuracy")
        self._size = Figure("size")
        self._latency = Figure("latency")
        self._status = QLabel()
        self._warning = QLabel()
        self._again = QPushButton(tr("Measure again"))
        self._said: tuple[Statements, Statements] = ((), ())  # of the status: the whole, the short
        self._is_compact = False
        self._longest: tuple[str, ...] = ()  # what it may have to say; nothing: what is usual
        self._held = 0  # pixels that the lines of the last variant took
        self._lay_out()
        self.show_nothing()

    def _lay_out(self) -> None:
        set_role(self._title, "heading")
        set_role(self._status, "muted")
        set_role(self._warning, "warning")
        layout = self._column
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        layout.addWidget(self._title)
        row = QGridLayout()
        row.setHorizontalSpacing(12)
        for column, figure in enumerate((self._accuracy, self._size, self._latency)):
            row.addWidget(figure, 0, column, Qt.AlignmentFlag.AlignTop)
            row.setColumnStretch(column, 4 if figure is self._accuracy else 3)  # "29.84 dB"
        layout.addLayout(row)
        for label in (self._status, self._warning):
            label.setWordWrap(True)
            layout.addWidget(label)
        self._again.setToolTip(
            tr("These figures no longer hold: have all that are stale measured.")
        )
        self._again.clicked.connect(self.again_requested)
        self._again.hide()
        layout.addWidget(self._again, 0, Qt.AlignmentFlag.AlignLeft)
        self._status.setAlignment(Qt.AlignmentFlag.AlignTop)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._held = 0  # lines break elsewhere now
            self._keep_room()

    def set_compact(self, compact: bool) -> None:
        """Say less beside the figures, to leave room; the whole is then in the tooltip."""
        if compact != self._is_compact:
            self._is_compact, self._held = compact, 0
            self._keep_room()
            self._say(*self._said)

    def stand_in(self, aside: int, above: int) -> None:
        """Keep this much room on the left and the right, and above and below."""
        self._column.setContentsMargins(aside, above, aside, above)

    def expect(self, *longest: str) -> None:
        """Keep room for these sentences alone, where nothing longer will be said."""
        self._longest = longest
        self._keep_room()

    def _keep_room(self) -> None:
        """Keep room for a long verdict: what is below must not move while its slider is dragged."""
        self._status.ensurePolished()
        room = QRect(0, 0, self._status.width(), 1000)
        metrics = self._status.fontMetrics()
        usual = LONGEST_SHORT_STATUSES if self._is_compact else (LONGEST_STATUS,)
        longest = self._longest or usual
        wrap = Qt.TextFlag.TextWordWrap
        words = [metrics.boundingRect(room, wrap, _shown((text,))) for text in longest]
        needed = max(box.height() for box in words)
        self._status.setMinimumHeight(max(needed, self._held - self._below()))

    def _hold(self) -> None:
        """Keep the room that is taken now: of a variant more may be said than of its preview."""
        lines = self._status.heightForWidth(self._status.width())
        self._held = max(self._held, lines + self._below())

    def _below(self) -> int:
        """Return how high what stands under the status is: the warning, and the button."""
        gap = self._column.spacing()
        return sum(
            gap + (item.heightForWidth(self._status.width()) if item is self._warning
                   else item.sizeHint().height())
            for item in (self._warning, self._again)
            if item.isVisibleTo(self)
        )  # fmt: skip

    def _say(self, whole: Statements, short: Statements) -> None:
        self._said = (whole, short)
        told, brief = _shown(whole), _shown(short)
        self._status.setText(brief if self._is_compact else told)
        self._status.setToolTip(told if self._is_compact and brief != told else "")

    def show_nothing(self, reason: str = NOTHING_HINT) -> None:
        """Show that there are no figures, and why."""
        self._hold()
        self._title.setText("")
        self._again.hide()
        for figure in (self._accuracy, self._size, self._latency):
            figure.show_nothing()
        self._say((reason,), (reason,))
        self._warn(())
        self._keep_room()

    def show_variant(
        self,
        title: str,
        measurement: Measurement,
        original: Measurement | None = None,
        gain: str = "",
    ) -> None:
        """Show a variant's figures; `original` is None where this is the original.

        `gain` says what its technique gains over its control, where both were measured.
        """
        self._show(title, measurement, original, hollow=False)
        gained = (gain,) if gain else ()
        self._say(
            (*gained, *measured_statements(measurement)),
            (*gained, short_statement(measurement)),
        )
        self._warn(measurement.warnings)
        self._held = 0
        self._keep_room()

    def show_preview(
        self, title: str, measurement: Measurement, original: Measurement | None = None
    ) -> None:
        """Show what the slider's position would be worth; what is below stays where it is."""
        self._hold()
        self._show(title, measurement, original, hollow=True)
        sentence = preview_sentence(measurement)
        self._say((sentence,), (sentence,))
        self._warn(measurement.warnings)
        self._keep_room()

    def tell_awaited(self, recipe: str) -> None:
        """Say that what is shown is of an earlier recipe: the preview of this one still waits."""
        sentence = f"Still of {self._title.text()}: the preview of {recipe} waits"
        self._say((sentence,), (sentence,))

    def _show(
        self, title: str, figures: Measurement, original: Measurement | None, hollow: bool
    ) -> None:
        self._title.setText(tr(title))
        self._title.setToolTip(tr(title))
        statuses = (figures.score_status, figures.size_bytes_status, figures.latency_ms_status)
        self._again.setVisible("stale" in statuses)
        self._accuracy.rename(wording.metric_title(figures.metric))
        self._accuracy.show_figure(
            _about(wording.score_text(figures), figures.score_status),
            _unless_stale(figures.score_status, _score_change(figures)),
            _accuracy_tip(figures), hollow,
        )  # fmt: skip
        size = figures.size_bytes
        before = original.size_bytes if original else None
        self._size.show_figure(
            wording.size_text(size) if size is not None else wording.NO_FIGURE,
            _unless_stale(figures.size_bytes_status, wording.size_change(size, before)),
            _size_tip(figures), hollow,
        )  # fmt: skip
        self._show_latency(figures, hollow)

    def _show_latency(self, figures: Measurement, hollow: bool) -> None:
        if figures.latency_ms is None:
            word = "not timed" if hollow else wording.NOT_MEASURED
            tip = "Latency is timed on the finished file, when the recipe is measured."
            self._latency.show_figure(wording.NO_FIGURE, Judged(word, Tone.MUTED), tip, hollow)
            return
        text = _about(wording.latency_text(figures.latency_ms), figures.latency_ms_status)
        compared = figures.latency_ratio is not None
        change = wording.speed_change(figures) if compared else Judged("", Tone.MUTED)
        change = _unless_stale(figures.latency_ms_status, change)
        self._latency.show_figure(text, change, _latency_tip(figures), hollow)

    def _warn(self, warnings: tuple[str, ...]) -> None:
        self._warning.setVisible(bool(warnings))
        self._warning.setText(tr(f"⚠ {warnings[0]}" if warnings else ""))
        self._warning.setToolTip(tr("\n".join(warnings)))


class Figure(QWidget):
    """A caption, a large figure, and its change in words."""

    def __init__(self, caption: str) -> None:
        super().__init__()
        self._caption = QLabel(tr(caption))
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
        self._caption.setText(tr(caption))

    def show_figure(self, value: str, change: Judged, tip: str, hollow: bool) -> None:
        """Show a figure and its change; a hollow one is set lighter, beside its words."""
        self._value.setText(tr(value))
        self._change.setText(tr(change.text))
        set_role(self._value, "hollow figure" if hollow else "figure")
        set_role(self._change, _ROLES[change.tone])
        self.setToolTip(tr(tip))
        self.setAccessibleName(self._caption.text())
        told = f"{tr(value)}, {tr(change.text)}. {tr(tip)}"
        self.setAccessibleDescription(told.replace("\n", " "))

    def show_nothing(self) -> None:
        """Show that there is no figure."""
        self.show_figure(wording.NO_FIGURE, Judged("", Tone.MUTED), "", hollow=False)

    def text(self) -> str:
        """Return the figure as shown."""
        return self._value.text()

    def change_text(self) -> str:
        """Return the change as shown."""
        return self._change.text()


def _shown(statements: Statements) -> str:
    """Return statements in the user's language, a line each, as sentences."""
    return "\n".join(_as_sentence(_kept_together(tr(text))) for text in statements)


def _as_sentence(text: str) -> str:
    """Return a text with a capital, and a full stop where there is no other mark."""
    ended = text if not text or text[-1] in ".!?…:" else f"{text}."
    return ended[:1].upper() + ended[1:]


def _kept_together(text: str) -> str:
    """Return a text in which a figure and its unit, and the ends of an interval, share a line."""
    return text.replace(" %", "\u00a0%").replace(" … ", "\u00a0…\u00a0")


def _about(text: str, status: Status) -> str:
    return f"≈ {text}" if status == "predicted" else text


def _unless_stale(status: Status, change: Judged) -> Judged:
    """Return the change in words; of a stale figure, that it is stale: it is compared no more."""
    return Judged("stale", Tone.MUTED) if status == "stale" else change


def _score_change(figures: Measurement) -> Judged:
    """Return the change with its sign."""
    change = wording.score_change(figures)
    sign = wording.SIGNS[change.tone] if change.tone is Tone.BAD else ""
    return Judged(f"{sign} {change.text}".strip(), change.tone)


def _accuracy_tip(figures: Measurement) -> str:
    lines = [wording.tie_sentence(figures).text]
    interval = wording.score_interval_text(figures)
    if interval:
        lines.append(f"90 % interval {interval}, {samples_text(figures)}")
    return "\n".join(line for line in lines if line)


def _size_tip(figures: Measurement) -> str:
    lines = []
    if figures.size_bytes is not None:
        lines.append(f"{grouped(figures.size_bytes)} bytes in the file")
    if figures.download_bytes is not None:
        lines.append(f"{grouped(figures.download_bytes)} bytes after zstd, as a download")
    if figures.parameters is not None:
        lines.append(f"{grouped(figures.parameters)} parameters")
    return "\n".join(lines)


def _latency_tip(figures: Measurement) -> str:
    lines = []
    if figures.latency_interval_ms:
        lines.append(f"90 % interval {wording.interval_text(figures.latency_interval_ms)}")
    if spread := wording.speed_interval_text(figures):
        lines.append(f"{wording.speed_change(figures).text} ({spread})")
    lines += wording.throughput_lines(figures)
    if figures.verdict_reason:
        lines.append(figures.verdict_reason)
    if figures.conditions.timing_method:
        lines.append(figures.conditions.timing_method)
    return "\n".join(lines)
