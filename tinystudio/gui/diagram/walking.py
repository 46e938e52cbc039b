"""Which box an arrow key leads to: along the lines, and from branch to branch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from tinystudio.jobs.inspection import Diagram

Step = Literal["up", "down", "left", "right", "first", "last"]


def next_box(diagram: Diagram, now: int | None, step: Step) -> int:
    """Return the box that a step leads to; the same one where there is no way on.

    Down goes to what reads the box, up to what it reads, of several the one most nearly in line;
    left and right go to the nearest box of another branch.
    """
    boxes = diagram.boxes
    order = sorted(range(len(boxes)), key=lambda at: (boxes[at].y, boxes[at].x))
    if now is None or step == "first":
        return order[0]
    here = boxes[now]
    match step:
        case "last":
            return order[-1]
        case "down":
            return _in_line(diagram, now, (x.end for x in diagram.lines if x.start == now))
        case "up":
            return _in_line(diagram, now, (x.start for x in diagram.lines if x.end == now))
    side = -1 if step == "left" else 1
    beside = [at for at in order if (boxes[at].x - here.x) * side > 0.4]
    return min(beside, key=lambda at: (abs(boxes[at].y - here.y), abs(boxes[at].x - here.x)),
               default=now)  # fmt: skip


def _in_line(diagram: Diagram, now: int, candidates: Iterable[int]) -> int:
    boxes = diagram.boxes

    def distance(at: int) -> tuple[float, float]:
        return abs(boxes[at].y - boxes[now].y), abs(boxes[at].x - boxes[now].x)

    return min(candidates, key=distance, default=now)
