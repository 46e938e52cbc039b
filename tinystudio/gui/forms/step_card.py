"""One step of a recipe as a card: number, title, help, menu, and its form."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from tinystudio.core.errors import UserError
from tinystudio.core.params import Value, describe
from tinystudio.gui import wording
from tinystudio.gui.forms.fields import TableField
from tinystudio.gui.forms.form import ParamForm
from tinystudio.gui.forms.help_mark import HelpMark
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.jobs.inspection import PreflightInfo
from tinystudio.jobs.recipe import Step


class StepCard(QFrame):
    """Shows a step and says what the user wants with it; the recipe is the panel's.

    A step that is off stays on the screen and is left out of the recipe.
    """

    edited = Signal(bool)  # True while a slider is still held
    move_requested = Signal(int)  # -1 up, +1 down
    removal_requested = Signal()
    copy_requested = Signal()
    switched = Signal(bool)
    levels_requested = Signal()  # to edit a table where its rows are

    def __init__(self, step: Step, on: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step = step
        self._on = on
        self._number = 1
        self._title = QLabel()
        self._help = HelpMark(tr(step.part.title), step.part.help)
        self._menu_button = QToolButton()
        self._note = QLabel()
        self._form = ParamForm.of(step.part.params, step.part.title)
        self._form.set_values(step.params.model_dump())
        self._lay_out()
        self._fill_menu()
        for field in self._tables():
            field.offer("Edit in Layers")
            field.editing_requested.connect(self.levels_requested)
        self._sum_up()
        self._form.value_moved.connect(self._on_moved)
        self._form.value_committed.connect(self._on_committed)

    def _lay_out(self) -> None:
        set_role(self, "card")
        set_role(self._title, "heading")
        set_role(self._note, "muted")
        self._note.setWordWrap(True)
        self._note.hide()
        self._menu_button.setText("⋯")
        self._menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu_button.setToolTip(tr("Move, duplicate, turn off, remove"))
        head = QHBoxLayout()
        self._title.setWordWrap(True)
        head.addWidget(self._title, 1)
        for button in (self._help, self._menu_button):
            head.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 6, 12, 10)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(self._note)
        layout.addWidget(self._form)

    def _fill_menu(self) -> None:
        menu = QMenu(self._menu_button)
        self._up = menu.addAction(tr("Move up"), lambda: self.move_requested.emit(-1))
        self._down = menu.addAction(tr("Move down"), lambda: self.move_requested.emit(1))
        menu.addAction(tr("Duplicate"), self.copy_requested.emit)
        menu.addSeparator()
        self._reset = menu.addAction(tr("Reset all parameters"), self._form.reset)
        self._toggle = menu.addAction("", self._on_toggled)
        menu.addSeparator()
        menu.addAction(tr("Remove"), self.removal_requested.emit)
        self._menu_button.setMenu(menu)
        menu.aboutToShow.connect(self._on_menu_opening)

    def _tables(self) -> list[TableField]:
        fields = (self._form.field(spec.name) for spec in describe(self._step.part.params))
        return [field for field in fields if isinstance(field, TableField)]

    def _sum_up(self) -> None:
        for field in self._tables():
            field.sum_up(self._step.part.describe(self._step.params))

    @property
    def step(self) -> Step:
        """Return the step as edited."""
        return self._step

    @property
    def is_on(self) -> bool:
        """Say whether the step is part of the recipe."""
        return self._on

    @property
    def form(self) -> ParamForm:
        """Return the form."""
        return self._form

    @property
    def menu(self) -> QMenu:
        """Return the menu behind the dots."""
        menu: QMenu = self._menu_button.menu()
        return menu

    def set_step(self, step: Step) -> None:
        """Show other parameters of the same technique; no signal."""
        self._step = step
        self._form.set_values(step.params.model_dump())
        self._sum_up()

    def set_place(self, number: int, count: int) -> None:
        """Show where in the recipe this step stands."""
        self._number = number
        name = f"{number} {tr(self._step.part.title)}"
        self._title.setText(name if self._on else tr("{name} (off)").format(name=name))
        self.setAccessibleName(tr("Step {name}").format(name=name))
        self._menu_button.setAccessibleName(tr("Menu of step {name}").format(name=name))
        self._up.setEnabled(number > 1)
        self._down.setEnabled(number < count)
        self._toggle.setText(tr("Turn off temporarily") if self._on else tr("Turn on again"))
        self._form.setVisible(self._on)

    def set_preflight(self, found: PreflightInfo | None) -> None:
        """Say what this technique cannot do with the open model."""
        limited = found is not None and found.status != "can"
        self._note.setVisible(limited)
        if found is not None and limited:
            word = "Works in part" if found.status == "partly" else "Not for this model"
            remedy = f" {found.remedy}" if found.remedy else ""
            self._note.setText(tr(f"{word}: {wording.after_colon(found.reason)}{remedy}"))

    @Slot()
    def _on_menu_opening(self) -> None:
        self._reset.setEnabled(not self._form.is_default())

    @Slot()
    def _on_toggled(self) -> None:
        self._on = not self._on
        self.switched.emit(self._on)

    @Slot(dict)
    def _on_moved(self, values: dict[str, Value]) -> None:
        self._take(values, live=True)

    @Slot(dict)
    def _on_committed(self, values: dict[str, Value]) -> None:
        self._take(values, live=False)

    def _take(self, values: dict[str, Value], live: bool) -> None:
        try:
            self._step = Step.of(self._step.technique, **values)
        except UserError:
            return  # the form has said so under the field
        self._sum_up()
        self.edited.emit(live)
