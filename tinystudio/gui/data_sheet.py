"""A card of the attached data: counts, ranges, what is suspicious, and how it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tinystudio.core.data_card import DataCard, SplitCard
from tinystudio.core.data_preview import read_preview
from tinystudio.core.data_reference import DataReference
from tinystudio.core.params import Value, describe
from tinystudio.datasets.format import DataFormat
from tinystudio.downloads.download import Download
from tinystudio.gui import wording
from tinystudio.gui.forms.form import ParamForm
from tinystudio.gui.number_marks import grouped, plain
from tinystudio.gui.preview_pane import PreviewPane
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.jobs.inspection import DataInfo

WIDTH, HEIGHT = 600, 720
PAUSE_MS = 250  # after the last key or click, before samples are read anew
ROW_HEIGHT = 26
NEAR_NONE = 0.001  # of the deviation
MOST_CLASSES = 30  # in rows of their own; of more the smallest and the largest are told
TITLES = ("train", "validation", "test")
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Look:
    """What became of looking at data: what is known of it, or why it could not be read."""

    reference: str
    data: DataInfo | None = None
    trouble: str = ""


class DataSheet(QDialog):
    """A window beside the work; `reading_requested` carries the reference with other settings.

    While settings are edited, `preview_requested` asks for samples read so; see `show_preview`.

    `data_format` None: the data has no settings, as that of the gallery.
    """

    reading_requested = Signal(str)
    preview_requested = Signal(str)  # the reference with the settings as they are being edited

    def __init__(
        self,
        look: Look,
        data_format: DataFormat | Download | None,
        is_read_only: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._named = DataReference.parse(look.reference)
        self._card = None if look.data is None else look.data.card
        self._format = data_format
        self._form: ParamForm | None = None
        self._again = QPushButton(tr("Read again"))
        self.preview, self.has_samples = PreviewPane(), False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._on_pause)
        self.setWindowTitle(tr("Data"))
        self.resize(WIDTH, HEIGHT)
        inside = QWidget()
        body = QVBoxLayout(inside)
        side = 3 * GRID - GRID // 2  # with the edge around it that of the other cards
        body.setContentsMargins(side, side, side, 2 * GRID)
        body.setSpacing(2 * GRID)
        self._tell(look, body)
        if data_format is not None and data_format.params.model_fields:
            body.addWidget(_text(tr("How it is read"), "heading"))
            body.addWidget(self._settings(data_format, is_read_only))
        body.addStretch(1)
        whole = QVBoxLayout(self)
        edge = GRID // 2  # the frame of the focus is not to lie on the window's own edge
        whole.setContentsMargins(edge, edge, edge, 2 * GRID)
        whole.addWidget(_scrolled(inside), 1)
        whole.addLayout(self._closing_row())

    def _tell(self, look: Look, body: QVBoxLayout) -> None:
        title = look.data.name if look.data is not None else PurePath(self._named.path).name
        body.addWidget(_text(title, "heading"))
        kind = "" if self._format is None else f"{tr(self._format.title)} · "
        body.addWidget(_text(f"{kind}{self._named.path}", "muted"))
        if look.trouble:
            body.addWidget(_text(tr(look.trouble), "bad"))
        if look.data is None or self._card is None:
            body.addWidget(self.preview)  # settings that mend it are seen to do so
            return
        body.addWidget(_text(tr(facts_sentence(look.data, self._card)), ""))
        body.addWidget(_text(tr("Samples"), "heading"))
        body.addWidget(self.preview)
        shown = read_preview(self._card.preview)
        self.has_samples = shown is not None
        self.preview.show_preview(shown)
        rows = count_rows(look.data.classes, self._card.splits)
        body.addWidget(_table("Samples by split and class", TITLES, rows))
        for remark in self._card.remarks:
            body.addWidget(_text(tr(remark), "warning"))
        if not self._card.remarks:
            body.addWidget(_text(tr("Nothing about it is suspicious."), "muted"))

    def _settings(self, data_format: DataFormat | Download, is_read_only: bool) -> ParamForm:
        self._form = ParamForm.of(data_format.params, data_format.title)
        self._form.setDisabled(is_read_only)
        self._form.set_values(self._shown())
        self._form.value_moved.connect(self._on_edited)
        self._form.value_committed.connect(self._on_edited)
        return self._form

    def _shown(self) -> dict[str, Value]:
        """Return the settings as they came out; else those given that are sound."""
        if self._card is not None:
            return dict(self._card.settings)
        assert self._format is not None
        known = {}
        for spec in describe(self._format.params):
            if spec.name in self._named.settings:
                try:
                    given = {spec.name: self._named.settings[spec.name]}
                    known[spec.name] = getattr(self._format.params.model_validate(given), spec.name)
                except ValueError:
                    continue
        return known

    def _closing_row(self) -> QHBoxLayout:
        set_role(self._again, "primary")
        self._again.setVisible(self._form is not None)
        self._again.setEnabled(False)
        self._again.setToolTip(
            tr("Read the data with these settings, and measure on it from now on.")
        )
        self._again.clicked.connect(self._on_again)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        # Enter settles what was typed into a field, and presses nothing.
        for button in (self._again, *buttons.buttons()):
            if isinstance(button, QPushButton):
                button.setAutoDefault(False)
        row = QHBoxLayout()
        row.setContentsMargins(3 * GRID, 0, 3 * GRID, 0)
        row.addWidget(self._again)
        row.addStretch(1)
        row.addWidget(buttons)
        return row

    def asked(self) -> str:
        """Return the reference with the settings as they are in the form."""
        if self._form is None or self._format is None:
            return self._named.text
        defaults = self._format.params().model_dump()
        settings = chosen_settings(
            self._named.settings, self._shown(), self._form.values(), defaults
        )
        return DataReference(self._named.path, settings).text

    @Slot()
    def _on_edited(self) -> None:
        sound = self._form is not None and not self._form.complaint()
        self._again.setEnabled(sound and self.asked() != self._named.text)
        if sound and self._form is not None:
            self._pause.start()

    @Slot()
    def _on_pause(self) -> None:
        self.preview.show_busy()
        self.preview_requested.emit(self.asked())

    @Slot()
    def _on_again(self) -> None:
        self.reading_requested.emit(self.asked())
        self.close()


def chosen_settings(
    given: Mapping[str, str],
    shown: Mapping[str, Value],
    edited: Mapping[str, Value],
    defaults: Mapping[str, Value],
) -> dict[str, str]:
    """Return the settings to name: those given before or changed now, without mere guesses."""
    chosen = {}
    for name, value in edited.items():
        was = shown.get(name, defaults[name])
        if value == was and name in given:
            chosen[name] = given[name]
        elif value != was and value != defaults[name]:
            chosen[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return chosen


def facts_sentence(data: DataInfo, card: DataCard) -> str:
    """Return ranges, preprocessing and metric in a few words."""
    train = card.splits[0]
    facts = [f"Judged by {wording.metric_title(data.metric)}."]
    if train.minimum is not None and train.maximum is not None:
        low, high = wording.rounded(train.minimum, 3), wording.rounded(train.maximum, 3)
        mean, deviation = train.mean or 0.0, train.deviation or 0.0
        mean = 0.0 if abs(mean) < NEAR_NONE * deviation else mean  # what rounding has left
        middle, spread = (plain(float(f"{it:.3g}")) for it in (mean, deviation))
        facts.append(f"Inputs from {low} to {high}, mean {middle}, deviation {spread}.")
    if train.label_range is not None:
        low, high = (wording.rounded(it, 3) for it in train.label_range)
        facts.append(f"Amounts to tell from {low} to {high}.")
    looked, every = (
        sum(getattr(part, name) for part in card.splits) for name in ("looked_at", "samples")
    )
    if looked < every:
        facts.append(f"{grouped(looked)} of {grouped(every)} samples were looked at.")
    facts.append(f"Preprocessing: {card.preprocessing}.")
    return " ".join(facts)


def count_rows(
    classes: Sequence[str], splits: Sequence[SplitCard]
) -> list[tuple[str, tuple[str, ...]]]:
    """Return titles and counts: all samples, then every class; of many the range of the counts."""
    rows = [(tr("all"), tuple(grouped(part.samples) for part in splits))]
    if len(classes) > MOST_CLASSES:
        counts = [part.by_class or (0,) for part in splits]
        smallest = tuple(grouped(min(it)) for it in counts)
        largest = tuple(grouped(max(it)) for it in counts)
        return [*rows, (tr("smallest class"), smallest), (tr("largest class"), largest)]
    for at, name in enumerate(classes):
        found = (part.by_class[at] if at < len(part.by_class) else 0 for part in splits)
        title = name if name.strip() else repr(name)  # a space, a line's end
        rows.append((title, tuple(grouped(count) for count in found)))
    return rows


def _text(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)  # names of files and classes are no markup
    label.setWordWrap(True)
    if role:
        set_role(label, role)
    return label


def _scrolled(inside: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setAccessibleName(tr("What is known of the data"))
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area


def _table(
    name: str, titles: Sequence[str], rows: Sequence[tuple[str, tuple[str, ...]]]
) -> QTableWidget:
    table = QTableWidget(len(rows), len(titles))
    table.setAccessibleName(tr(name))
    table.setTabKeyNavigation(False)  # Tab leads out; arrows go among cells
    table.setHorizontalHeaderLabels([tr(x) for x in titles])
    table.setVerticalHeaderLabels([title for title, _ in rows])
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.horizontalHeader().setDefaultAlignment(RIGHT)
    table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    for at, (_, counts) in enumerate(rows):
        for column, count in enumerate(counts):
            item = QTableWidgetItem(tr(count))
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            item.setTextAlignment(RIGHT)
            table.setItem(at, column, item)
    table.setFixedHeight(ROW_HEIGHT * (min(len(rows), 8) + 1) + GRID)
    return table
