"""The main window: it only places panels, and remembers where they were."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QSplitter,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from tinystudio.gui.actions import Actions
from tinystudio.gui.bars import fill_menus, make_toolbar
from tinystudio.gui.bending_row import BendingRow
from tinystudio.gui.closing_tabs import ClosingTabs
from tinystudio.gui.drop_target import local_files
from tinystudio.gui.elided import Elided
from tinystudio.gui.sideways import Sideways
from tinystudio.gui.status_line import StatusLine
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.text_size import scaled
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID
from tinystudio.gui.toast import Toast

SIZE = (1440, 900)  # pixels, at the first start
SMALLEST = (960, 600)
WIDTHS = (268, 782, 344)  # browser, centre, settings
LEAST_LEFT, LEAST_RIGHT = 200, 336  # the least that their words have room in
LEAST_CENTRE, SMALL_SCREEN = 430, 1280
HEIGHTS = (700, 150)  # panels, jobs
WAITING = "Getting ready…"
TRAINING_TAB, PLOTS_TAB, COMPARE_TAB, GALLERY_TAB = 3, 4, 5, 6


@dataclass(frozen=True)
class Panels:
    """The widgets that the window places."""

    browser: QWidget
    trade_off: QWidget
    layers: QWidget
    runs: QWidget
    training: QWidget
    plots: QWidget
    compare: QWidget
    gallery: QWidget
    settings: QWidget
    jobs: QWidget
    notices: QWidget


class MainWindow(QMainWindow):
    """Shows placeholders at once; `place` puts the panels where they belong."""

    first_painted = Signal()
    files_dropped = Signal(list)  # of Path
    recent_chosen = Signal(str)
    closing = Signal()

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.actions_by_id = actions
        self.status = StatusLine()
        self.toast = Toast(self)
        self._painted = False
        self._here = Elided()
        self._recent = QMenu(tr("Recent"), self)
        self._across = QSplitter(Qt.Orientation.Horizontal)
        self._down = QSplitter(Qt.Orientation.Vertical)
        self._centre, self._lower = ClosingTabs(), QTabWidget()
        self._left: QWidget = _placeholder("Models")
        self._right: QWidget = _placeholder("Recipe")
        self._bottom = _framed(self._lower)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.setWindowTitle(tr("TinyStudio"))
        self.setAcceptDrops(True)
        self.setMinimumSize(*SMALLEST)
        self.resize(*SIZE)
        self._add_bars()
        views = ("Trade-off", "Layers", "Runs", "Training", "Plots", "Compare", "Gallery")
        for text in views:
            self._centre.addTab(_waiting(), tr(text))
        for text in ("Jobs", "Notices"):
            self._lower.addTab(QWidget(), tr(text))
        self._centre.setAccessibleName(tr("Views of the open model"))
        self._lower.setAccessibleName(tr("Jobs and notices"))
        for tabs in (self._centre, self._lower):
            tabs.setDocumentMode(True)
        for widget in (self._left, _framed(self._centre), self._right):
            self._across.addWidget(widget)
        for widget in (self._across, self._bottom):
            self._down.addWidget(widget)
        self._arrange()
        around = QWidget()
        body = QVBoxLayout(around)
        body.setContentsMargins(GRID, GRID, GRID, GRID)
        body.addWidget(self._down)
        self.setCentralWidget(around)

    def _arrange(self) -> None:
        for splitter, sizes in ((self._across, WIDTHS), (self._down, HEIGHTS)):
            splitter.setHandleWidth(GRID)
            splitter.setChildrenCollapsible(False)
            splitter.setSizes(list(sizes))
        for number, stretch in enumerate((0, 1, 0)):
            self._across.setStretchFactor(number, stretch)
        for number, stretch in enumerate((1, 0)):
            self._down.setStretchFactor(number, stretch)

    def _add_bars(self) -> None:
        fill_menus(self.menuBar(), self.actions_by_id, self._recent)
        bar = make_toolbar(self.actions_by_id)
        self._here.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._here.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._here.setObjectName("here")
        self._here.setAccessibleName(tr("Open task and this computer"))
        set_role(self._here, "muted")
        bar.addWidget(self._here)
        self.addToolBar(bar)
        self.setStatusBar(self.status)

    def _connect(self) -> None:
        self._recent.triggered.connect(self._on_recent)
        self.toast.details_requested.connect(self.show_notices)

    def place(self, panels: Panels) -> None:
        """Put the panels where the placeholders are."""
        for old, new in ((self._left, panels.browser), (self._right, panels.settings)):
            self._across.replaceWidget(self._across.indexOf(old), new)
            old.deleteLater()
        self._left, self._right = panels.browser, panels.settings
        views = (panels.layers, panels.runs, panels.training, panels.plots, panels.compare)
        wide = (Sideways(view) for view in (*views, panels.gallery))
        _replace_tabs(self._centre, (panels.trade_off, *wide))
        _replace_tabs(self._lower, (panels.jobs, panels.notices))
        self.keep_room()

    def keep_room(self) -> None:
        """Keep the least room that the words of the sides need, as large as they are now."""
        # A new widget takes the stretch of the one before, but not its least width.
        self._left.setMinimumWidth(scaled(LEAST_LEFT))
        self._right.ensurePolished()
        needed = self._right.minimumSizeHint().width()  # words of another language may be longer
        # Side by side where a small screen has room for that, one below the other where not.
        rows = [row.sizeHint().width() for row in self._right.findChildren(BendingRow)]
        spare = SMALL_SCREEN - scaled(LEAST_LEFT) - LEAST_CENTRE - 6 * GRID
        wanted = min(max(rows, default=0) + 2, spare)
        self._right.setMinimumWidth(max(scaled(LEAST_RIGHT), wanted, needed))

    def export_buttons(self) -> list[QWidget]:
        """Return what a variant can be dropped on to export it."""
        export = self.actions_by_id["export"]
        return [w for w in export.associatedObjects() if isinstance(w, QToolButton)]

    @property
    def tab(self) -> int:
        """Return which view of the centre is in front."""
        return self._centre.currentIndex()

    def show_here(self, text: str) -> None:
        """Say at the right of the toolbar which task is open and what this computer is."""
        self._here.set_text(tr(text))

    def show_project(self, name: str, state: str) -> None:
        """Say which project is open and whether all is saved."""
        self.setWindowTitle(tr("{name} – TinyStudio").format(name=name))
        self.status.show_project(name, state)

    def show_recent(self, paths: Sequence[str]) -> None:
        """Offer these models and projects in the File menu."""
        self._recent.clear()
        self._recent.setEnabled(bool(paths))
        for number, path in enumerate(paths, start=1):
            text = path if path.startswith("gallery:") else Path(path).name
            action = self._recent.addAction(f"&{number}  {text}" if number < 10 else text)
            action.setData(path)
            action.setToolTip(path)

    def show_notices(self) -> None:
        """Bring the list of notices to the front."""
        self.set_part_visible("show-jobs", True)
        self._lower.setCurrentIndex(1)
        self.toast.hide()  # it would say the same over the list

    def show_unseen(self, count: int) -> None:
        """Say on the tab how many notices nobody has looked at."""
        self._lower.setTabText(
            1, tr("Notices ({count})").format(count=count) if count else tr("Notices")
        )

    def show_tab(self, number: int) -> None:
        """Bring a view of the centre to the front, counted from 0 in the order of the tabs."""
        self._centre.setCurrentIndex(number)

    @property
    def pages(self) -> int:
        """Return how many views the centre has."""
        return self._centre.count()

    def leave_tab(self, number: int) -> None:
        """Bring the trade-off to the front where that view is."""
        if self._centre.currentIndex() == number:
            self._centre.setCurrentIndex(0)

    @Slot(bool)
    def show_training_live(self, is_live: bool) -> None:
        """Say on its tab whether a training runs."""
        self._centre.setTabText(TRAINING_TAB, tr("Training, live") if is_live else tr("Training"))

    def set_part_visible(self, action: str, visible: bool) -> None:
        """Show or hide what an action of the View menu stands for."""
        self._parts()[action].setVisible(visible)
        self.actions_by_id.tick({action: visible})

    def parts_shown(self) -> dict[str, bool]:
        """Return which parts of the View menu are on."""
        return {action: not widget.isHidden() for action, widget in self._parts().items()}

    def _parts(self) -> dict[str, QWidget]:
        return {
            "show-browser": self._left,
            "show-settings": self._right,
            "show-jobs": self._bottom,
        }

    def reset_layout(self) -> None:
        """Put all panels where they were at first."""
        for action in self._parts():
            self.set_part_visible(action, True)
        self._arrange()

    def layout_texts(self) -> tuple[str, str]:
        """Return geometry and layout as text for the settings."""
        splits = [_to_text(split.saveState()) for split in (self._across, self._down)]
        hidden = ",".join(part for part, shown in self.parts_shown().items() if not shown)
        return _to_text(self.saveGeometry()), "|".join((*splits, hidden))

    def restore(self, geometry: str, layout: str) -> None:
        """Take up a geometry and layout that `layout_texts` gave; nothing for empty ones."""
        if geometry:
            self.restoreGeometry(_from_text(geometry))
        states = layout.split("|")
        for split, state in zip((self._across, self._down), states, strict=False):
            split.restoreState(_from_text(state))
        # A splitter keeps the sizes of its parts, but not which of them are hidden.
        hidden = states[2].split(",") if len(states) > 2 else ()
        for part, widget in self._parts().items():
            widget.setVisible(part not in hidden)
        self.actions_by_id.tick(self.parts_shown())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say when the window has been painted for the first time."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            # The children are painted right after this; then the event loop comes here.
            QTimer.singleShot(0, self, self._say_painted)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files anywhere."""
        if local_files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand on what was dropped."""
        event.acceptProposedAction()
        self.files_dropped.emit(local_files(event.mimeData()))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let the rest of the program end first."""
        self.closing.emit()
        super().closeEvent(event)

    @Slot()
    def _say_painted(self) -> None:
        self.first_painted.emit()

    def _on_recent(self, action: QAction) -> None:
        self.recent_chosen.emit(str(action.data()))


def _framed(tabs: QTabWidget) -> QFrame:
    frame = QFrame()
    set_role(frame, "panel")
    body = QVBoxLayout(frame)
    body.setContentsMargins(1, GRID // 2, 1, 1)
    body.addWidget(tabs)
    return frame


def _placeholder(title: str) -> QFrame:
    frame = QFrame()
    set_role(frame, "panel")
    label = QLabel(tr(title))
    set_role(label, "title")
    body = QVBoxLayout(frame)
    body.setContentsMargins(GRID, GRID + 2, GRID, GRID)
    body.addWidget(label)
    body.addWidget(_waiting(), 1)
    return frame


def _waiting() -> QLabel:
    label = QLabel(tr(WAITING))
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    set_role(label, "muted")
    return label


def _replace_tabs(tabs: QTabWidget, widgets: Sequence[QWidget]) -> None:
    front = tabs.currentIndex()
    texts = [tabs.tabText(number) for number in range(tabs.count())]
    while tabs.count():
        if (old := tabs.widget(0)) is not None:
            old.deleteLater()
        tabs.removeTab(0)
    for text, widget in zip(texts, widgets, strict=True):
        tabs.addTab(widget, text)
    tabs.setCurrentIndex(front)


def _to_text(state: QByteArray) -> str:
    return b64encode(state.data()).decode()


def _from_text(text: str) -> QByteArray:
    # Qt leaves out what is no base64; a damaged setting must not keep the window from opening.
    return QByteArray.fromBase64(text.encode())
