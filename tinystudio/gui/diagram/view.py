"""The diagram to look at: zoom, pan, choose, search, walk along the graph by keys."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QMenu, QToolTip

from tinystudio.gui import theme
from tinystudio.gui.diagram.colours import fills, kind_colour
from tinystudio.gui.diagram.facts import BoxFacts, ColourBy
from tinystudio.gui.diagram.items import COLUMN, ROW, BoxItem, FrameItem, LineItem
from tinystudio.gui.diagram.unfolding import Drawn
from tinystudio.gui.diagram.walking import Step, next_box
from tinystudio.gui.texts import tr
from tinystudio.jobs.inspection import Diagram

SMALLEST, LARGEST = 0.04, 3.0  # scales
ONE_STEP = 1.2
CLICK = 5  # pixels; what moves further is a drag
AT_FIRST = 0.62  # the least scale to begin with: all words are read
HOW = "Arrow keys follow the lines from layer to layer; Enter unfolds a box."
_STEPS: dict[Qt.Key, Step] = {
    Qt.Key.Key_Up: "up", Qt.Key.Key_Down: "down", Qt.Key.Key_Left: "left",
    Qt.Key.Key_Right: "right", Qt.Key.Key_Home: "first", Qt.Key.Key_End: "last",
}  # fmt: skip


class DiagramView(QGraphicsView):
    """Draws what it is given. Arrow keys follow the lines; plus, minus and 0 zoom.

    Enter unfolds what the chosen box holds, or folds what it is in; Shift+Enter always folds.
    """

    box_chosen = Signal(int)
    unfold_requested = Signal(str)  # by its key
    fold_requested = Signal(str)
    all_requested = Signal(bool)  # to be open

    def __init__(self) -> None:
        super().__init__()
        self._drawn = Drawn(Diagram(boxes=(), lines=()))
        self._boxes: list[BoxItem] = []
        self._frames: dict[str, FrameItem] = {}
        self._lines: list[LineItem] = []
        self._found: frozenset[int] = frozenset()
        self._lit: frozenset[int] = frozenset()  # lines that stand out
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

    @property
    def drawn(self) -> Drawn:
        """Return what is drawn."""
        return self._drawn

    def show_diagram(self, drawn: Drawn) -> None:
        """Draw this in place of the former, seen from its beginning."""
        self._draw(drawn)
        self._is_fitted = self._is_moved = False
        self.fit_soon()

    def show_folds(self, drawn: Drawn, key: str) -> None:
        """Draw the same with other folds open; the one of this key stays where it was seen."""
        before = self.mapFromScene(self._corner(key))
        self._draw(drawn)
        self._is_moved = True
        moved = self.mapFromScene(self._corner(key)) - before
        for bar, by in (
            (self.horizontalScrollBar(), moved.x()), (self.verticalScrollBar(), moved.y())
        ):  # fmt: skip
            bar.setValue(bar.value() + by)

    def _draw(self, drawn: Drawn) -> None:
        self.scene().clear()
        self._drawn, self._chosen, self._found = drawn, None, frozenset()
        self._lit = frozenset()
        places = [(box.x, box.y) for box in drawn.diagram.boxes]
        self._boxes = [BoxItem(number, place) for number, place in enumerate(places)]
        self._lines = [
            LineItem(places[x.start], x.bends, places[x.end]) for x in drawn.diagram.lines
        ]
        self._frames = {frame.fold.key: FrameItem(frame) for frame in drawn.frames}
        for item in (*self._frames.values(), *self._lines, *self._boxes):
            self.scene().addItem(item)
        self.scene().setSceneRect(_room(drawn))

    def _corner(self, key: str) -> QPointF:
        """Return where a fold begins, open or not; where there is none, what is in the middle."""
        if key in self._frames:
            return self._frames[key].sceneBoundingRect().topLeft()
        for item, box in zip(self._boxes, self._drawn.diagram.boxes, strict=True):
            if box.inside is not None and box.key == key:
                return item.sceneBoundingRect().topLeft()
        return self.mapToScene(self.viewport().rect().center())

    def show_facts(self, facts: Sequence[BoxFacts], by: ColourBy) -> None:
        """Write these words into the boxes and colour them."""
        colours = theme.current()
        names = [box.value_text if by == "precision" else box.kind for box in facts]
        stripes = {name: QColor(kind_colour(name, colours)) for name in names}
        grounds = fills(facts, by, colours)
        for item, box, fill, name in zip(self._boxes, facts, grounds, names, strict=True):
            item.show_facts(box, fill, stripes[name])
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

    def show_found(self, numbers: Sequence[int], is_new: bool = True) -> None:
        """Frame what a search has found; bring the first of what is new into view."""
        self._found = frozenset(numbers)
        self._mark()
        if numbers and is_new:
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
        lit = frozenset(
            at for at, line in enumerate(self._drawn.diagram.lines)
            if self._chosen is not None and self._chosen in (line.start, line.end)
        )  # fmt: skip
        for at in lit ^ self._lit:
            self._lines[at].colour(at in lit)
        self._lit = lit

    def _say_chosen(self) -> None:
        words = "" if self._chosen is None else self._boxes[self._chosen].facts.words
        self.setAccessibleDescription(tr(words or HOW))

    @Slot()
    def _colour(self) -> None:
        self.setBackgroundBrush(QColor(theme.current().surface))
        for at, line in enumerate(self._lines):
            line.colour(at in self._lit)
        self.viewport().update()

    # What the user does

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            # Asked for here: to set it on thousands of items would take as long as to draw them.
            QToolTip.showText(event.globalPos(), self._words_at(event.pos()), self)
            return True
        return super().viewportEvent(event)

    def _words_at(self, place: QPoint) -> str:
        number, frame = self.box_at(place), self.frame_at(place)
        if number is not None:
            return self._boxes[number].facts.words
        return self._frames[frame].words if frame is not None else ""

    def box_at(self, place: QPoint) -> int | None:
        """Return the box at a place of the viewport."""
        spot = QRectF(self.mapToScene(place), self.mapToScene(place + QPoint(1, 1)))
        found = (x for x in self.scene().items(spot) if isinstance(x, BoxItem))
        return next((item.number for item in found), None)

    def frame_at(self, place: QPoint) -> str | None:
        """Return the key of the innermost open fold at a place of the viewport."""
        spot = self.mapToScene(place)
        found = (x for x in self.scene().items(spot) if isinstance(x, FrameItem))
        return next((item.key for item in found), None)

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

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        number = self.box_at(place)
        if number is not None:
            self.turn(number)
        elif (frame := self.frame_at(place)) is not None:
            self.fold_requested.emit(frame)

    def turn(self, number: int) -> None:
        """Unfold what a box holds; where it holds nothing, fold what it is in."""
        box = self._drawn.diagram.boxes[number]
        if box.inside is not None:
            self.unfold_requested.emit(box.key)
        else:
            self.fold_around(number)

    def fold_around(self, number: int) -> None:
        """Fold the innermost of what a box is in."""
        around = self._drawn.around[number] if self._drawn.around else ()
        if around:
            self.fold_requested.emit(around[-1])

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        is_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        number = self._chosen if is_key else self.box_at(event.pos())
        menu = self.menu(number, None if is_key else self.frame_at(event.pos()))
        if menu is not None:
            menu.popup(event.globalPos())

    def menu(self, number: int | None, frame: str | None = None) -> QMenu | None:
        """Return what can be done at a box or at an open fold; None where nothing is folded."""
        boxes = self._drawn.diagram.boxes
        can_open = any(box.inside is not None for box in boxes)
        if not (can_open or self._frames):
            return None
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        around = self._drawn.around[number] if number is not None and self._drawn.around else ()
        if number is not None and boxes[number].inside is not None:
            menu.addAction(tr("Unfold"), partial(self.turn, number))
        folded = around[-1] if around else frame
        if folded is not None:
            menu.addAction(tr("Fold what is around"), partial(self.fold_requested.emit, folded))
        menu.addSeparator()
        opening = menu.addAction(tr("Unfold all"), partial(self.all_requested.emit, True))
        closing = menu.addAction(tr("Fold all"), partial(self.all_requested.emit, False))
        opening.setEnabled(can_open)
        closing.setEnabled(bool(self._frames))
        return menu

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
            self._choose_and_say(next_box(self._drawn.diagram, self._chosen, _STEPS[key]))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(ONE_STEP)
        elif key == Qt.Key.Key_Minus:
            self.zoom(1 / ONE_STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._chosen is not None:
            is_shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            (self.fold_around if is_shifted else self.turn)(self._chosen)
        else:
            super().keyPressEvent(event)

    def _choose_and_say(self, number: int) -> None:
        self._is_moved = True
        self.choose(number)
        self.box_chosen.emit(number)


def _room(drawn: Drawn) -> QRectF:
    """Return the room that a diagram takes with some around it."""
    places = [(box.x, box.y) for box in drawn.diagram.boxes]
    places += [bend for line in drawn.diagram.lines for bend in line.bends]
    places += [(frame.left, frame.top) for frame in drawn.frames]
    places += [(frame.right, frame.bottom) for frame in drawn.frames]
    if not places:
        return QRectF()
    left, top = (min(place[at] for place in places) - 1 for at in (0, 1))
    right, bottom = (max(place[at] for place in places) + 1 for at in (0, 1))
    return QRectF(left * COLUMN, top * ROW, (right - left) * COLUMN, (bottom - top) * ROW)
