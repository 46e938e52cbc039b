"""What was measured on other devices, as axes of plots: "latency on Pi 4 (ms)"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from tinystudio.gui.plots.measures import Measure
from tinystudio.session.device_points import DevicePoint
from tinystudio.session.marks import ProjectVariant

PREFIX = "device"  # of a measure's id: device, figure, and the device's name behind
# What a point can tell: its field, the words, the unit, what one of it is in the field's unit.
FIGURES: Mapping[str, tuple[str, str, float]] = {
    "latency_ms": ("latency", "ms", 1.0),
    "size_bytes": ("size", "kB", 1000.0),
    "energy_mj": ("energy", "mJ", 1.0),
}
NOTE = "What was measured on a device was imported; no verdict is drawn from it. "
WHY_EMPTY = (
    "Nothing that was measured on {device} is known of these variants: “{title}” has no figures."
    "\n\nImport them (Measure, Import figures from a device), or choose another axis."
)


def device_measures(points: Iterable[DevicePoint]) -> tuple[Measure, ...]:
    """Return a measure for every figure of every device, with a value where one was imported."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for point in points:
        for figure in FIGURES:
            value: float | None = getattr(point, figure)
            if value is not None:
                found.setdefault((point.device, figure), {})[point.variant] = value
    ordered = sorted(found, key=lambda key: (key[0].lower(), list(FIGURES).index(key[1])))
    return tuple(_measure(device, figure, found[device, figure]) for device, figure in ordered)


def gone_measure(id: str) -> Measure | None:
    """Return the measure of a device that nothing is known of any more; None for other ids.

    A plot that was looked at by it says so, and does not show another axis in its place.
    """
    prefix, _, rest = id.partition(":")
    figure, _, device = rest.partition(":")
    if prefix != PREFIX or figure not in FIGURES or not device:
        return None
    return _measure(device, figure, {})


def device_of(measure: Measure) -> str:
    """Return the device that a measure is of; nothing for what is measured here."""
    prefix, _, rest = measure.id.partition(":")
    return rest.partition(":")[2] if prefix == PREFIX else ""


def _measure(device: str, figure: str, known: Mapping[str, float]) -> Measure:
    words, unit, per_unit = FIGURES[figure]
    return Measure(
        f"{PREFIX}:{figure}:{device}", f"{words} on {device}", unit,
        partial(_value, {variant: value / per_unit for variant, value in known.items()}),
        log=True, tip=f"measured on {device}, imported",
    )  # fmt: skip


def _value(known: Mapping[str, float], item: ProjectVariant) -> float | None:
    return known.get(item.id)
