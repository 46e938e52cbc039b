"""The small form of a sweep: which parameter, from where to where, in which steps."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
)

from tinystudio.gui import wording
from tinystudio.gui.forms.choice_box import ChoiceBox
from tinystudio.gui.forms.scale import Scale
from tinystudio.gui.forms.sweep_range import MOST_VALUES, Range, Sweepable, sweepable, usual_range
from tinystudio.gui.forms.value_edit import ValueEdit
from tinystudio.gui.number_marks import grouped
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.sweeps import Vary

ENDS = ("from", "to", "step")


class SweepForm(QFrame):
    """Says `sweep_requested` with what is to be varied: a tuple of `Vary`."""

    sweep_requested = Signal(object)
    dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._offers: tuple[Sweepable, ...] = ()
        self._range = Range(0, 0, 1)
        self._parameter = ChoiceBox()
        self._edits = {name: ValueEdit() for name in ENDS}
        self._random = QCheckBox(tr("with a random control"))
        self._summary = QLabel()
        self._start = QPushButton(tr("Start sweep"))
        self._close = QPushButton(tr("Close"))
        self._lay_out()
        self._connect()
        self.set_recipe(Recipe())

    def _lay_out(self) -> None:
        heading = QLabel(tr("Sweep"))
        for widget, role in (
            (self, "card"), (heading, "heading"), (self._summary, "muted"),
            (self._start, "primary"),
        ):  # fmt: skip
            set_role(widget, role)
        self._summary.setWordWrap(True)
        self._parameter.setAccessibleName(tr("Parameter to vary"))
        self._parameter.setMaximumWidth(600)
        self._random.setToolTip(
            tr(
                "Makes every variant once more without what the method is about: chosen by chance, "
                "or trained plainly. What it gains over that is what it is worth."
            )
        )
        buttons = QHBoxLayout()
        buttons.addWidget(self._start, 1)
        buttons.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 10)
        layout.setSpacing(6)
        layout.addWidget(heading)
        layout.addWidget(self._parameter)
        layout.addLayout(self._ends())
        layout.addWidget(self._random)
        layout.addWidget(self._summary)
        layout.addLayout(buttons)

    def _ends(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(0)
        for column, (name, edit) in enumerate(self._edits.items()):
            caption = QLabel(tr("in steps of") if name == "step" else name)
            set_role(caption, "muted")
            caption.setBuddy(edit)
            edit.setAccessibleName(tr(f"Sweep {caption.text()}"))
            caption.setAlignment(Qt.AlignmentFlag.AlignRight)
            caption.setContentsMargins(0, 0, 4, 0)  # in line with the figure below
            grid.addWidget(caption, 0, column)
            grid.addWidget(edit, 1, column)
            grid.setColumnStretch(column, 1)
        return grid

    def _connect(self) -> None:
        self._parameter.currentIndexChanged.connect(self._on_parameter_chosen)
        for name, edit in self._edits.items():
            edit.entered.connect(partial(self._on_entered, name))
        self._random.toggled.connect(self._show)
        self._start.clicked.connect(self._on_started)
        self._close.clicked.connect(self.dismissed)

    def set_recipe(self, recipe: Recipe) -> None:
        """Offer the numbers of this recipe's steps; a choice that still holds is kept."""
        before = [item.title for item in self._offers]
        self._offers = sweepable(recipe)
        titles = [item.title for item in self._offers]
        if titles == before and titles:
            self._show()
            return
        with QSignalBlocker(self._parameter):
            self._parameter.clear()
            self._parameter.addItems([tr(x) for x in titles])
            usual = [index for index, item in enumerate(self._offers) if item.is_usual]
            self._parameter.setCurrentIndex(usual[0] if usual else min(0, len(titles) - 1))
        self._on_parameter_chosen()

    def varied(self) -> tuple[Vary, ...]:
        """Return what the form asks for; empty where it asks for nothing."""
        offer = self._offer()
        values = self._range.values(offer.scale.whole) if offer else ()
        if offer is None or not values:
            return ()
        swept = Vary(offer.spec.name, values, offer.step)
        if offer.control and self._random.isChecked():
            return (offer.control, swept)
        return (swept,)

    def _offer(self) -> Sweepable | None:
        index = self._parameter.currentIndex()
        return self._offers[index] if 0 <= index < len(self._offers) else None

    @Slot()
    def _on_parameter_chosen(self) -> None:
        offer = self._offer()
        if offer:
            self._range = usual_range(offer)
            if offer.spec.sweep_to is not None and offer.control:
                with QSignalBlocker(self._random):  # repeats tell a gain only beside a control
                    self._random.setChecked(True)
        self._show()

    def _on_entered(self, name: str, text: str) -> None:
        offer = self._offer()
        if offer is None:
            return
        try:
            value = (
                _step_scale(offer.scale).read(text) if name == "step" else offer.scale.read(text)
            )
        except ValueError as error:
            self._show()
            self._summary.setText(
                tr("“{text}” was not taken: {error}.").format(text=text, error=error)
            )
            return
        start, stop, step = self._range.start, self._range.stop, self._range.step
        changed = {"from": start, "to": stop, "step": step, name: value}
        self._range = Range(changed["from"], changed["to"], changed["step"])
        self._show()

    @Slot()
    def _show(self) -> None:
        offer = self._offer()
        for widget in (self._parameter, *self._edits.values()):
            widget.setEnabled(offer is not None)
        self._random.setEnabled(bool(offer and offer.control))
        kind = offer.control_title if offer and offer.control_title else "random"
        self._random.setText(tr("with a {kind} control").format(kind=tr(kind)))
        if offer is None:
            self._summary.setText(tr("Add a technique with a number to vary."))
            self._start.setEnabled(False)
            return
        for name, value in zip(
            ENDS, (self._range.start, self._range.stop, self._range.step), strict=True
        ):
            self._edits[name].setText(offer.scale.text(value))
        self._summarize()

    def _summarize(self) -> None:
        if self._range.count > MOST_VALUES:
            self._summary.setText(
                tr(f"{grouped(self._range.count)} values are too many; use wider steps.")
            )
            self._start.setEnabled(False)
            return
        count = 1
        varied = self.varied()
        for vary in varied:
            count *= len(vary.values)
        self._start.setEnabled(bool(varied))
        made = wording.plural(count, "variant") if varied else "The end lies before the start."
        self._summary.setText(
            tr("{made}, each measured and timed").format(made=made) if varied else made
        )

    @Slot()
    def _on_started(self) -> None:
        self.sweep_requested.emit(self.varied())


def _step_scale(scale: Scale) -> Scale:
    """Return the scale that a width of steps is read by: above nothing, at most the range."""
    smallest = 1.0 if scale.whole else 1e-6
    return Scale(smallest, scale.maximum - scale.minimum, scale.step, scale.unit, scale.whole)
