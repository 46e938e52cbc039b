"""A diagram as it is drawn with some of its folds open; plain arithmetic, no widgets.

The engine has laid out every fold by itself. Here what is inside is put in the fold's place, which
grows: rows are as high as the highest in them, and what stands beside moves aside. Everything else
stays where it was, so that the eye does not lose it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tinystudio.jobs.inspection import OUTSIDE, Box, Diagram, Line

SIDE, HEAD, FOOT = 0.09, 0.42, 0.14  # columns and rows that the frame of an open fold takes
BEND = 0.3  # columns that a line takes on its way past boxes
_ROUNDED = 3  # digits; rows are whole in truth, and halves where folds are open
Place = tuple[float, float]
_Stands = tuple[float, float, float, int]  # x, room to the left and right, number


@dataclass(frozen=True)
class Frame:
    """What stands around the boxes of an open fold. `depth` counts the frames around it."""

    fold: Box
    left: float
    top: float
    right: float
    bottom: float
    depth: int


@dataclass(frozen=True)
class Drawn:
    """What is seen: boxes and lines with their places, and the open folds that each box is in.

    `around` has the keys of those folds by box, the innermost last.
    """

    diagram: Diagram
    frames: tuple[Frame, ...] = ()
    around: tuple[tuple[str, ...], ...] = ()


@dataclass
class _Part:
    """A diagram under way: places count from its axis and its upmost row."""

    boxes: list[tuple[Box, Place, tuple[str, ...]]]
    lines: list[tuple[int, int, tuple[Place, ...]]]
    frames: list[Frame]
    entries: dict[int, tuple[Place, ...]]  # the way in, by box that reads from outside
    left: float = 0.0  # of its axis, the column in which it ends: lines go straight on from there
    right: float = 0.0
    height: float = 0.0


def unfolded(diagram: Diagram, open_folds: AbstractSet[str]) -> Drawn:
    """Return the diagram with these folds (by key) open, where what they are in is open too."""
    part = _part(diagram, open_folds, ())
    boxes = tuple(
        Box.model_construct(**{**vars(box), "x": x, "y": y}) for box, (x, y), _ in part.boxes
    )
    lines = tuple(
        Line.model_construct(start=start, end=end, bends=bends, joins=())
        for start, end, bends in part.lines
    )
    return Drawn(
        Diagram.model_construct(boxes=boxes, lines=lines),
        tuple(part.frames),
        tuple(around for *_, around in part.boxes),
    )


def all_folds(diagram: Diagram) -> Iterator[Box]:
    """Yield every fold, outer ones before what they hold."""
    for box in diagram.boxes:
        if box.inside is not None:
            yield box
            yield from all_folds(box.inside)


def _part(diagram: Diagram, open_folds: AbstractSet[str], around: tuple[str, ...]) -> _Part:
    inner = [
        _part(box.inside, open_folds, (*around, box.key))
        if box.inside is not None and box.key in open_folds
        else None
        for box in diagram.boxes
    ]
    places, routes = _spread(diagram, inner)
    whole = _Part([], [], [], {})
    numbers: list[int] = []  # by box of the diagram: its number, or that of the first one inside
    for box, place, part in zip(diagram.boxes, places, inner, strict=True):
        numbers.append(len(whole.boxes))
        if part is None:
            whole.boxes.append((box, place, around))
        else:
            _put_in(whole, part, box, place, len(around))
    ways_in = [
        {} if part is None else _shifted(part.entries, x, y - _size(part)[2] / 2 + HEAD + 0.5)
        for part, (x, y) in zip(inner, places, strict=True)
    ]
    whole.lines += _lines(diagram, inner, numbers, whole, routes, ways_in)
    if around:  # it is inside of a fold
        whole.entries = _entries(diagram, numbers, routes, ways_in)
        _begin_at_zero(whole, inner, places)
    return whole


def _spread(
    diagram: Diagram, inner: Sequence[_Part | None]
) -> tuple[list[Place], list[tuple[Place, ...]]]:
    """Return where boxes stand and lines bend once every open fold has its room."""
    if not any(inner):
        return [(box.x, box.y) for box in diagram.boxes], [line.bends for line in diagram.lines]
    sizes = [_size(part) for part in inner]
    heights: dict[float, float] = {}
    for box, (_, _, height) in zip(diagram.boxes, sizes, strict=True):
        row = round(box.y, _ROUNDED)
        heights[row] = max(height, heights.get(row, 1.0))
    bends = [bend for line in diagram.lines for bend in line.bends]
    rows: dict[float, list[_Stands]] = {}
    for number, (box, (left, right, _)) in enumerate(zip(diagram.boxes, sizes, strict=True)):
        rows.setdefault(round(box.y, _ROUNDED), []).append((box.x, left, right, number))
    for number, (x, y) in enumerate(bends, len(diagram.boxes)):
        rows.setdefault(round(y, _ROUNDED), []).append((x, BEND / 2, BEND / 2, number))
    moved: dict[int, float] = {}
    for items in rows.values():
        moved |= _aside(items)
    shifts = _row_shifts(rows, heights)
    places = [
        (moved[at], box.y + shifts[round(box.y, _ROUNDED)]) for at, box in enumerate(diagram.boxes)
    ]
    routes, at = [], len(diagram.boxes)
    for line in diagram.lines:
        route: list[Place] = []
        for _, y in line.bends:
            row_key = round(y, _ROUNDED)
            middle, beyond = y + shifts[row_key], heights.get(row_key, 1.0) - 1
            # Past an open fold a line goes straight down, or it would lead through its corner.
            ends = (middle - beyond / 2, middle + beyond / 2) if beyond else (middle,)
            route += [(moved[at], end) for end in ends]
            at += 1
        routes.append(tuple(route))
    return places, routes


def _size(part: _Part | None) -> tuple[float, float, float]:
    """Return the columns left and right of the axis, and the rows."""
    if part is None:
        return 0.5, 0.5, 1.0
    return part.left + SIDE, part.right + SIDE, part.height + HEAD + FOOT


def _row_shifts(rows: Mapping[float, object], heights: Mapping[float, float]) -> dict[float, float]:
    """Return how far down every row goes, for the rows above it and its own height."""
    found, above = {}, 0.0
    for row in sorted(rows):
        more = heights.get(row, 1.0) - 1
        found[row] = above + more / 2
        above += more
    return found


def _aside(row: list[_Stands]) -> dict[int, float]:
    """Return where those of a row stand: the widest in its place, others out of its way."""
    ordered = sorted(row)
    anchor = max(range(len(ordered)), key=lambda at: ordered[at][1] + ordered[at][2])
    x, left, right, number = ordered[anchor]
    found, edge = {number: x}, x + right
    for own, own_left, own_right, number in ordered[anchor + 1 :]:
        found[number] = max(own, edge + own_left)
        edge = found[number] + own_right
    edge = x - left
    for own, own_left, own_right, number in reversed(ordered[:anchor]):
        found[number] = min(own, edge - own_right)
        edge = found[number] - own_left
    return found


def _put_in(whole: _Part, part: _Part, fold: Box, place: Place, depth: int) -> None:
    """Put what is inside of an open fold around `place`, in its frame."""
    left, right, height = _size(part)
    top = place[1] - height / 2
    x, y = place[0], top + HEAD + 0.5  # of the axis and of the upmost row inside
    first = len(whole.boxes)
    whole.boxes += [(box, (x + px, y + py), around) for box, (px, py), around in part.boxes]
    whole.lines += [
        (start + first, end + first, tuple((x + bx, y + by) for bx, by in bends))
        for start, end, bends in part.lines
    ]
    whole.frames.append(Frame(fold, x - left, top, x + right, top + height, depth))
    whole.frames += [
        Frame(item.fold, item.left + x, item.top + y, item.right + x, item.bottom + y, item.depth)
        for item in part.frames
    ]


def _lines(
    diagram: Diagram, inner: Sequence[_Part | None], numbers: Sequence[int], whole: _Part,
    routes: Sequence[tuple[Place, ...]], ways_in: Sequence[Mapping[int, tuple[Place, ...]]],
) -> Iterator[tuple[int, int, tuple[Place, ...]]]:  # fmt: skip
    """Yield the lines between boxes; into an open fold they lead to the box that is meant."""
    inside = {
        (at, layer): number
        for at, part in enumerate(inner)
        if part is not None
        for number in range(numbers[at], numbers[at] + len(part.boxes))
        for layer in whole.boxes[number][0].layers
    }

    def end(at: int, layer: str) -> int:
        return inside.get((at, layer), numbers[at])

    for line, bends in zip(diagram.lines, routes, strict=True):
        if line.start == OUTSIDE:
            continue
        joins = line.joins or (("", ""),)
        pairs = dict.fromkeys((end(line.start, a), end(line.end, b)) for a, b in joins)
        for start, stop in pairs:
            yield start, stop, (*bends, *ways_in[line.end].get(stop - numbers[line.end], ()))


def _entries(
    diagram: Diagram, numbers: Sequence[int], routes: Sequence[tuple[Place, ...]],
    ways_in: Sequence[Mapping[int, tuple[Place, ...]]],
) -> dict[int, tuple[Place, ...]]:  # fmt: skip
    """Return the way from the edge to every box that reads from outside."""
    entered = [
        (line.end, bends)
        for line, bends in zip(diagram.lines, routes, strict=True)
        if line.start == OUTSIDE
    ]
    found: dict[int, tuple[Place, ...]] = {}
    for end, bends in entered or [(0, ())]:  # a chain is entered at its beginning
        ways = ways_in[end] or {0: ()}
        found |= {numbers[end] + at: (*bends, *way) for at, way in ways.items()}
    return found


def _shifted(
    ways: Mapping[int, tuple[Place, ...]], right: float, down: float
) -> dict[int, tuple[Place, ...]]:
    return {at: tuple((x + right, y + down) for x, y in way) for at, way in ways.items()}


def _begin_at_zero(whole: _Part, inner: Sequence[_Part | None], places: Sequence[Place]) -> None:
    """Let the upmost row and the axis stand at nought, and note the size."""
    if not places:
        return
    around = [(x, y, *_size(part)) for (x, y), part in zip(places, inner, strict=True)]
    routes = [*(route for *_, route in whole.lines), *whole.entries.values()]
    bends = [x for route in routes for x, _ in route]
    axis = max(places, key=lambda place: place[1])[0]
    top = min(y - height / 2 for _, y, _, _, height in around) + 0.5
    whole.left = axis - min([x - left for x, _, left, _, _ in around] + bends)
    whole.right = max([x + right for x, _, _, right, _ in around] + bends) - axis
    whole.height = max(y + height / 2 for _, y, _, _, height in around) + 0.5 - top
    whole.boxes = [(box, (x - axis, y - top), around) for box, (x, y), around in whole.boxes]
    whole.lines = [
        (start, stop, tuple((x - axis, y - top) for x, y in bends))
        for start, stop, bends in whole.lines
    ]
    whole.entries = _shifted(whole.entries, -axis, -top)
    whole.frames = [
        Frame(f.fold, f.left - axis, f.top - top, f.right - axis, f.bottom - top, f.depth)
        for f in whole.frames
    ]
