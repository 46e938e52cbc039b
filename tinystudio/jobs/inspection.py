"""What is known about a network before anything is done to it. The keys are a contract."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from tinystudio.core.data_card import DataCard

PreflightStatus = Literal["can", "partly", "cannot"]


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True)


class PortInfo(_Plain):
    """An input or output; a size that is open is a name or None."""

    name: str
    dtype: str
    shape: tuple[int | str | None, ...]
    layout: str = ""  # how pictures lie in an input, where the graph tells; empty in older projects


class LayerInfo(_Plain):
    """One node, with its figures per sample (batch 1)."""

    name: str
    op: str
    output_shape: tuple[int | str | None, ...]
    parameters: int
    weight_bytes: int
    macs: int | None  # None where it cannot be known
    activation_bytes: int | None
    group: str | None  # the coupled group its output channels belong to
    precision: str = ""  # of its largest weight as stored, e.g. "float32"; empty without weights


MOST_BOXES = 5_000  # of a diagram; above this it is a texture, and takes seconds to lay out


OUTSIDE = -1  # where a line begins that leads into a fold
Fold = Literal["chain", "block", "repeat"]


class Box(_Plain):
    """One box of the diagram: layers, or an input or output of the model (`port`).

    `x` counts columns from the left, `y` rows from the top; both are of its middle. What holds
    several is a fold: `inside` is drawn in its place where it is unfolded. A repeat holds `times`
    the same.
    """

    layers: tuple[str, ...]
    port: str = ""
    x: float
    y: float
    fold: Fold | None = None
    times: int = 1
    inside: Diagram | None = None

    @property
    def key(self) -> str:
        """Return the name of a fold, which no other fold of the diagram has."""
        return f"{self.layers[0]}#{len(self.layers)}" if self.layers else ""


class Line(_Plain):
    """What goes from one box (its number) to another, and where it bends on its way.

    Inside of a fold, one from `OUTSIDE` is the way that lines take from the fold's edge to a box.
    `joins`: where one of them is a fold, from which layer to which it goes ("": from or to a port).
    """

    start: int
    end: int
    bends: tuple[tuple[float, float], ...] = ()
    joins: tuple[tuple[str, str], ...] = ()


class Diagram(_Plain):
    """The graph laid out to be looked at."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


class GroupInfo(_Plain):
    """Channels that can only go together."""

    id: str
    title: str
    channels: int
    layers: tuple[str, ...]
    removable: bool
    reason: str  # why not, where it is not removable


class PreflightInfo(_Plain):
    """What one technique can do with this network, and why not the rest."""

    technique: str
    title: str
    status: PreflightStatus
    reason: str
    remedy: str = ""
    seconds: float | None = None  # about, with its defaults; None where it cannot be told
    seconds_per_pass: float | None = None  # of one of its `Technique.passes`


def about_seconds(seconds: float) -> str:
    """Return a forecast duration as roughly as it is known: "about 3 s", "about 2 min"."""
    if seconds < 1:
        return "under a second"
    for limit, size, unit in ((60, 1, "s"), (3600, 60, "min")):
        if seconds < limit * 0.95:
            return f"about {_roughly(seconds / size)} {unit}"
    return f"about {_roughly(seconds / 3600)} h"


def _roughly(value: float) -> str:
    """Return a number to one digit below ten, else to the next five."""
    return f"{max(1, round(value))}" if value < 10 else f"{5 * round(value / 5)}"


class DataInfo(_Plain):
    """What is known about the data."""

    name: str
    metric: str
    classes: tuple[str, ...]
    train: int
    calibration: int
    validation: int
    test: int
    card: DataCard | None = None  # none in projects from before there were cards
    fingerprint: str = ""  # of what is fed, in which split and order; empty in older projects


class Inspection(_Plain):
    """Facts, layers, groups, pre-flight of one network."""

    title: str
    parameters: int
    macs: int | None
    weight_bytes: int
    size_bytes: int
    peak_activation_bytes: int | None
    opset: int
    producer: str
    inputs: tuple[PortInfo, ...]
    outputs: tuple[PortInfo, ...]
    layers: tuple[LayerInfo, ...]
    groups: tuple[GroupInfo, ...]
    preflight: tuple[PreflightInfo, ...]
    data: DataInfo | None = None
    classes: tuple[str, ...] = ()  # as the model's file names them, in the order of its outputs
    fingerprint: str = ""  # of the network as it was opened; empty in older projects
    warnings: tuple[str, ...] = ()
    diagram: Diagram | None = None  # none where it would be too large, or in older projects
