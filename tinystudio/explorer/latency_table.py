"""How long a network of the space takes, added up from a table of single layers.

A segment is a layer with what follows it (`graph.segments`). Its time depends on the channels it
reads and makes and on whether it computes in float or in INT8 (weights alone in fewer bits run as
float: onnxruntime unpacks them when it loads the file). Where one segment hands over to others
there is a joint: what running them together costs beyond the sum of each alone. It is negative
where memory layouts need not be changed, positive where values are quantized or dequantized, and
paid once however many layers read the tensor. Times of whole networks then tell an overhead and a
slope: time = overhead + slope x sum.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from pydantic import BaseModel, ConfigDict, PrivateAttr

from tinystudio.core.data import Array
from tinystudio.core.measurement import Interval
from tinystudio.explorer.latency_lookup import Lookup
from tinystudio.explorer.space import Choice, Space

Cells = tuple[tuple[tuple[float, float], ...], ...]


class LatencyConditions(BaseModel):
    """What a table is true for: the key of its cache."""

    model_config = ConfigDict(frozen=True)

    cpu: str
    instruction_sets: tuple[str, ...]
    onnxruntime: str
    threads: int


class SideTimes(BaseModel):
    """Microseconds that a group's levels add to a segment whose layer does not read it.

    Something joined behind the layer does. `us[level]` = (float, INT8), zero for the whole group.
    """

    model_config = ConfigDict(frozen=True)

    group: str
    us: tuple[tuple[float, float], ...]


class SegmentTimes(BaseModel):
    """Microseconds of one segment, `us[read level][made level]` = (float, INT8).

    An axis follows the levels of the group named in `reads` or `makes` and has length 1 where
    there is none. Where `reads` names several groups, axis 0 stands for their channels together,
    counted in `channels` (falling), and is interpolated. Where a layer reads and makes the same
    group, `reads` is empty. Without `int8` both times are equal: the layer stays in float.
    """

    model_config = ConfigDict(frozen=True)

    node: str
    reads: tuple[str, ...]
    makes: str | None
    channels: tuple[int, ...] = ()
    int8: bool
    us: Cells
    sides: tuple[SideTimes, ...] = ()


class JointTimes(BaseModel):
    """Microseconds by which running segments together differs from the sum of each alone.

    `us[level][kind of the producer][readers]`, kinds being 0 float, 1 INT8; `level` is that of
    `group`; `readers` has bit i set where `consumers[i]` is INT8. Consumers that must stay float
    are not named: what they cost is in every figure.
    """

    model_config = ConfigDict(frozen=True)

    producer: str
    consumers: tuple[str, ...]
    group: str | None
    us: tuple[tuple[tuple[float, ...], ...], ...]


class LatencyTable(BaseModel):
    """Predicts the latency of every choice of the space it was measured for."""

    model_config = ConfigDict(frozen=True)

    conditions: LatencyConditions
    segments: tuple[SegmentTimes, ...]
    joints: tuple[JointTimes, ...]
    overhead_us: float
    slope: float
    error: float  # half the 90 % interval of an unseen network, as a share of its time
    build_s: float = 0.0

    _lookup: tuple[Space, Lookup] | None = PrivateAttr(default=None)

    def predict(self, space: Space, choice: Choice) -> tuple[float, Interval]:
        """Return the latency in milliseconds with its 90 % interval."""
        latency_ms = float(self.predict_many(space, np.asarray(choice)[None])[0])
        return latency_ms, (latency_ms * (1 - self.error), latency_ms * (1 + self.error))

    def predict_many(self, space: Space, choices: Array) -> Array:
        """Return milliseconds (n,) of choices (n, axes)."""
        return self._looked_up(space).sums_us(choices) * (self.slope / 1e3) + self.overhead_us / 1e3

    def parts(self, space: Space, choices: Array) -> tuple[Array, Array, Array, Array]:
        """Return what forecasts of choices (n, axes) are made of: see `Lookup.parts`."""
        return self._looked_up(space).parts(choices)

    def layer_us(self, node: str) -> Array:
        """Return a layer's own times (read levels or 1, made levels or 1, 2), overhead left out.

        Which groups the axes follow, and what is joined behind the layer: see `segment`.
        """
        return np.array(self.segment(node).us) * self.slope

    def joint_us(self, producer: str) -> Array:
        """Return what follows from a layer's kind and its readers', as `JointTimes.us`.

        A single zero where the layer's result leaves the network.
        """
        found = self._joints.get(producer)
        return np.zeros((1, 2, 1)) if found is None else np.array(found.us) * self.slope

    def segment(self, node: str) -> SegmentTimes:
        """Return the segment of a layer; raises KeyError."""
        return self._segments[node]

    def joint(self, producer: str) -> JointTimes | None:
        """Return the joint behind a layer, if there is one."""
        return self._joints.get(producer)

    def _looked_up(self, space: Space) -> Lookup:
        if self._lookup is None or self._lookup[0] is not space:
            self._lookup = (space, Lookup(self.segments, self.joints, space))
        return self._lookup[1]

    @cached_property
    def _segments(self) -> dict[str, SegmentTimes]:
        return {item.node: item for item in self.segments}

    @cached_property
    def _joints(self) -> dict[str, JointTimes]:
        return {item.producer: item for item in self.joints}
