"""Draws points over two axes as SVG: cost to the right on a logarithmic axis, score upwards."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from tinystudio.reports.axes import linear_ticks, log_ticks
from tinystudio.session.controls import is_control

WIDTH, HEIGHT = 380, 280
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 12, 48
LETTERS = 13  # as large as the page's own, between a screen's and a sheet's
SIZE = 4.5  # half of a mark's width
ROOM = 0.06  # of the range, left free around the points
MOST_POINTS = 3000  # of the rest; the front and what is chosen are always drawn
FONT = "font-family='system-ui, Segoe UI, Helvetica, Arial, sans-serif'"
INK, MUTED, GRID, FRONT, LIMIT = "#1a1f27", "#5d6875", "#e3e8ee", "#8b95a1", "#b23a22"
# Okabe and Ito's colours, which those who do not see red and green tell apart; shapes tell as well.
LOOKS = (
    ("#0072b2", "circle"), ("#e69f00", "square"), ("#009e73", "triangle"), ("#cc79a7", "cross"),
    ("#56b4e9", "diamond"), ("#d55e00", "plus"), ("#6f6a00", "down"),
)  # fmt: skip
ORIGINAL, CONTROL, IMPORTED = (INK, "circle"), ("#cc79a7", "cross"), ("#d55e00", "ring")


@dataclass(frozen=True)
class Mark:
    """One point; `bar` is the score's interval, drawn where it is given."""

    title: str
    series: str
    cost: float
    score: float
    bar: tuple[float, float] | None = None
    on_front: bool = False
    is_chosen: bool = False


@dataclass(frozen=True)
class Chart:
    """What is drawn; `cost_text` and `score_text` write the axes' numbers."""

    title: str
    cost_title: str
    score_title: str
    marks: tuple[Mark, ...]
    cost_text: Callable[[float], str]
    score_text: Callable[[float], str]
    limit: float | None = None
    lower_is_better: bool = False


def looks_of(series: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return colour and shape of every series."""
    found, free = {}, iter(LOOKS * (1 + len(series) // len(LOOKS)))
    for name in dict.fromkeys(series):
        if name == "original":
            found[name] = ORIGINAL
        elif is_control(name):
            found[name] = CONTROL
        elif name.startswith("measured on "):
            found[name] = IMPORTED
        else:
            found[name] = next(look for look in free if look != CONTROL)
    return found


def svg(chart: Chart, looks: dict[str, tuple[str, str]]) -> str:
    """Return the picture; there must be at least one mark."""
    place = _Place.around(chart)
    drawn = _thinned(chart.marks)
    front = sorted((mark for mark in drawn if mark.on_front), key=lambda mark: mark.cost)
    label = f"{chart.title}: {len(chart.marks)} points, {len(front)} of them on the front"
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' width='{WIDTH}' "
        f"height='{HEIGHT}' role='img' aria-label='{escape(label, quote=True)}'>",
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='#ffffff'/>",
        *_axes(chart, place),
        *_limit(chart, place),
        _line(front, place),
        *(_bar(mark, place) for mark in front if mark.bar is not None),
        *(_drawn(mark, looks[mark.series], place) for mark in drawn),
        *(_ring(mark, place) for mark in drawn if mark.is_chosen),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


@dataclass(frozen=True)
class _Place:
    """From costs and scores to the picture's own units."""

    costs: tuple[float, float]
    scores: tuple[float, float]

    @classmethod
    def around(cls, chart: Chart) -> _Place:
        costs = [mark.cost for mark in chart.marks] + ([chart.limit] if chart.limit else [])
        ends = [value for mark in chart.marks if mark.on_front for value in mark.bar or ()]
        scores = [mark.score for mark in chart.marks] + ends
        factor = max(max(costs) / min(costs), 1.2) ** ROOM
        room = max((max(scores) - min(scores)) * ROOM, 1e-6 * max(1.0, abs(max(scores))))
        return cls(
            (min(costs) / factor, max(costs) * factor), (min(scores) - room, max(scores) + room)
        )

    def x(self, cost: float) -> float:
        low, high = (math.log(value) for value in self.costs)
        return LEFT + (math.log(cost) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(self, score: float) -> float:
        low, high = self.scores
        return HEIGHT - BOTTOM - (score - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def _thinned(marks: tuple[Mark, ...]) -> list[Mark]:
    """Return marks, the important ones last and so on top; of very many others every n-th."""
    rest = [mark for mark in marks if not (mark.on_front or mark.is_chosen)]
    every = 1 + len(rest) // MOST_POINTS
    return [*rest[::every], *(mark for mark in marks if mark.on_front or mark.is_chosen)]


def _axes(chart: Chart, place: _Place) -> list[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = []
    for tick in log_ticks(*place.costs):
        x = place.x(tick)
        parts += [
            f"<line x1='{x:.1f}' y1='{TOP}' x2='{x:.1f}' y2='{bottom}' stroke='{GRID}'/>",
            _text(x, bottom + 18, chart.cost_text(tick), "middle", MUTED),
        ]
    for tick in linear_ticks(*place.scores):
        y = place.y(tick)
        parts += [
            f"<line x1='{LEFT}' y1='{y:.1f}' x2='{right}' y2='{y:.1f}' stroke='{GRID}'/>",
            _text(LEFT - 6, y + 4, chart.score_text(tick), "end", MUTED),
        ]
    middle = (TOP + bottom) / 2
    better = ", lower is better" if chart.lower_is_better else ""
    return [
        *parts,
        f"<path d='M{LEFT} {TOP}V{bottom}H{right}' fill='none' stroke='{MUTED}'/>",
        _text((LEFT + right) / 2, HEIGHT - 8, chart.cost_title, "middle", INK),
        f"<g transform='rotate(-90 14 {middle:.0f})'>"
        f"{_text(14, middle, chart.score_title + better, 'middle', INK)}</g>",
    ]


def _limit(chart: Chart, place: _Place) -> list[str]:
    if not chart.limit:
        return []
    x, bottom, right = place.x(chart.limit), HEIGHT - BOTTOM, WIDTH - RIGHT
    return [
        f"<rect x='{x:.1f}' y='{TOP}' width='{right - x:.1f}' height='{bottom - TOP}' "
        "fill='#eef1f5' fill-opacity='0.8'/>",
        f"<line x1='{x:.1f}' y1='{TOP}' x2='{x:.1f}' y2='{bottom}' stroke='{LIMIT}' "
        "stroke-width='1.5' stroke-dasharray='5 3'/>",
        _text(x - 4, TOP + 11, "limit", "end", LIMIT),
    ]


def _line(front: list[Mark], place: _Place) -> str:
    if len(front) < 2:
        return ""
    points = " ".join(f"{place.x(mark.cost):.1f},{place.y(mark.score):.1f}" for mark in front)
    return f"<polyline points='{points}' fill='none' stroke='{FRONT}' stroke-width='1.5'/>"


def _bar(mark: Mark, place: _Place) -> str:
    assert mark.bar is not None  # the caller has looked
    x, low, high = place.x(mark.cost), place.y(mark.bar[0]), place.y(mark.bar[1])
    return (
        f"<path d='M{x:.1f} {low:.1f}V{high:.1f}M{x - 3:.1f} {low:.1f}h6M{x - 3:.1f} {high:.1f}h6' "
        f"stroke='{FRONT}' fill='none'/>"
    )


def _drawn(mark: Mark, look: tuple[str, str], place: _Place) -> str:
    colour, shape = look
    return symbol(shape, colour, place.x(mark.cost), place.y(mark.score), mark.title)


def symbol(shape: str, colour: str, x: float, y: float, title: str = "") -> str:
    """Return one mark, with a title that shows under the pointer."""
    s, told = SIZE, f"<title>{escape(title)}</title>" if title else ""
    if shape in ("circle", "ring"):
        fill = colour if shape == "circle" else "#ffffff"
        return (
            f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{s}' fill='{fill}' stroke='{colour}' "
            f"stroke-width='1.5'>{told}</circle>"
        )
    if shape in ("cross", "plus"):
        d = (
            f"M{-s} {-s}L{s} {s}M{-s} {s}L{s} {-s}"
            if shape == "cross"
            else f"M0 {-s}V{s}M{-s} 0H{s}"
        )
        look = f"fill='none' stroke='{colour}' stroke-width='2'"
    else:
        d = {
            "square": f"M{-s} {-s}H{s}V{s}H{-s}Z",
            "triangle": f"M0 {-s}L{s} {s}H{-s}Z",
            "down": f"M0 {s}L{s} {-s}H{-s}Z",
            "diamond": f"M0 {-s * 1.2}L{s * 1.2} 0L0 {s * 1.2}L{-s * 1.2} 0Z",
        }[shape]
        look = f"fill='{colour}' stroke='#ffffff' stroke-width='0.5'"
    return f"<path transform='translate({x:.1f} {y:.1f})' d='{d}' {look}>{told}</path>"


def _ring(mark: Mark, place: _Place) -> str:
    x, y = place.x(mark.cost), place.y(mark.score)
    return (
        f"<circle cx='{x:.1f}' cy='{y:.1f}' r='{2.2 * SIZE:.1f}' fill='none' stroke='{INK}' "
        "stroke-width='1.5'/>"
    )


def _text(x: float, y: float, text: str, anchor: str, colour: str) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{anchor}' font-size='{LETTERS}' {FONT} "
        f"fill='{colour}'>{escape(text)}</text>"
    )
