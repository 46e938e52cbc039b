"""Points that were measured on other devices and imported: series of their own in the plots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tinystudio.core.measurement import Measurement
from tinystudio.gui.plots.points import CostAxis, Point, point_of
from tinystudio.session.device_points import DevicePoint
from tinystudio.session.marks import ProjectVariant

PREFIX = "device:"  # of a point's id; the variant's id stands behind it, after the device


def imported_points(
    points: Iterable[DevicePoint], variants: Sequence[ProjectVariant], cost: CostAxis
) -> tuple[Point, ...]:
    """Return the points of one plot; the score is that of the variant, measured here."""
    by_id = {item.id: item for item in variants}
    made = (_point(point, by_id[point.variant], cost) for point in points if point.variant in by_id)
    return tuple(point for point in made if point is not None)


def _point(imported: DevicePoint, item: ProjectVariant, cost: CostAxis) -> Point | None:
    title, series = f"{item.title}, {imported.words}", imported.words
    return point_of(
        f"{PREFIX}{imported.device}:{item.id}", title, series, _figures(imported, item), cost
    )


def _figures(imported: DevicePoint, item: ProjectVariant) -> Measurement:
    here = item.measurement
    size = None if imported.size_bytes is None else round(imported.size_bytes)
    energy = imported.energy_mj
    return Measurement(
        metric=here.metric, higher_is_better=here.higher_is_better, split=here.split,
        samples=here.samples, score=here.score, score_interval=here.score_interval,
        score_status=here.score_status,
        latency_ms=imported.latency_ms, latency_ms_status="measured",
        size_bytes=size, size_bytes_status="unavailable" if size is None else "measured",
        energy_mj=energy, energy_mj_status="unavailable" if energy is None else "measured",
        warnings=(imported.words,),
    )  # fmt: skip


def variant_of(id: str) -> str:
    """Return the variant that a point stands for; ids of others are variants themselves."""
    return id.rsplit(":", 1)[-1] if id.startswith(PREFIX) else id
