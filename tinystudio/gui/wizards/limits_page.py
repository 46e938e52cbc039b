"""The page that asks for which device, and what a model may cost there."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QButtonGroup, QLabel, QRadioButton, QVBoxLayout, QWidget

from tinystudio.gui.stylesheet import UNDER_TITLE, set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.wizards.limit_fields import LimitFields
from tinystudio.gui.wizards.subject import Subject
from tinystudio.gui.wizards.wizard import Page
from tinystudio.session.devices import Device, devices
from tinystudio.session.front import Limits

LATENCY_NOTE = (
    "Latency is timed on this computer, whatever the device: it tells which of two is faster, not "
    "how long the device takes."
)
INT8_ALONE = (
    "The device needs signed INT8 all the same; the next page shows models in it, and what each is "
    "worth."
)


class LimitsPage(Page):
    """Devices, which fill in the size; each limit can be changed or left out."""

    title = "Goal"
    hint = "Choose where it will run, then say what it may cost. At least one limit is needed."

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._devices = QButtonGroup(self)
        self._buttons: dict[str, QRadioButton] = {}
        self.fields = LimitFields()
        self._lay_out()
        self._devices.buttonToggled.connect(self._on_device)
        self.fields.changed.connect(self.completeness_changed)
        next(iter(self._buttons.values())).setChecked(True)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(4)
        layout.addWidget(_words("Where it will run", "heading"))
        for id, device in devices().items():
            button, note = QRadioButton(tr(device.title)), _words(device.note, "muted")
            button.setAccessibleDescription(tr(device.note))
            note.setContentsMargins(UNDER_TITLE, 0, 0, 4)
            self._devices.addButton(button)
            self._buttons[id] = button
            layout.addWidget(button)
            layout.addWidget(note)
        layout.addSpacing(8)
        layout.addWidget(_words("What it may cost", "heading"))
        layout.addWidget(self.fields)
        layout.addWidget(_words(LATENCY_NOTE, "muted"))
        layout.addStretch(1)

    def show_subject(self, subject: Subject) -> None:
        """Name the unit of the score, and what losses are counted from."""
        self.fields.count_from(subject.reference, subject.reference_words)

    @property
    def device(self) -> Device:
        """Return the device that is chosen."""
        known = devices()
        return next(known[id] for id, button in self._buttons.items() if button.isChecked())

    def choose(self, device: str) -> None:
        """Choose a device."""
        self._buttons[device].setChecked(True)

    def limits(self) -> Limits:
        """Return the limits in the measurement's units."""
        return self.fields.limits()

    def missing(self) -> str:
        return self.fields.missing()

    @Slot()
    def _on_device(self) -> None:
        if self._devices.checkedButton() is not None:
            self.fields.suggest_size(self.device.size_bytes)
            self.fields.say_needs(INT8_ALONE if self.device.processor == "cortex-m" else "")


def _words(text: str, role: str) -> QLabel:
    label = QLabel(tr(text))
    label.setWordWrap(True)
    set_role(label, role)
    return label
