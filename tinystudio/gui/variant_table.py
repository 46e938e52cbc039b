"""The variants as a table model: one column per figure, in words, sortable by number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QColor

from tinystudio.core.measurement import Measurement
from tinystudio.gui import dragging, theme, wording
from tinystudio.gui.number_marks import grouped
from tinystudio.gui.texts import tr
from tinystudio.gui.wording import Judged, Tone
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.searching import Query, tags_text

Index = QModelIndex | QPersistentModelIndex
SORT_ROLE = int(Qt.ItemDataRole.UserRole)
ID_ROLE = SORT_ROLE + 1
LAST = float("inf")  # where what is not known is sorted


@dataclass(frozen=True)
class Row:
    """A variant and what it is compared with."""

    item: ProjectVariant
    original: Measurement | None

    @property
    def figures(self) -> Measurement:
        """Return the variant's figures."""
        return self.item.measurement


@dataclass(frozen=True)
class Column:
    """One column: its words, what it sorts by, how it is to be read, and its explanation."""

    id: str
    title: str
    text: Callable[[Row], str]
    key: Callable[[Row], float | str]
    tip: str = ""
    judged: Callable[[Row], Judged] | None = None
    shown: bool = True
    is_number: bool = True
    cell_tip: Callable[[Row], str] | None = None


def _or_last(value: float | None) -> float:
    return LAST if value is None else value


def _size_change(row: Row) -> Judged:
    if row.item.is_reference:
        return Judged("", Tone.MUTED)
    before = row.original.size_bytes if row.original else None
    return wording.size_change(row.figures.size_bytes, before)


def _change(row: Row) -> Judged:
    if row.item.is_reference:  # the original goes without saying
        return Judged("baseline" if row.item.reference else wording.NO_FIGURE, Tone.MUTED)
    return wording.score_change(row.figures)


def _speed(row: Row) -> Judged:
    return Judged("", Tone.MUTED) if row.item.is_reference else wording.speed_change(row.figures)


def _speed_short(row: Row) -> str:
    ratio = row.figures.latency_ratio
    if row.item.is_reference or not ratio:
        return wording.NO_FIGURE
    return "same" if row.figures.verdict == "same" else wording.times(1 / ratio)


def _speed_tip(row: Row) -> str:
    return "\n".join(line for line in (_speed(row).text, _reason(row)) if line)


def _smaller(row: Row) -> str:
    before, size = row.original and row.original.size_bytes, row.figures.size_bytes
    if row.item.is_reference or not before or not size:
        return ""
    return wording.times(before / size)


def _bytes(value: int | None, status: Any) -> str:
    if value is None:
        return wording.NO_FIGURE
    return wording.size_text(value, 3) + wording.status_mark(status)


def _size(row: Row) -> str:
    return _bytes(row.figures.size_bytes, row.figures.size_bytes_status)


def _latency(row: Row) -> str:
    figures = row.figures
    if figures.latency_ms is None:
        return "not timed"
    mark = wording.status_mark(figures.latency_ms_status)
    return wording.latency_text(figures.latency_ms, 3) + mark


def _throughput(row: Row) -> str:
    figures = row.figures
    if not figures.throughput:
        return wording.NO_FIGURE
    best = max(figures.throughput, key=lambda item: item.samples_per_s)
    mark = wording.status_mark(figures.throughput_status)
    return f"{wording.rate_text(best.samples_per_s)} ({best.batch} a call){mark}"


def _most_samples(row: Row) -> float:
    return -max((item.samples_per_s for item in row.figures.throughput), default=-LAST)


def _energy(row: Row) -> str:
    if row.figures.energy_mj is None:
        return wording.NO_FIGURE
    mark = wording.status_mark(row.figures.energy_mj_status)
    return wording.energy_text(row.figures.energy_mj) + mark


def _score(row: Row) -> str:
    figures = row.figures
    spread, mark = wording.score_spread_text(figures), wording.status_mark(figures.score_status)
    return f"{wording.score_text(figures)} {spread}".strip() + mark


def _test(row: Row) -> str:
    test = row.item.test
    return (
        wording.score_text(test) + wording.status_mark(test.score_status)
        if test
        else wording.NO_FIGURE
    )


def _marks(row: Row) -> str:
    return wording.marks_text(row.item.mark.starred, row.item.mark.kept)


def _marks_in_words(row: Row) -> str:
    mark = row.item.mark
    return ", ".join(word for word, on in (("starred", mark.starred), ("kept", mark.kept)) if on)


def _status(row: Row) -> str:
    return str(row.figures.score_status)


def _reason(row: Row) -> str:
    figures = row.figures
    return "\n".join(line for line in (figures.verdict_reason, *figures.warnings) if line)


def _head(column: Column, metric: str) -> str:
    """Return a column's head: scores are called by their metric, changes of shares are points."""
    if column.id == "score":
        return wording.metric_title(metric)
    is_points = column.id == "change" and wording.is_share_metric(metric)
    return f"{column.title} (points)" if is_points else column.title


TITLE = "title"  # the column that may hold names of the user's own
COLUMNS: tuple[Column, ...] = (
    Column("marks", wording.STARRED, _marks, lambda row: -len(_marks(row)),
           f"{wording.STARRED} starred, {wording.KEPT} kept",
           is_number=False, cell_tip=_marks_in_words),
    Column("title", "variant", lambda row: _title(row.item), lambda row: row.item.title.lower(),
           is_number=False,
           cell_tip=lambda row: "\n".join((_title(row.item), *map(tr, row.item.variant.notes)))),
    Column("score", "accuracy", _score, lambda row: -_or_last(row.figures.score),
           "with half the width of its 90 % interval"),
    Column("change", "change", lambda row: _change(row).text,
           lambda row: _or_last(row.figures.score_change),
           "against the baseline: the original, or what was chosen instead; accuracy in points",
           _change,
           cell_tip=lambda row: wording.tie_sentence(row.figures).text),
    Column("size", "size", _size,
           lambda row: _or_last(row.figures.size_bytes), "bytes of the file"),
    Column("download", "download",
           lambda row: _bytes(row.figures.download_bytes, row.figures.download_bytes_status),
           lambda row: _or_last(row.figures.download_bytes), "bytes after zstd", shown=False),
    Column("latency", "latency", _latency, lambda row: _or_last(row.figures.latency_ms),
           "of one sample, on this computer"),
    Column("speed", "speed", _speed_short,
           lambda row: _or_last(row.figures.latency_ratio),
           "how many times as fast as the baseline; the original is timed along", _speed,
           cell_tip=_speed_tip),
    Column("throughput", "samples/s", _throughput, _most_samples,
           "at best, over the numbers of samples a call; Measure > Measure throughput", shown=False,
           cell_tip=lambda row: "\n".join(wording.throughput_lines(row.figures))),
    Column("smaller", "smaller", _smaller,
           lambda row: _or_last(row.figures.size_bytes),
           "how many times smaller than the baseline", _size_change, shown=False,
           cell_tip=lambda row: _size_change(row).text),
    Column("tags", "tags", lambda row: tags_text(row.item.mark.tags),
           lambda row: tags_text(row.item.mark.tags).lower() or "\uffff",
           "words of your own that a search finds: tag:small", shown=False, is_number=False),
    Column("note", "note", lambda row: " ".join(row.item.mark.note.split()),
           lambda row: row.item.mark.note.lower() or "\uffff", "what you noted", shown=False,
           is_number=False, cell_tip=lambda row: row.item.mark.note),
    Column("reason", "because", lambda row: row.figures.verdict_reason,
           lambda row: row.figures.verdict_reason, shown=False, is_number=False, cell_tip=_reason),
    Column("memory", "peak memory",
           lambda row: _bytes(row.figures.peak_memory_bytes, row.figures.peak_memory_bytes_status),
           lambda row: _or_last(row.figures.peak_memory_bytes),
           "working memory while a sample is run, without the weights", shown=False),
    Column("energy", "energy", _energy, lambda row: _or_last(row.figures.energy_mj),
           "of one sample", shown=False,
           cell_tip=lambda row: row.figures.energy_method),
    Column("test", "on test", _test,
           lambda row: -_or_last(row.item.test.score if row.item.test else None),
           "measured once, when the variant was kept"),
    Column("split", "split", lambda row: row.figures.split, lambda row: row.figures.split,
           shown=False, is_number=False),
    Column("samples", "samples", lambda row: grouped(row.figures.samples),
           lambda row: row.figures.samples, shown=False),
    Column("status", "status", _status, _status, shown=False, is_number=False),
    Column("seconds", "took", lambda row: wording.duration_text(row.item.variant.seconds),
           lambda row: row.item.variant.seconds, "to make and measure", shown=False),
)  # fmt: skip


class VariantTable(QAbstractTableModel):
    """Rows of variants. New lists replace old ones; a row is known by its variant's id."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: tuple[Row, ...] = ()
        self._metric = "accuracy"
        self.file_of: dragging.FileOf = lambda _: None

    def set_variants(self, variants: Sequence[ProjectVariant]) -> None:
        """Show these variants; rows that stay keep their place and their selection."""
        originals = (v.measurement for v in variants if v.is_reference and not v.is_outdated)
        original = next(originals, None)
        rows = tuple(Row(item, None if item.is_outdated else original) for item in variants)
        kept = len(self._rows)
        if [row.item.id for row in rows[:kept]] != [row.item.id for row in self._rows]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        else:
            self._grow(rows)
        if variants and variants[0].measurement.metric != self._metric:
            self._metric = variants[0].measurement.metric
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS) - 1)

    def _grow(self, rows: tuple[Row, ...]) -> None:
        kept = len(self._rows)
        # Of thousands of rows a sweep changes none: telling of all would sort them all again.
        changed = [at for at, row in enumerate(self._rows) if not _is_same(row, rows[at])]
        if len(rows) > kept:
            self.beginInsertRows(QModelIndex(), kept, len(rows) - 1)
            self._rows = rows
            self.endInsertRows()
        self._rows = rows
        if changed:
            corner = self.index(changed[-1], len(COLUMNS) - 1)
            self.dataChanged.emit(self.index(changed[0], 0), corner)

    @property
    def originals(self) -> int:
        """Return how many rows are of the network as it came."""
        return sum(row.item.is_original for row in self._rows)

    def ids(self) -> list[str]:
        """Return the ids of all variants, in order."""
        return [row.item.id for row in self._rows]

    def row_of(self, id: str) -> int | None:
        """Return where a variant stands."""
        ids = self.ids()
        return ids.index(id) if id in ids else None

    def variant(self, row: int) -> ProjectVariant:
        """Return a row's variant."""
        return self._rows[row].item

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return [dragging.FORMAT]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the dragged variants, and their files."""
        rows = dict.fromkeys(index.row() for index in indexes)
        return dragging.drag_data([self._rows[row].item.id for row in rows], self.file_of)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return tr(_head(column, self._metric))
        if role == Qt.ItemDataRole.ToolTipRole:
            return tr(column.tip) or None
        return _alignment(column) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: Index, role: int = 0) -> Any:
        row, column = self._rows[index.row()], COLUMNS[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(row) if column.id == TITLE else tr(column.text(row))
            case Qt.ItemDataRole.ToolTipRole:
                tip = column.cell_tip(row) if column.cell_tip else ""
                told = tip or column.text(row)
                return told if column.id == TITLE else tr(told)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.ForegroundRole:
                return _colour(column.judged(row).tone) if column.judged else None
        if role == SORT_ROLE:
            return column.key(row)
        return row.item.id if role == ID_ROLE else None


class FoundVariants(QSortFilterProxyModel):
    """Sorts by number, and shows what a search asks for."""

    def __init__(self, table: VariantTable) -> None:
        super().__init__()
        self._table, self._query = table, Query()
        self.setSourceModel(table)
        self.setSortRole(SORT_ROLE)

    def search(self, text: str) -> None:
        """Show the variants that a search asks for: see `Query`."""
        self.beginFilterChange()
        self._query = Query.of(text)
        self.endFilterChange(QSortFilterProxyModel.Direction.Rows)

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        """Say whether a variant is asked for."""
        item = self._table.variant(source_row)
        return self._query.is_empty or self._query.matches(item.title, item.mark)


def _title(item: ProjectVariant) -> str:
    """Return the name that the user gave, as it is, or the recipe in the user's language."""
    return item.mark.name or tr(item.variant.recipe.title)


def _is_same(row: Row, other: Row) -> bool:
    """Say whether two rows are of the very same figures, compared with the very same."""
    return row.item is other.item and row.original is other.original


def _alignment(column: Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _colour(tone: Tone) -> QColor | None:
    colours = theme.current()
    known = {Tone.GOOD: colours.good_text, Tone.SAME: colours.muted, Tone.BAD: colours.bad_text}
    return QColor(known[tone]) if tone in known else None
