"""The head of the start page: what was open lately, and the ways to begin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QWidget

from tinystudio.gallery import PREFIX
from tinystudio.gui.flow_row import FlowRow
from tinystudio.gui.shown import network_title
from tinystudio.gui.stylesheet import set_role
from tinystudio.gui.texts import tr
from tinystudio.gui.theme import GRID

MOST_SHOWN = 4  # more of them are in File > Recent
WIDEST = 150  # pixels, of a recent name
NOTHING = "Nothing yet."
TOUR, TOUR_AGAIN, TOUR_ON = "Two-minute tour", "Tour again", "Go on with the tour"
WAYS = (  # action, words, tip
    ("open-model", "Open a model…", "Choose a model file: .onnx, PyTorch, TorchScript."),
    ("compress-for-goal", "Compress for a goal…",
     "Say which device it is for, or what it may cost; then choose among what keeps to it."),
    ("guided-tour", TOUR, "Make a small model of a ready task, step by step, and export it."),
)  # fmt: skip


class StartHead(QFrame):
    """Says which action was asked for, or which recent project or model."""

    action_requested = Signal(str)
    recent_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ways = {id: QPushButton(tr(text)) for id, text, _ in WAYS}
        self.recent: list[QPushButton] = []
        self._drop = QLabel(tr("Or drop a model, data, a recipe or a project anywhere."))
        self._is_filled = self._is_new = self._is_open = False
        self._paths: tuple[str, ...] = ()
        self._lay_out()
        for id, button in self.ways.items():
            button.setProperty("action", id)
            button.clicked.connect(self._on_way)
        self.show_recent(())

    def _lay_out(self) -> None:
        self.setAccessibleName(tr("Begin"))
        set_role(self, "card")
        set_role(self._drop, "muted")
        self._drop.setWordWrap(True)
        begin, lately = QLabel(tr("Begin")), QLabel(tr("Recent"))
        for label in (begin, lately):
            set_role(label, "heading")
        ways, self._row = FlowRow(), FlowRow()
        for id, _, tip in WAYS:
            self.ways[id].setToolTip(tr(tip))
        ways.hold(tuple(self.ways.values()))
        grid = QGridLayout(self)
        grid.setContentsMargins(GRID + 4, GRID, GRID, GRID)
        grid.setHorizontalSpacing(2 * GRID)
        grid.setVerticalSpacing(GRID // 2)
        top = Qt.AlignmentFlag.AlignTop
        grid.addWidget(begin, 0, 0, top)
        grid.addWidget(ways, 0, 1)
        grid.addWidget(self._drop, 1, 1)
        grid.addWidget(lately, 2, 0, top)
        grid.addWidget(self._row, 2, 1)
        grid.setColumnStretch(1, 1)
        begin.setContentsMargins(0, 5, 0, 0)  # in line with the words of the buttons
        lately.setContentsMargins(0, 3, 0, 0)

    def show_recent(self, paths: Sequence[str]) -> None:
        """Offer these projects and models, the latest first."""
        shown = tuple(paths[:MOST_SHOWN])
        if shown == self._paths and (shown or self._is_filled):
            return
        self._paths, self._is_filled = shown, True
        self.recent = [self._link(path) for path in shown]
        none = QLabel(tr(NOTHING))
        none.setContentsMargins(0, 3, 0, 3)
        set_role(none, "muted")
        self._row.hold(self.recent or [none])

    def _link(self, path: str) -> QPushButton:
        name = network_title(path) if path.startswith(PREFIX) else Path(path).name
        button = QPushButton()
        set_role(button, "link")
        button.ensurePolished()
        shown = button.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, WIDEST)
        button.setText(shown.replace("&", "&&"))
        button.setToolTip(path)
        button.setAccessibleName(tr("Open {name}").format(name=name))
        button.setProperty("path", path)
        button.clicked.connect(self._on_recent)
        return button

    def show_enabled(self, id: str, is_enabled: bool) -> None:
        """Enable a way as its action is."""
        self.ways[id].setEnabled(is_enabled)

    def show_tour(self, words: str) -> None:
        """Say whether the tour is new, left in the middle, or done."""
        self.ways["guided-tour"].setText(tr(words))
        self._is_new = words == TOUR
        self._stress()

    def show_open(self, is_open: bool) -> None:
        """Say whether a model is open: then the tour is no longer what one comes for."""
        self._is_open = is_open
        self._stress()

    def _stress(self) -> None:
        is_first = self._is_new and not self._is_open
        set_role(self.ways["guided-tour"], "primary" if is_first else "")

    @Slot()
    def _on_way(self) -> None:
        sender = self.sender()
        if isinstance(sender, QPushButton):
            self.action_requested.emit(str(sender.property("action")))

    @Slot()
    def _on_recent(self) -> None:
        sender = self.sender()
        if isinstance(sender, QPushButton):
            self.recent_chosen.emit(str(sender.property("path")))

    def changeEvent(self, event: QEvent) -> None:
        """Measure the names again where the font is another."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self._paths:
            paths, self._paths = self._paths, ()
            self.show_recent(paths)
