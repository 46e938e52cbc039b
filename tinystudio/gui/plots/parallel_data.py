"""The axes of a parallel-coordinates plot: a recipe's parameters, then what came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.params import Kind, describe
from tinystudio.gui import wording
from tinystudio.gui.plots.measures import Measure, find_measure, values
from tinystudio.session.marks import ProjectVariant

RESULTS = ("size", "latency", "score")
Kinship = tuple[str, ...]  # the techniques of a recipe, in order


@dataclass(frozen=True)
class Axis:
    """One upright axis. `places` of the variants from 0 (bottom) to 1 (top), NaN where unknown.

    `ticks` are places with their words; `is_result`: it was measured, not chosen.
    """

    title: str
    places: Array
    ticks: tuple[tuple[float, str], ...]
    is_result: bool
    texts: tuple[str, ...]  # of every variant, for the table


def kinships(variants: Sequence[ProjectVariant]) -> tuple[tuple[Kinship, int], ...]:
    """Return which techniques the variants' recipes are of and how often, the most frequent first.

    Recipes of other techniques have other parameters: they cannot share axes.
    """
    found = Counter(kinship(item) for item in variants if not item.is_original)
    return tuple(found.most_common())


def kinship(item: ProjectVariant) -> Kinship:
    """Return the techniques of a variant's recipe."""
    return tuple(step.technique for step in item.variant.recipe.steps)


def axes_of(
    variants: Sequence[ProjectVariant], devices: Sequence[Measure] = ()
) -> tuple[Axis, ...]:
    """Return the axes for variants of the same techniques: what differs, then the results.

    Results on other `devices` stand beside those of this computer; the score is the last.
    """
    if not variants:
        return ()
    *costs, score = (measure for measure in map(find_measure, RESULTS) if measure is not None)
    measures = (*costs, *devices, score)
    results = [_result(variants, measure) for measure in measures]
    return (*_parameters(variants), *(axis for axis in results if axis is not None))


def _parameters(variants: Sequence[ProjectVariant]) -> list[Axis]:
    axes, steps = [], variants[0].variant.recipe.steps
    for at, step in enumerate(steps):
        for spec in describe(type(step.params)):
            given = [getattr(v.variant.recipe.steps[at].params, spec.name) for v in variants]
            if len({str(value) for value in given}) < 2:
                continue
            title = spec.title if len(steps) == 1 else f"{step.part.title}: {spec.title}"
            if spec.kind in (Kind.NUMBER, Kind.INTEGER):
                factor = 100.0 if spec.unit == "%" else 1.0
                shown = np.array([float(value) * factor for value in given])
                axes.append(_numbers(title, shown, spec.unit, is_result=False))
            else:
                titles = dict(spec.choices)
                axes.append(_words(title, [titles.get(str(v), str(v)) for v in given]))
    return axes


def _result(variants: Sequence[ProjectVariant], measure: Measure) -> Axis | None:
    shown = values(variants, measure)
    if not np.isfinite(shown).any():
        return None
    title = measure.title
    if measure.id == "score":
        title = wording.metric_title(variants[0].measurement.metric)
    unit = (
        wording.score_unit(variants[0].measurement).strip()
        if measure.id == "score"
        else measure.unit
    )
    return _numbers(title, shown, unit, is_result=True)


def _numbers(title: str, shown: Array, unit: str, is_result: bool) -> Axis:
    low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
    span = high - low
    places = (shown - low) / span if span else np.where(np.isfinite(shown), 0.5, np.nan)
    ends = ((0.0, low), (0.5, (low + high) / 2), (1.0, high)) if span else ((0.5, low),)
    behind = f" ({unit})" if unit else ""
    return Axis(
        f"{title}{behind}", places, tuple((at, _short(value)) for at, value in ends), is_result,
        tuple("" if np.isnan(value) else f"{value:.6g}" for value in shown),
    )  # fmt: skip


def _words(title: str, given: Sequence[str]) -> Axis:
    names = list(dict.fromkeys(sorted(given)))
    step = 1 / max(1, len(names) - 1)
    place = {name: at * step for at, name in enumerate(names)}
    places = np.array([place[name] for name in given])
    return Axis(title, places, tuple((at, name) for name, at in place.items()), False, tuple(given))


def _short(value: float) -> str:
    return (
        wording.count_text(value)
        if abs(value) >= 10_000
        else f"{value:.3g}".replace("-", wording.MINUS)
    )
