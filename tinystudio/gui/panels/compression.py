"""The Compression dial: one slider over the whole front, and what it may use on its way."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tinystudio.gui.bending_row import BendingRow
from tinystudio.gui.elided import Elided
from tinystudio.gui.forms.choice_box import ChoiceBox
from tinystudio.gui.forms.slider import HANDLE, StepSlider
from tinystudio.gui.number_marks import plain
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.gui.wording import NO_FIGURE

ANY, FASTEST = "any", "fastest"
BITS = ((ANY, "any bits"), ("float", "float only"), ("w8", "8-bit weights"),
        ("w4", "4-bit weights"), ("w8a8", "INT8"), (FASTEST, "fastest bits"))  # fmt: skip
GOALS = (("size", "by size"), ("latency", "by latency"), ("both", "by both"))
# How much of the score running twice as fast may cost, in percent of the original's.
PREFERENCES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
LEAST_SLIDER = 14 * GRID
MOST_REMOVED = 95  # percent of the channels, the right end of the sparsity slider
NO_DATABASE = "Open a model with data: the dial goes over everything it could become."
DIAL_HELP = (
    "Turn it: the best recipe at that size appears, predicted at once and then worked out.\n"
    "Left is the original, right the smallest."
)
GOAL_HELP = "What becomes less as the dial is turned: the file, the time, or both alike."
BITS_HELP = (
    "Which precisions the dial may use. Choosing one also puts every layer into it.\n"
    "Fastest bits: each layer in float or INT8, whichever makes the whole fastest on this"
    " processor at these channels."
)
SPARSITY_HELP = "Removes the same share of channels from all groups, at the levels there are."
SPEED_HELP = (
    "Which recipe of several of that size: the most accurate one, or a faster one that loses a"
    " little.\nThe further to the right, the more of the score twice the speed may cost."
)


class CompressionPanel(QWidget):
    """Says what was turned or chosen; what that means is decided elsewhere. Setters say nothing.

    `turned` and `sparsity_moved` carry whether the user is still dragging.
    """

    turned = Signal(int, bool)  # stop
    goal_chosen = Signal(str)
    bits_chosen = Signal(str)
    sparsity_moved = Signal(float, bool)  # share removed
    speed_preferred = Signal(float)  # percent of the score that twice as fast may cost

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dial = StepSlider(1)
        self._goal, self._bits = ChoiceBox(), ChoiceBox()
        self._sparsity = StepSlider(MOST_REMOVED)
        self._speed = StepSlider(len(PREFERENCES) - 1, tuple(range(len(PREFERENCES))))
        self._title = QLabel(tr("Compression"))
        self._here = Elided()
        self._ends = (QLabel(tr("original")), self._here, QLabel(tr("smallest")))
        self._sparsity_text, self._speed_text = QLabel(), QLabel()
        self._names = (QLabel(tr("Sparsity")), QLabel(tr("Accuracy–speed")))
        self._reason = QLabel()
        self._is_on_dial = True
        self._settled = (0, 0)  # dial and sparsity, when they were last let go
        self._lay_out()
        self._connect()
        self.set_reason(NO_DATABASE)

    def _lay_out(self) -> None:
        set_role(self._title, "heading")
        for label in (*self._ends, self._sparsity_text, self._speed_text, self._reason):
            set_role(label, "muted")
        self._reason.setWordWrap(True)
        self._here.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._name()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 6)
        layout.setSpacing(2)
        ends = QHBoxLayout()
        ends.setSpacing(GRID)
        for label, stretch in zip(self._ends, (0, 1, 0), strict=True):
            ends.addWidget(label, stretch)
        layout.addWidget(self._head())
        layout.addWidget(self._dial)
        layout.addLayout(ends)
        layout.addWidget(self._reason)
        layout.addLayout(self._rows())

    def _head(self) -> BendingRow:
        return BendingRow(
            (self._title, BendingRow((self._bits, self._goal), (), GRID // 2)), (1, 0)
        )

    def _rows(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        rows = ((self._sparsity, self._sparsity_text), (self._speed, self._speed_text))
        top = Qt.AlignmentFlag.AlignTop  # where the handle is: ticks are below it
        for row, (name, (slider, text)) in enumerate(zip(self._names, rows, strict=True)):
            grid.addWidget(name, row, 0, top)
            grid.addWidget(slider, row, 1, top)
            slider.setMinimumWidth(LEAST_SLIDER)
            grid.addWidget(text, row, 2, top)
            text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for label in (name, text):
                label.setMinimumHeight(2 * HANDLE + 2)  # its middle is the handle's
        said = [*map(speed_text, PREFERENCES), f"{MOST_REMOVED} % removed"]
        widest = text_width(self._speed_text, [tr(text) for text in said])
        self._speed_text.setFixedWidth(widest)
        self._sparsity_text.setFixedWidth(widest)
        return grid

    def _name(self) -> None:
        self.setAccessibleName(tr("Compression"))
        named = (
            (self._dial, "Compression", DIAL_HELP), (self._goal, "Compress by", GOAL_HELP),
            (self._bits, "Bits allowed", BITS_HELP), (self._sparsity, "Sparsity", SPARSITY_HELP),
            (self._speed, "Prefer accuracy or speed", SPEED_HELP),
        )  # fmt: skip
        for widget, name, words in named:
            widget.setAccessibleName(tr(name))
            widget.setToolTip(tr(words))
        for box, items in ((self._goal, GOALS), (self._bits, BITS)):
            for value, title in items:
                box.addItem(tr(title), value)
        self._show_values()

    def _connect(self) -> None:
        self._dial.valueChanged.connect(self._on_turned)
        self._dial.sliderReleased.connect(self._on_dial_released)
        self._sparsity.valueChanged.connect(self._on_sparsity)
        self._sparsity.sliderReleased.connect(self._on_sparsity_released)
        self._speed.valueChanged.connect(self._on_speed)
        self._bits.currentIndexChanged.connect(self._on_bits)
        self._goal.currentIndexChanged.connect(self._on_goal)

    @property
    def dial(self) -> StepSlider:
        """Return the dial."""
        return self._dial

    def set_reason(self, reason: str) -> None:
        """Say why nothing can be turned yet; empty: it can."""
        self._reason.setText(tr(reason))
        self._reason.setVisible(bool(reason))
        for label in self._ends:  # in the reason's place: what is below stays where it is
            label.setVisible(not reason and (self._is_on_dial or label is self._here))
        words = (*self._names, self._sparsity_text, self._speed_text)
        for widget in (self._dial, self._sparsity, self._speed, self._bits, self._goal, *words):
            widget.setEnabled(not reason)

    def set_timed(self, timed: bool) -> None:
        """Allow what needs times: going by latency, preferring speed."""
        for widget in (self._speed, self._speed_text, self._names[1]):
            widget.setEnabled(timed and self._dial.isEnabled())
        self._goal.setEnabled(timed and self._dial.isEnabled())

    def set_stops(self, count: int, here: int) -> None:
        """Let the dial pass so many recipes; it now stands at one of them, held or not."""
        with QSignalBlocker(self._dial):
            self._dial.setRange(0, max(1, count - 1))
            self._dial.setValue(here)

    def show_choice(self, stop: int, words: str, sparsity: float | None) -> None:
        """Show where the recipe lies: its stop, what it is in a word, its share of channels.

        Without a share it does not lie on the dial at all.
        """
        self._is_on_dial = sparsity is not None
        for slider, value in ((self._dial, stop), (self._sparsity, round(100 * (sparsity or 0)))):
            slider.set_known(self._is_on_dial)
            if not slider.isSliderDown():
                with QSignalBlocker(slider):
                    slider.setValue(value)
        for end in (self._ends[0], self._ends[2]):  # the words take the whole line
            end.setVisible(self._is_on_dial and not self._reason.text())
        self._here.set_text(tr(words))
        self._settled = (self._dial.value(), self._sparsity.value())
        self._show_values()

    def show_bits(self, bits: str) -> None:
        """Show which bits are allowed."""
        with QSignalBlocker(self._bits):
            self._bits.setCurrentIndex(max(0, self._bits.findData(bits)))

    def _show_values(self) -> None:
        removed = f"{self._sparsity.value()} % removed" if self._is_on_dial else NO_FIGURE
        self._sparsity_text.setText(tr(removed))
        self._speed_text.setText(tr(speed_text(PREFERENCES[self._speed.value()])))

    @Slot(int)
    def _on_turned(self, stop: int) -> None:
        self.turned.emit(stop, True)

    @Slot()
    def _on_dial_released(self) -> None:
        self.turned.emit(self._dial.value(), False)

    @Slot(int)
    def _on_sparsity(self, percent: int) -> None:
        self._is_on_dial = True
        self._sparsity.set_known(True)
        self._show_values()
        self.sparsity_moved.emit(percent / 100, True)

    @Slot()
    def _on_sparsity_released(self) -> None:
        self.sparsity_moved.emit(self._sparsity.value() / 100, False)

    @Slot(int)
    def _on_speed(self, place: int) -> None:
        self._show_values()
        self.speed_preferred.emit(PREFERENCES[place])

    @Slot()
    def _on_bits(self) -> None:
        self.bits_chosen.emit(str(self._bits.currentData()))

    @Slot()
    def _on_goal(self) -> None:
        self.goal_chosen.emit(str(self._goal.currentData()))


def speed_text(percent: float) -> str:
    """Return what a preference means, e.g. "4 % for 2×": of the score, for twice the speed."""
    return "accuracy only" if not percent else f"{plain(percent)} % for 2×"


def text_width(label: QLabel, texts: list[str]) -> int:
    """Return how wide a label has to be for any of these texts."""
    label.ensurePolished()
    return max(label.fontMetrics().horizontalAdvance(text) for text in texts) + 4
