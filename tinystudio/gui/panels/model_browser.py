"""The model browser: gallery, own models and variants as a tree, and a place to drop files."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QLineEdit,
    QMenu,
    QTreeView,
    QVBoxLayout,
)

from tinystudio.gui import theme
from tinystudio.gui.browser_model import BrowserFilter, BrowserModel, RowRole
from tinystudio.gui.browser_rows import Row
from tinystudio.gui.dragging import FileOf
from tinystudio.gui.drop_target import DropTarget
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.gui.two_lines import TwoLines, row_heights
from tinystudio.gui.words_ahead import WordsAhead
from tinystudio.session.searching import HELP

INDENT = 12  # pixels a level: a variant of a variant stands four deep, and its name needs the room


class ModelBrowser(QFrame):
    """Rows in; what the user wants out. It changes nothing by itself."""

    network_chosen = Signal(str)  # a path, or gallery:TASK
    variant_chosen = Signal(str)
    keep_requested = Signal(str, bool)
    rename_requested = Signal(str, str)
    delete_requested = Signal(str)
    export_requested = Signal(str)
    star_requested = Signal(str, bool)
    notes_requested = Signal(str)
    making_requested = Signal(str)  # show how the variant is made again
    recipe_requested = Signal(str)  # use the variant's recipe as the one to go on with
    variants_chosen = Signal(list)  # the ids of all selected variants
    compare_requested = Signal()
    files_dropped = Signal(list)  # of Path
    browse_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title = QLabel(tr("Models"))
        self._search = QLineEdit()
        self._tree = QTreeView()
        self._drop = DropTarget(tr("Drop a model or data here"))
        self._model = BrowserModel()
        self._filter = BrowserFilter()
        self._words = WordsAhead(self)
        self._filling, self._is_followed = False, True
        self._wanted: str | None = None  # what is to be selected once it is there
        self._unfolded: set[str] = set()  # once: what the user has folded stays so
        self._actions = self._make_actions()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        set_role(self, "panel")
        set_role(self._title, "title")
        self.setAccessibleName(tr("Models"))
        self._search.setPlaceholderText(tr("Search models"))
        self._search.setAccessibleName(tr("Search models and variants"))
        self._search.setToolTip(tr(HELP))
        self._search.setClearButtonEnabled(True)
        self._filter.setSourceModel(self._model)
        tree = self._tree
        tree.setModel(self._filter)
        tree.setItemDelegate(TwoLines(tree))
        tree.setHeaderHidden(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setIndentation(INDENT)
        tree.setIconSize(QSize(12, 12))
        tree.setAccessibleName(tr("Gallery tasks, own models and their variants"))
        tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tree.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        body = QVBoxLayout(self)
        body.setContentsMargins(GRID, GRID + 2, GRID, GRID)
        body.setSpacing(GRID)
        for widget in (self._title, self._search):
            body.addWidget(widget)
        body.addWidget(tree, 1)
        body.addWidget(self._drop)

    def _connect(self) -> None:
        self._search.textChanged.connect(self._on_search)
        self._tree.verticalScrollBar().actionTriggered.connect(self._on_scrolled)
        self._tree.activated.connect(self._on_activated)
        self._tree.clicked.connect(self._on_activated)
        self._tree.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self._tree.customContextMenuRequested.connect(self._on_menu)
        self._drop.files_dropped.connect(self.files_dropped)
        self._drop.browse_requested.connect(self.browse_requested)
        self._model.name_typed.connect(self._on_renamed)
        theme.switch().theme_changed.connect(self._measure)  # it tells of other sizes of text, too
        self._measure()

    def let_drag(self, file_of: FileOf) -> None:
        """Let variants be dragged; `file_of` knows where a variant's file is."""
        self._model.file_of = file_of
        self._tree.setDragEnabled(True)
        self._tree.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show this tree; what is selected and unfolded stays so."""
        first = self._model.rowCount() == 0
        before = self._current()
        self._filling = True
        self._filter.expect(rows)
        grown = self._model.show_rows(rows)
        self._filling = False
        now = self._current()
        if before is not None and (now is None or now.key != before.key):
            self._make_current(before.key)  # it has moved to below another one
        if first:
            self._tree.expandToDepth(0)
        self._unfold_open(rows)
        self._unfold_new(grown)
        self._words.show_rows(rows)
        if self._wanted is not None:
            self.select_variant(self._wanted)
        self._follow()

    def _make_current(self, key: str) -> None:
        shown = self._filter.mapFromSource(self._model.index_of(key))
        if shown.isValid():
            self._tree.setCurrentIndex(shown)

    def select_variant(self, variant: str | None) -> None:
        """Mark the row of that variant, without saying that it was chosen."""
        index = self._model.index_of(f"variant:{variant}")
        self._wanted = variant if variant and not index.isValid() else None  # it may come yet
        shown = self._filter.mapFromSource(index)
        if shown.isValid() and self._tree.selectionModel().isSelected(shown):
            return  # maybe beside others, which are to stay selected
        self._filling = True  # nobody has chosen it here
        if shown.isValid():
            self._tree.setCurrentIndex(shown)
            self._is_followed = True
            self._tree.scrollTo(shown)
        else:
            self._tree.clearSelection()
        self._filling = False

    @Slot()
    def _on_scrolled(self) -> None:
        self._is_followed = False

    @Slot()
    def _follow(self) -> None:
        """Keep the selected variant in sight, as long as nobody has scrolled away from it."""
        index = self._tree.currentIndex()
        # What the user has folded stays so.
        is_seen = not self._tree.visualRect(index).isEmpty()
        if self._is_followed and is_seen and self._variant() is not None:
            self._tree.scrollTo(index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._follow)  # the tree has its size only then

    def _unfold_open(self, rows: Sequence[Row]) -> None:
        for area in rows:
            for row in area.children:
                if row.is_open:
                    for key in (area.key, row.key):
                        self._tree.expand(self._filter.mapFromSource(self._model.index_of(key)))

    def _unfold_new(self, rows: Sequence[Row]) -> None:
        """Show what came of a variant as soon as something has."""
        for row in rows:
            if row.kind == "variant" and row.children and row.key not in self._unfolded:
                self._unfolded.add(row.key)
                self._tree.expand(self._filter.mapFromSource(self._model.index_of(row.key)))

    @Slot(str)
    def _on_search(self, text: str) -> None:
        self._filter.search(text)
        if text.strip():
            self._tree.expandAll()

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        row = self._row(index)
        if row is None or row.kind == "area":
            return
        if row.kind == "variant":
            self.variant_chosen.emit(row.reference)
        elif not row.is_open:
            self.network_chosen.emit(row.reference)

    def _row(self, index: QModelIndex) -> Row | None:
        row = index.data(RowRole.ROW)
        return row if isinstance(row, Row) else None

    def _current(self) -> Row | None:
        return self._row(self._tree.currentIndex())

    def _make_actions(self) -> dict[str, QAction]:
        """Return the context menu's actions; their shortcuts work while the tree has the focus."""
        table = {
            "open": ("Open", None, self._on_open),
            "keep": ("Keep", "K", self._on_keep),
            "recipe": ("Go on with this recipe", None, self._on_recipe),
            "star": ("Star", "S", self._on_star),
            "rename": ("Rename…", "F2", self.rename_selected),
            "notes": ("Tags and note…", None, self._on_notes),
            "making": ("Show how it was made…", None, self._on_making),
            "compare": ("Compare", None, self.compare_requested.emit),
            "export": ("Export…", None, self._on_export),
            "delete": ("Delete", "Del", self._on_delete),
        }
        actions = {}
        for name, (text, shortcut, slot) in table.items():
            action = QAction(tr(text), self)
            if shortcut:
                action.setShortcut(QKeySequence(shortcut))
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(slot)
            self._tree.addAction(action)
            actions[name] = action
        return actions

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        row = self._row(self._tree.indexAt(place))
        names = self.menu_of(row)
        if not names or row is None:
            return
        self._actions["keep"].setText(tr("No longer keep") if row.kept else tr("Keep"))
        is_starred = row.mark is not None and row.mark.starred
        self._actions["star"].setText(tr("Remove star") if is_starred else tr("Star"))
        menu = QMenu(self._tree)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([self._actions[name] for name in names])
        menu.popup(self._tree.viewport().mapToGlobal(place))

    def menu_of(self, row: Row | None) -> tuple[str, ...]:
        """Return which actions a row offers."""
        if row is None or row.kind == "area":
            return ()
        if row.kind == "network":
            return ("open",)
        return (
            "keep", "star", "recipe", "compare", "rename", "notes", "making", "export", "delete"
        )  # fmt: skip

    @Slot()
    def _on_selection_changed(self) -> None:
        rows = [self._row(index) for index in self._tree.selectedIndexes()]
        found = [row.reference for row in rows if row is not None and row.kind == "variant"]
        if not self._filling:
            self.variants_chosen.emit(found)

    @Slot()
    def _on_open(self) -> None:
        self._on_activated(self._tree.currentIndex())

    @Slot()
    def _on_keep(self) -> None:
        row = self._variant()
        if row is not None:
            self.keep_requested.emit(row.reference, not row.kept)

    @Slot()
    def _on_star(self) -> None:
        row = self._variant()
        if row is not None and row.mark is not None:
            self.star_requested.emit(row.reference, not row.mark.starred)

    @Slot()
    def _on_notes(self) -> None:
        row = self._variant()
        if row is not None:
            self.notes_requested.emit(row.reference)

    @Slot()
    def _on_making(self) -> None:
        row = self._variant()
        if row is not None:
            self.making_requested.emit(row.reference)

    @Slot()
    def _on_recipe(self) -> None:
        row = self._variant()
        if row is not None:
            self.recipe_requested.emit(row.reference)

    @Slot()
    def rename_selected(self) -> None:
        """Let the user type a new name for the selected variant; nothing: its recipe's again."""
        if self._variant() is not None:
            self._tree.scrollTo(self._tree.currentIndex())  # unfolds what it stands below
            self._tree.edit(self._tree.currentIndex())

    @Slot()
    def _on_export(self) -> None:
        row = self._variant()
        if row is not None:
            self.export_requested.emit(row.reference)

    @Slot()
    def _on_delete(self) -> None:
        row = self._variant()
        if row is not None:
            self.delete_requested.emit(row.reference)

    def _variant(self) -> Row | None:
        row = self._current()
        return row if row is not None and row.kind == "variant" else None

    @Slot(str, str)
    def _on_renamed(self, variant: str, name: str) -> None:
        row, wanted = self._current(), name.strip()
        had_name = row is not None and row.mark is not None and bool(row.mark.name)
        if (wanted or had_name) and (row is None or wanted != row.title):
            self.rename_requested.emit(variant, wanted)

    @Slot()
    def _measure(self) -> None:
        self._model.heights = row_heights(self._tree.font())
        self._tree.doItemsLayout()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._measure()
