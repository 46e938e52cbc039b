"""The menu of techniques one can add; what cannot be done is greyed and says why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from tinystudio.gui.forms.help_mark import as_rich_text
from tinystudio.gui.texts import tr, tr_help
from tinystudio.jobs.inspection import PreflightInfo, about_seconds
from tinystudio.techniques import techniques

FAMILIES = {
    "pruning": "Remove what matters least",
    "quantization": "Store numbers in fewer bits",
    "distillation": "Learn from a teacher",
    "training": "Train on",
    "other": "Other",
}
REASON_LENGTH = 60  # characters beside a greyed title; the whole reason is in the tooltip


class TechniqueMenu(QMenu):
    """Says `chosen` with a technique's id."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Add technique", parent)
        self._preflight: dict[str, PreflightInfo] = {}
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)
        self.triggered.connect(lambda action: self.chosen.emit(action.data()))

    def set_preflight(self, found: Sequence[PreflightInfo]) -> None:
        """Use what is known about the open model."""
        self._preflight = {item.technique: item for item in found}

    def fill(self) -> None:
        """List the catalogue anew."""
        self.clear()
        for family, heading in FAMILIES.items():
            members = [part for part in techniques().values() if part.family == family]
            if members:
                self.addSection(tr(heading))
            for part in members:
                found = self._preflight.get(part.id)
                possible = found is None or found.status != "cannot"
                action = self.addAction(_title(tr(part.title), found))
                action.setData(part.id)
                action.setEnabled(possible)
                action.setToolTip(_tip(tr_help(part.help), found))


def _title(title: str, found: PreflightInfo | None) -> str:
    if found is None or found.status == "can":
        return title
    reason = found.reason.rstrip(".")
    if len(reason) > REASON_LENGTH:
        reason = reason[:REASON_LENGTH].rsplit(" ", 1)[0] + " …"
    return f"{title} — {'in part' if found.status == 'partly' else 'not here'}: {reason}"


def _tip(text: str, found: PreflightInfo | None) -> str:
    first = text.split("\n\n", maxsplit=1)[0]
    if found is not None and found.seconds is not None:
        takes = f"It takes {about_seconds(found.seconds)} on this model with its defaults."
        first += f"\n\n{tr(takes)}"
    if found is None or found.status == "can":
        return f"<qt>{as_rich_text(first)}</qt>"
    why = tr(f"{found.reason} {found.remedy}".strip())
    return f"<qt>{as_rich_text(why)}{as_rich_text(first)}</qt>"
