"""The page where an export target is chosen, with its options."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QRadioButton, QVBoxLayout, QWidget

from tinystudio.core.params import Params, describe, parse_params
from tinystudio.exporters import find_target, targets
from tinystudio.gui.forms.form import ParamForm
from tinystudio.gui.stylesheet import UNDER_TITLE, set_role
from tinystudio.gui.texts import tr, tr_help
from tinystudio.gui.wizards.wizard import Page


class TargetPage(Page):
    """Every target with what it is good for; what cannot be used here is greyed, and says why."""

    title = "Target"
    hint = "The written file is opened again in a new process and compared with what was measured."

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._buttons: dict[str, QRadioButton] = {}
        self._forms: dict[str, ParamForm] = {}
        self._cards: dict[str, QFrame] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(4)
        for id in targets():
            self._add(id, layout)
        self._place = QLabel()
        self._place.setWordWrap(True)
        set_role(self._place, "muted")
        layout.addWidget(self._place)
        layout.addStretch(1)
        usable = [id for id, button in self._buttons.items() if button.isEnabled()]
        preferred = "onnx" if "onnx" in usable else next(iter(usable), None)
        if preferred:
            self._buttons[preferred].setChecked(True)
        self._on_chosen()

    def _add(self, id: str, layout: QVBoxLayout) -> None:
        part = find_target(id)
        reason = part.unavailable_reason()
        button, note = QRadioButton(tr(part.title)), QLabel()
        note.setText(tr(reason) if reason else tr_help(part.help).split("\n\n")[0])
        note.setWordWrap(True)
        note.setContentsMargins(UNDER_TITLE, 0, 0, 8)
        set_role(note, "warning" if reason else "muted")
        button.setEnabled(reason is None)
        button.setAccessibleDescription(note.text())
        button.toggled.connect(self._on_chosen)
        form = ParamForm.of(part.params, part.title)
        form.value_committed.connect(self.completeness_changed)
        card = QFrame()
        set_role(card, "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 8, 12, 12)
        inside.addWidget(form)
        for widget in (button, note, card):
            layout.addWidget(widget)
        self._buttons[id], self._forms[id], self._cards[id] = button, form, card

    def say_place(self, words: str) -> None:
        """Say where the file goes if one does not choose a place."""
        self._place.setText(tr(words))

    @property
    def target(self) -> str | None:
        """Return the chosen target's id."""
        return next((id for id, button in self._buttons.items() if button.isChecked()), None)

    def choose(self, target: str) -> None:
        """Choose a target, where it can be used."""
        if self._buttons[target].isEnabled():
            self._buttons[target].setChecked(True)

    def options(self) -> Params:
        """Return the chosen target's options."""
        part = find_target(self.target or "")
        options: Params = parse_params(part.params, self._forms[part.id].values(), part.title)
        return options

    def missing(self) -> str:
        if self.target is None:
            return "No target can be used here."
        return self._forms[self.target].complaint()

    def _on_chosen(self) -> None:
        for id, card in self._cards.items():
            has_options = bool(describe(find_target(id).params))
            card.setVisible(id == self.target and has_options)
        self.completeness_changed.emit()
