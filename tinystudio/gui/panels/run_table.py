"""The table of variants: sortable, its columns the user's choice, its rows to take away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    QPoint,
    QSignalBlocker,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui import theme, wording
from tinystudio.gui.column_fit import ColumnFit
from tinystudio.gui.dragging import FileOf
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.toned_cells import NameCells, TonedCells
from tinystudio.gui.variant_numbers import as_csv
from tinystudio.gui.variant_table import COLUMNS, ID_ROLE, FoundVariants, VariantTable
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.searching import HELP

TITLE = next(number for number, column in enumerate(COLUMNS) if column.id == "title")
TITLE_LEAST = 112  # pixels: a name of one technique, whole
EMPTY = "No variant yet. Measure a recipe or start a sweep, and every result is listed here."


class RunTable(QWidget):
    """Every variant with its figures. What the user wants with one is said by its id."""

    variant_selected = Signal(str)
    keep_requested = Signal(str, bool)
    star_requested = Signal(str, bool)
    export_requested = Signal(str)
    recipe_use_requested = Signal(str)
    notes_requested = Signal(str)
    making_requested = Signal(str)  # show how the variant is made again
    deletion_requested = Signal(str)
    variants_chosen = Signal(list)  # the ids of all selected rows
    compare_requested = Signal()
    columns_changed = Signal(list)  # ids of the columns that are shown

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = VariantTable()
        self._sorted = FoundVariants(self._model)
        self._view = QTableView()
        self._fit = ColumnFit(self._view, {TITLE: TITLE_LEAST})
        self._count, self._search = QLabel(), QLineEdit()
        self._columns = QToolButton()
        self._empty = QLabel(tr(EMPTY))
        self._stack = QStackedWidget()
        self._is_followed = True  # the selected row is to stay in sight
        self._copy = QAction(tr("Copy as CSV"), self)
        self._lay_out()
        self._connect()
        self.show_columns(column.id for column in COLUMNS if column.shown)
        self.set_variants(())

    def _lay_out(self) -> None:
        self._set_up_view()
        set_role(self._count, "muted")
        self._count.setWordWrap(True)  # in a longer language the search needs the room
        set_role(self._empty, "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._columns.setText(f"{tr('Columns')} ▾")
        self._columns.setAccessibleName(tr("Columns"))
        self._columns.setToolTip(tr("Choose what is shown"))
        self._columns.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._columns.setMenu(self._column_menu())
        self._search.setPlaceholderText(tr("Search, e.g. tag:small"))
        self._search.setAccessibleName(tr("Search variants"))
        self._search.setToolTip(tr(HELP))
        self._search.setClearButtonEnabled(True)
        bar = QHBoxLayout()
        bar.addWidget(self._count, 1)
        bar.addWidget(self._search, 2)
        bar.addWidget(self._columns)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 8)
        layout.setSpacing(4)
        layout.addLayout(bar)
        for page in (self._empty, self._view):
            self._stack.addWidget(page)
        layout.addWidget(self._stack, 1)

    def _set_up_view(self) -> None:
        view = self._view
        view.setModel(self._sorted)
        view.setItemDelegate(TonedCells(view))
        view.setItemDelegateForColumn(TITLE, NameCells(view))
        view.setAccessibleName(tr("Variants"))
        view.setTabKeyNavigation(False)  # Tab leads out; arrows go among cells
        view.setSortingEnabled(True)
        view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setShowGrid(False)
        view.setAlternatingRowColors(True)
        view.setWordWrap(False)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(26)
        view.horizontalHeader().setHighlightSections(False)
        view.horizontalHeader().setMinimumSectionSize(28)
        view.horizontalHeader().setSectionsMovable(True)
        view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self._copy.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        view.addAction(self._copy)

    def _column_menu(self) -> QMenu:
        menu = QMenu(tr("Columns"), self)
        menu.setToolTipsVisible(True)
        for column in COLUMNS:
            action = menu.addAction(tr(column.title))
            action.setData(column.id)
            action.setToolTip(tr(column.tip))
            action.setCheckable(True)
            action.setEnabled(column.id != "title")  # a row without a name says nothing
        return menu

    def _connect(self) -> None:
        self._view.selectionModel().currentRowChanged.connect(self._on_row_changed)
        self._view.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self._view.customContextMenuRequested.connect(self._on_menu_requested)
        self._view.doubleClicked.connect(self._on_double_clicked)
        self._columns.menu().triggered.connect(self._on_columns_chosen)
        self._copy.triggered.connect(self.copy_as_csv)
        self._search.textChanged.connect(self._on_search)
        theme.switch().theme_changed.connect(self._view.viewport().update)
        self._view.verticalScrollBar().actionTriggered.connect(self._on_scrolled)

    @Slot()
    def _on_scrolled(self) -> None:
        self._is_followed = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the selected row in sight, as long as nobody has scrolled away from it."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._follow)  # the table has its size only then

    @Slot()
    def _follow(self) -> None:
        rows = self._view.selectionModel().selectedRows()
        if self._is_followed and rows:
            self._view.scrollTo(rows[0])

    def let_drag(self, file_of: FileOf) -> None:
        """Let rows be dragged; `file_of` knows where a variant's file is."""
        self._model.file_of = file_of
        self._view.setDragEnabled(True)
        self._view.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)

    def set_variants(self, variants: Sequence[ProjectVariant]) -> None:
        """List these variants."""
        known = self._model.ids()
        chosen = self.selected_ids()
        self._model.set_variants(variants)
        # A sweep adds rows by the hundred: only the new ones are read.
        has_grown = self._model.ids()[: len(known)] == known
        self._fit.read(self._model, len(known) if has_grown else 0)
        self._stack.setCurrentWidget(self._view if variants else self._empty)
        self._say_count()
        if chosen and self.selected_ids() != chosen:
            self.set_selected(chosen[0])

    def _say_count(self) -> None:
        count, found = self._model.rowCount(), self._sorted.rowCount()
        words = tr(self._counted()) if count else ""
        some = tr("{found} of {count} shown").format(found=found, count=count)
        self._count.setText(some if found < count else words)
        self._search.setVisible(count > 0)

    def _counted(self) -> str:
        """Return how many rows there are; the original is no variant, here as in a report."""
        count = self._model.rowCount()
        made = wording.plural(count - self._model.originals, "variant")
        if not self._model.originals:
            return made
        return f"{made} and the original" if count > 1 else "the original"

    @Slot(str)
    def _on_search(self, text: str) -> None:
        self._sorted.search(text)
        self._say_count()

    def set_selected(self, variant: str | None) -> None:
        """Select a variant's row; no signal. Of several that are selected it may be one."""
        several = self.selected_ids()
        if variant in several or (variant is None and len(several) > 1):
            return
        row = self._model.row_of(variant) if variant else None
        with QSignalBlocker(self._view.selectionModel()):
            if row is None:
                self._view.clearSelection()
            else:
                index = self._sorted.mapFromSource(self._model.index(row, 0))
                self._view.selectRow(index.row())
                self._is_followed = True
                self._view.scrollTo(index)
        self._view.viewport().update()

    @Slot(list)
    def select_many(self, ids: Sequence[str]) -> None:
        """Select the rows of these variants, and bring the first of them into view."""
        wanted, model = set(ids), self._sorted
        source = (row for row, id in enumerate(self._model.ids()) if id in wanted)
        rows = sorted(model.mapFromSource(self._model.index(row, 0)).row() for row in source)
        chosen = QItemSelection()
        for first, last in _stretches(rows):  # one by one, thousands would take minutes
            right = model.index(last, len(COLUMNS) - 1)
            chosen.append(QItemSelectionRange(model.index(first, 0), right))
        selection = self._view.selectionModel()
        selection.select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if rows:
            self._view.scrollTo(model.index(rows[0], 0))

    def show_columns(self, ids: Iterable[str]) -> None:
        """Show these columns only."""
        wanted = {*ids, "title"}
        for number, (column, action) in enumerate(
            zip(COLUMNS, self._columns.menu().actions(), strict=True)
        ):
            action.setChecked(column.id in wanted)
            self._view.setColumnHidden(number, column.id not in wanted)
        self._fit.fit()

    def shown_columns(self) -> list[str]:
        """Return the ids of the columns that are shown."""
        return [
            column.id
            for number, column in enumerate(COLUMNS)
            if not self._view.isColumnHidden(number)
        ]

    def selected_ids(self) -> list[str]:
        """Return the ids of the selected rows, top to bottom."""
        rows = sorted(self._view.selectionModel().selectedRows(), key=lambda index: index.row())
        return [str(index.data(ID_ROLE)) for index in rows]

    @Slot()
    def copy_as_csv(self) -> None:
        """Put the selected rows, or all, on the clipboard, in the order on the screen."""
        chosen = set(self.selected_ids())
        shown = [self._variant_at(row) for row in range(self._sorted.rowCount())]
        wanted = [item for item in shown if item.id in chosen] if len(chosen) > 1 else shown
        QGuiApplication.clipboard().setText(as_csv(wanted))

    def menu_for(self, item: ProjectVariant) -> QMenu:
        """Return what one can do with a variant."""
        menu, id, mark = QMenu(self), item.id, item.mark
        keep = "Let go" if mark.kept else "Keep"
        menu.addAction(tr(keep), lambda: self.keep_requested.emit(id, not mark.kept))
        star = "Remove star" if mark.starred else "Star"
        menu.addAction(tr(star), lambda: self.star_requested.emit(id, not mark.starred))
        menu.addAction(tr("Use this recipe"), lambda: self.recipe_use_requested.emit(id))
        menu.addAction(tr("Tags and note…"), lambda: self.notes_requested.emit(id))
        menu.addAction(tr("Show how it was made…"), lambda: self.making_requested.emit(id))
        menu.addAction(tr("Export…"), lambda: self.export_requested.emit(id))
        compare = menu.addAction(tr("Compare"), self.compare_requested.emit)
        compare.setToolTip(tr("Lay the selected variants side by side"))
        menu.addAction(self._copy)
        menu.addSeparator()
        delete = menu.addAction(tr("Delete"), lambda: self.deletion_requested.emit(id))
        delete.setEnabled(not item.is_original)
        return menu

    def _variant_at(self, row: int) -> ProjectVariant:
        return self._model.variant(self._sorted.mapToSource(self._sorted.index(row, 0)).row())

    @Slot(QModelIndex)
    def _on_row_changed(self, index: QModelIndex) -> None:
        if index.isValid():
            self.variant_selected.emit(str(index.siblingAtColumn(0).data(ID_ROLE)))

    @Slot()
    def _on_selection_changed(self) -> None:
        ids = self.selected_ids()
        if len(ids) > 1:
            some = tr("{chosen} of {count} selected")
            self._count.setText(some.format(chosen=len(ids), count=self._model.rowCount()))
        else:
            self._say_count()
        self.variants_chosen.emit(ids)

    @Slot(QModelIndex)
    def _on_double_clicked(self, index: QModelIndex) -> None:
        self.recipe_use_requested.emit(str(index.siblingAtColumn(0).data(ID_ROLE)))

    @Slot(QPoint)
    def _on_menu_requested(self, place: QPoint) -> None:
        index = self._view.indexAt(place)
        if index.isValid():
            menu = self.menu_for(self._variant_at(index.row()))
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self._view.viewport().mapToGlobal(place))

    @Slot()
    def _on_columns_chosen(self) -> None:
        actions = self._columns.menu().actions()
        self.show_columns(str(action.data()) for action in actions if action.isChecked())
        self.columns_changed.emit(self.shown_columns())


def _stretches(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of every stretch of rows, ascending, without a gap."""
    start = 0
    for at in range(1, len(rows) + 1):
        if at == len(rows) or rows[at] != rows[at - 1] + 1:
            yield rows[start], rows[at - 1]
            start = at
