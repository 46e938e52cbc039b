"""The fields for what a variant may cost: size, latency, loss of score."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from tinystudio.core.measurement import Measurement
from tinystudio.gui import wording
from tinystudio.gui.number_marks import as_typed, to_type
from tinystudio.gui.stylesheet import UNDER_TITLE, set_role
from tinystudio.gui.texts import tr
from tinystudio.session.baseline import ORIGINAL
from tinystudio.session.front import Limits

# What one can limit: the words, the unit typed, what one of it is in the measurement's unit.
LIMITS: Mapping[str, tuple[str, str, float]] = {
    "size_bytes": ("size at most", "kB", 1000.0),
    "latency_ms": ("latency at most", "µs", 0.001),
    "score": ("lose at most", "points of accuracy", 0.01),
}


MET = "All of this is met already by {whom}."
LESS = "Nothing need be done; go on to see what could become smaller or faster still."
NOW, INSIDE = "now {value}", "now {value}: already inside"
ABOVE = "now {value}: above the limit"
LONGEST_NAME = 32  # letters of a baseline's name beside a field
LOSS_HELP = (
    "How much worse the score may be than that of {whom}. Another variant is counted from once it "
    "is the baseline: Measure > Make this the baseline."
)

# What may be typed behind a number, and how many of the field's unit it is.
UNITS: Mapping[str, Mapping[str, float]] = {
    "size_bytes": {"kb": 1.0, "mb": 1000.0},
    "latency_ms": {"µs": 1.0, "us": 1.0, "ms": 1000.0, "s": 1e6},
    "score": {},
}


class LimitFields(QWidget):
    """Empty means no limit; numbers may be written with a comma."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reference: Measurement | None = None
        self._suggested = ""
        self.edits = {name: QLineEdit() for name in LIMITS}
        self._units = {name: QLabel(tr(unit)) for name, (_, unit, _) in LIMITS.items()}
        self._met = QLabel()
        self._needs = ""  # for what else one may go on
        self._whom = ORIGINAL
        self._lay_out()
        for edit in self.edits.values():
            edit.textChanged.connect(self.changed)
            edit.textChanged.connect(self._say_now)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(UNDER_TITLE, 0, 0, 0)
        for row, (name, (words, unit, _)) in enumerate(LIMITS.items()):
            edit, label = self.edits[name], QLabel(tr(words))
            label.setBuddy(edit)
            edit.setMaximumWidth(120)
            edit.setPlaceholderText(tr("no limit"))
            edit.setAccessibleName(tr("{words}, in {unit}").format(words=tr(words), unit=tr(unit)))
            if others := [other for other in ("MB", "ms") if other.lower() in UNITS[name]]:
                edit.setToolTip(
                    tr(f"In {unit}; with {others[0]} behind the number in {others[0]}.")
                )
            grid.addWidget(label, row, 0)
            grid.addWidget(edit, row, 1)
            grid.addWidget(self._units[name], row, 2)
        grid.setColumnStretch(2, 1)
        set_role(self._met, "good")
        self._met.setWordWrap(True)
        self._met.hide()
        grid.addWidget(self._met, len(LIMITS), 0, 1, 3)
        self._units["score"].setWordWrap(True)  # what is counted from may have a long name

    def count_from(self, reference: Measurement | None, whom: str) -> None:
        """Count losses from this score, in the metric's own unit, and say `whom` it is of."""
        self._reference, self._whom = reference, whom
        self._say_now()
        if reference is not None:
            name = wording.metric_title(reference.metric)
            unit = wording.score_unit(reference).strip()
            unit = "points" if wording.is_share(reference) else unit
            short = whom if len(whom) <= LONGEST_NAME else f"{whom[:LONGEST_NAME]}…”"
            self._units["score"].setText(tr(f"{unit} of {name}, counted from {short}".strip()))
            words, _, _ = LIMITS["score"]
            self.edits["score"].setAccessibleName(
                tr("{words}, {unit} of {name}, counted from {whom}").format(
                    words=tr(words), unit=tr(unit), name=tr(name), whom=tr(whom)
                )
            )
            self.edits["score"].setToolTip(tr(LOSS_HELP).format(whom=tr(whom)))

    @Slot()
    def _say_now(self) -> None:
        """Say beside each cost what it is now, and whether that keeps to the limit already."""
        told = {"size_bytes": wording.size_text, "latency_ms": wording.latency_text}
        limits = self.limits()
        for name, words in told.items():
            value = None if self._reference is None else getattr(self._reference, name)
            limit, unit = getattr(limits, name), tr(LIMITS[name][1])
            if value is None:
                self._units[name].setText(unit)
                continue
            now = NOW if limit is None else INSIDE if value <= limit else ABOVE
            self._units[name].setText(f"{unit} · {tr(now).format(value=words(value))}")
        self._met.setVisible(self._is_met(limits))
        self._met.setText(" ".join((tr(MET).format(whom=tr(self._whom)), tr(self._needs or LESS))))

    def say_needs(self, words: str) -> None:
        """Say for what one may go on although the limits are met; empty: nothing need be done."""
        self._needs = words
        self._say_now()

    def met(self) -> str:
        """Return what is said where the limits are met already, or nothing."""
        return self._met.text() if self._met.isVisibleTo(self) else ""

    def _is_met(self, limits: Limits) -> bool:
        """Say whether what losses are counted from keeps to every limit as it is."""
        costs = (limits.size_bytes, limits.latency_ms)
        if self._reference is None or all(limit is None for limit in costs):
            return False
        known = (self._reference.size_bytes, self._reference.latency_ms)
        pairs = zip(known, costs, strict=True)
        return all(limit is None or (now is not None and now <= limit) for now, limit in pairs)

    def suggest_size(self, size_bytes: float | None) -> None:
        """Fill in a size, unless the user has typed another."""
        edit = self.edits["size_bytes"]
        if edit.text() == self._suggested:
            self._suggested = "" if size_bytes is None else to_type(size_bytes / 1000)
            edit.setText(self._suggested)

    def limits(self) -> Limits:
        """Return the limits in the measurement's units."""
        found: dict[str, float] = {}
        for name, (_, _, unit) in LIMITS.items():
            value = _number(self.edits[name].text(), UNITS[name])
            if value is None:
                continue
            if name != "score":
                found[name] = value * unit
            elif self._reference is not None and self._reference.score is not None:
                lost = value * (unit if wording.is_share(self._reference) else 1.0)
                sign = -1 if self._reference.higher_is_better else 1
                found[name] = self._reference.score + sign * lost
        return Limits(**found)

    def show_limits(self, limits: Limits) -> None:
        """Write the costs as they were drawn in a plot."""
        for name in ("size_bytes", "latency_ms"):
            value, now = getattr(limits, name), getattr(self.limits(), name)
            if value != now:
                self.edits[name].setText("" if value is None else to_type(value / LIMITS[name][2]))

    def missing(self) -> str:
        """Return what is wrong with a number, or that there is none."""
        for name, edit in self.edits.items():
            if edit.text().strip() and _number(edit.text(), UNITS[name]) is None:
                return f"“{edit.text()}” is not a number above 0."
        is_any = any(edit.text().strip() for edit in self.edits.values())
        return "" if is_any else "Give at least one limit."


def _number(text: str, units: Mapping[str, float]) -> float | None:
    """Read "1,5" or "2 MB"; None for what is no number above 0."""
    words = text.strip().lower()
    unit = max((u for u in units if words.endswith(u)), key=len, default="")
    try:
        value = float(as_typed(words.removesuffix(unit))) * units.get(unit, 1.0)
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None
