"""At which level each layer is: its group's channels and its precision, for the layer table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tinystudio.core.data import Array
from tinystudio.explorer.database import Database, FrontPoint
from tinystudio.explorer.hardware_step import HardwareStep
from tinystudio.explorer.space import Choice, GroupAxis, LayerAxis, Space
from tinystudio.solvers.precision import Precision

FLAT = 1.25  # times the shortest time: below, what else is worked on hides the channels
ALONE = (
    "Timed on this computer: each point is a network of one layer with the kernel of this one, in a"
    " call of its own. The call itself is in it, so that it may take longer than the whole model."
)
SHORT: dict[Precision, str] = {
    "float": "float", "w8": "8 bits", "w4": "4 bits", "w3": "3 bits", "w8a8": "INT8",
}  # fmt: skip


@dataclass(frozen=True)
class LayerLevel:
    """One layer's place in the space. `group` is that of the channels it makes, where they can go.

    `group_at` and `layer_at` are the axes of a choice.
    """

    layer: LayerAxis
    layer_at: int
    precision: int
    group: GroupAxis | None = None
    group_at: int = -1
    level: int = 0

    @property
    def is_full(self) -> bool:
        """Say whether the layer is as it came."""
        return self.level == 0 and self.precision == 0

    @property
    def kept(self) -> int:
        """Return how many channels it makes; 0 where they are fixed."""
        return 0 if self.group is None else self.group.levels[self.level]

    @property
    def moved_axis(self) -> int:
        """Return the axis that its curves follow: the channels, else the precision."""
        return self.layer_at if self.group is None else self.group_at

    def moves(self, choice: Choice) -> list[Choice]:
        """Return the choices in which this layer alone moves, from all channels to fewest."""
        count = len(self.layer.precisions if self.group is None else self.group.levels)
        return [moved(choice, {self.moved_axis: level}) for level in range(count)]


@dataclass(frozen=True)
class Curve:
    """Predicted figures at every level of one axis; `places` grow to the right, 0 to 1."""

    places: tuple[float, ...]
    scores: tuple[float, ...]
    times: tuple[float, ...]  # empty while nothing is timed


@dataclass(frozen=True)
class Stairs:
    """Microseconds of a layer against its channels, ascending.

    `heading` says of what, `note` how it was timed; `now` is the current count, None where there
    is none; `step` how many channels the processor takes at once, 0 where that was not measured.
    """

    heading: str
    axis: str
    channels: tuple[int, ...]
    us: tuple[float, ...]
    now: int | None
    step: int = 0
    note: str = ""


def layer_levels(space: Space, choice: Choice) -> dict[str, LayerLevel]:
    """Return every layer of the space by its name."""
    found = {}
    for at, layer in enumerate(space.layers, len(space.groups)):
        group_at = space.group_index.get(layer.makes or "", -1)
        found[layer.node] = LayerLevel(
            layer=layer, layer_at=at, precision=int(choice[at]),
            group=space.groups[group_at] if group_at >= 0 else None,
            group_at=group_at, level=int(choice[group_at]) if group_at >= 0 else 0,
        )  # fmt: skip
    return found


def moved(choice: Choice, levels: dict[int, int]) -> Choice:
    """Return a choice with some axes at other levels."""
    found = choice.copy()
    for axis, level in levels.items():
        found[axis] = level
    return found


def curve_of(row: LayerLevel, points: Sequence[FrontPoint]) -> Curve:
    """Return the curve through the points of a layer's moves; fewest channels are on the left."""
    if row.group is None:
        places = [1 - at / max(1, len(points) - 1) for at in range(len(points))]
    else:
        low, high = row.group.levels[-1], row.group.levels[0]
        places = [(count - low) / max(1, high - low) for count in row.group.levels]
    times = [point.latency_ms for point in points if point.latency_ms is not None]
    backwards = slice(None, None, -1)
    return Curve(
        tuple(places[backwards]),
        tuple(point.score for point in points)[backwards],
        tuple(times[backwards]) if len(times) == len(points) else (),
    )


def stairs_of(database: Database, choice: Choice, node: str) -> Stairs | None:
    """Return a layer's time against the channels it makes, or reads where those are fixed.

    All else is as in `choice`. For what cannot move, this computer's own staircase; None where
    nothing is timed.
    """
    space, table = database.space, database.latency
    row = layer_levels(space, choice).get(node)
    if row is None or table is None:
        return _of_computer(database)
    segment, us = table.segment(node), table.layer_us(node)
    is_int8 = segment.int8 and row.layer.precisions[row.precision] == "w8a8"
    read, made = _place(space, choice, segment.reads, us.shape[0]), 0
    if segment.makes:
        made = int(choice[space.group_index[segment.makes]])
    heading = f"{node}: time in {'INT8' if is_int8 else 'float'}"
    step = 0 if database.staircase is None else database.staircase.step
    if us.shape[1] > 1 and segment.makes:
        found = _stairs(space, segment.makes, us[read, :, int(is_int8)], made, "makes")
    elif us.shape[0] > 1 and len(segment.reads) == 1:
        found = _stairs(space, segment.reads[0], us[:, made, int(is_int8)], read, "reads")
    else:
        return _of_computer(database)
    return replace(found, heading=heading, step=step)


def _of_computer(database: Database) -> Stairs | None:
    found = database.staircase
    if found is None:
        return None
    return Stairs(
        _heading_of_computer(found), "channels it makes", found.counts, found.us, None, found.step,
        ALONE,
    )  # fmt: skip


def _heading_of_computer(found: HardwareStep) -> str:
    """Return what this computer's staircase shows, which may be that there is none."""
    call = f"One {found.op} like “{found.layer}”, called alone:"
    if max(found.us) < FLAT * min(found.us):
        return f"{call} about as long with any channel count"
    if found.step > 1:
        return f"{call} longer in steps of {found.step} channels"
    return f"{call} longer with more channels, without steps"


def _stairs(space: Space, group: str, us: Array, level: int, verb: str) -> Stairs:
    levels = space.groups[space.group_index[group]].levels
    return Stairs(
        heading="", axis=f"channels it {verb}", channels=tuple(reversed(levels)),
        us=tuple(float(value) for value in us[::-1]), now=levels[level],
    )  # fmt: skip


def _place(space: Space, choice: Choice, reads: Sequence[str], count: int) -> int:
    """Return the row of a table for what a layer reads; of several groups the middle."""
    if len(reads) == 1:
        return int(choice[space.group_index[reads[0]]])
    return 0 if count <= 1 else count // 2
