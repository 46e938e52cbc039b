"""The diagram to look at: zoom, pan, choose, search, walk along the graph by keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView

from tinystudio.gui import theme
from tinystudio.gui.diagram.colours import fills, kind_colour
from tinystudio.gui.diagram.facts import BoxFacts, ColourBy
from tinystudio.gui.diagram.items import COLUMN, ROW, BoxItem, LineItem
from tinystudio.gui.diagram.walking import Step, next_box
from tinystudio.gui.texts import tr
from tinystudio.jobs.inspection import Diagram

SMALLEST, LARGEST = 0.04, 3.0  # scales
ONE_STEP = 1.2
CLICK = 5  # pixels; what moves further is a drag
AT_FIRST = 0.62  # the least scale to begin with: all words are read
_STEPS: dict[Qt.Key, Step] = {
    Qt.Key.Key_Up: "up", Qt.Key.Key_Down: "down", Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right", Qt.Key.Key_Home: "first", Qt.Key.Key_End: "last",
}  # fmt: skip


class DiagramView(QGraphicsView):
    """Draws what it is given. Arrow keys follow the lines; plus, minus and 0 zoom."""

    box_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._diagram = Diagram(boxes=(), lines=())
        self._boxes: list[BoxItem] = []
        self._lines: list[LineItem] = []
        self._found: frozenset[int] = frozenset()
        self._chosen: int | None = None
        self._pressed_at: QPoint | None = None
        self._is_fitted = False
        self._is_moved = False  # by the user: the view then stays where it is
        self.setScene(QGraphicsScene(self))
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setInteractive(False)  # a drag pans wherever it begins
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Diagram of the model"))
        theme.switch().theme_changed.connect(self._colour)
        self._colour()

    @property
    def chosen(self) -> int | None:
        """Return the chosen box's number."""
        return self._chosen

    @property
    def boxes(self) -> Sequence[BoxItem]:
        """Return the boxes that are drawn, by number."""
        return self._boxes

    def show_diagram(self, diagram: Diagram) -> None:
        """Draw this in place of the former."""
        self.scene().clear()
        self._diagram, self._chosen, self._found = diagram, None, frozenset()
        places = [(box.x, box.y) for box in diagram.boxes]
        self._boxes = [BoxItem(number, place) for number, place in enumerate(places)]
        self._lines = [LineItem(places[x.start], x.bends, places[x.end]) for x in diagram.lines]
        for item in (*self._lines, *self._boxes):
            self.scene().addItem(item)
        room = self.scene().itemsBoundingRect()
        self.scene().setSceneRect(room.adjusted(-COLUMN / 2, -ROW / 2, COLUMN / 2, ROW / 2))
        self._is_fitted = self._is_moved = False
        self.fit_soon()

    def show_facts(self, facts: Sequence[BoxFacts], by: ColourBy) -> None:
        """Write these words into the boxes and colour them."""
        colours = theme.current()
        for item, box, fill in zip(self._boxes, facts, fills(facts, by, colours), strict=True):
            name = box.value_text if by == "precision" else box.kind
            item.show_facts(box, fill, QColor(kind_colour(name, colours)))
        self._say_chosen()

    def choose(self, number: int | None) -> None:
        """Frame a box and bring it into view; no signal."""
        if number == self._chosen:
            return
        self._chosen = number
        self._mark()
        self._say_chosen()
        if number is not None:
            item = self._boxes[number]
            self.ensureVisible(item.sceneBoundingRect(), 40, 40)

    def show_found(self, numbers: Sequence[int]) -> None:
        """Frame what a search has found, and bring the first of it into view."""
        self._found = frozenset(numbers)
        self._mark()
        if numbers:
            self.centerOn(self._boxes[numbers[0]])

    def zoom(self, by: float) -> None:
        """Draw everything so many times as large."""
        self._is_moved = True
        scale = min(LARGEST, max(SMALLEST, self.transform().m11() * by))
        self.scale(scale / self.transform().m11(), scale / self.transform().m11())

    def fit(self) -> None:
        """Show everything, whatever was seen before."""
        self._is_moved = True
        self._fit()

    def _fit(self) -> None:
        if self._boxes:
            self.fitInView(self.sceneRect(), Qt.AspectRatioMode.KeepAspectRatio)
            if self.transform().m11() > 1:
                self.resetTransform()

    def fit_soon(self) -> None:
        """Begin with everything where that can be read, else with the top of it."""
        if self._is_fitted or not self._boxes or not self.isVisible():
            return
        self._is_fitted = True
        self._fit()
        if self.transform().m11() < AT_FIRST:
            self.resetTransform()
            self.scale(max(AT_FIRST, self._width_scale()), max(AT_FIRST, self._width_scale()))
            self.centerOn(self._boxes[0].pos().x(), self.sceneRect().top())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._is_moved:
            self._is_fitted = False
            self.fit_soon()

    def _width_scale(self) -> float:
        return min(0.9, self.viewport().width() / max(self.sceneRect().width(), 1.0))

    def _mark(self) -> None:
        for item in self._boxes:
            item.mark(item.number == self._chosen, item.number in self._found)
        for line, drawn in zip(self._diagram.lines, self._lines, strict=True):
            drawn.colour(self._chosen is not None and self._chosen in (line.start, line.end))

    def _say_chosen(self) -> None:
        words = "" if self._chosen is None else self._boxes[self._chosen].facts.words
        self.setAccessibleDescription(
            tr(words or "Arrow keys follow the lines from layer to layer.")
        )

    @Slot()
    def _colour(self) -> None:
        self.setBackgroundBrush(QColor(theme.current().surface))
        self._mark()
        self.viewport().update()

    # What the user does

    def box_at(self, place: QPoint) -> int | None:
        """Return the box at a place of the viewport."""
        spot = QRectF(self.mapToScene(place), self.mapToScene(place + QPoint(1, 1)))
        found = (x for x in self.scene().items(spot) if isinstance(x, BoxItem))
        return next((item.number for item in found), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = event.position().toPoint()
        self._is_moved = True
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        start, self._pressed_at = self._pressed_at, None
        if start is None or (event.position().toPoint() - start).manhattanLength() > CLICK:
            return
        number = self.box_at(start)
        if number is not None:
            self._choose_and_say(number)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(ONE_STEP ** (event.angleDelta().y() / 120))
            event.accept()
        else:
            self._is_moved = True
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _STEPS and self._boxes:
            self._choose_and_say(next_box(self._diagram, self._chosen, _STEPS[key]))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ONE_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / ONE_STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def _choose_and_say(self, number: int) -> None:
        self._is_moved = True
        self.choose(number)
        self.box_chosen.emit(number)
