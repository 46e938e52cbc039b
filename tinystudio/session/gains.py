"""What a technique gains over its control: in pairs, repeated, with an interval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from tinystudio.core.errors import UserError
from tinystudio.core.intervals import student_t
from tinystudio.core.measurement import Interval, Measurement
from tinystudio.jobs.recipe import Recipe
from tinystudio.metrics import find_metric
from tinystudio.session.controls import control_of, is_control
from tinystudio.session.marks import ProjectVariant

REPEAT = "repeat"  # the parameter in which the trainings of one recipe differ
MOST_REPEATS = 100


@dataclass(frozen=True)
class Gain:
    """How much better recipes scored than their controls, pair by pair.

    `mean` and `interval` (90 %, Student's t over the pairs) are in the metric's unit, above zero
    where the technique is better; one pair has no interval. `control` says what it is.
    """

    metric: str
    control: str
    mean: float
    interval: Interval | None
    pairs: int

    @property
    def amount(self) -> str:
        """Return the mean with its sign and unit."""
        return self._amount(self.mean)

    @property
    def sentence(self) -> str:
        """Return in words what was gained, or that no gain is to be seen."""
        if self.interval is None:
            said = self._amount(self.mean)
            return f"{said} over {self.control}, in one pair: repeat it to see whether it holds"
        low, high = (self._number(end) for end in self.interval)
        told = f"90 % interval {low} … {high}, {self.pairs} pairs"
        if self.interval[0] > 0:
            return f"gains {self._amount(self.mean)} over {self.control} ({told})"
        if self.interval[1] < 0:
            return f"loses {self._amount(-self.mean)} against {self.control} ({told})"
        return f"no gain over {self.control} is to be seen: {self._amount(self.mean)} ({told})"

    def _amount(self, value: float) -> str:
        unit = find_metric(self.metric).unit
        return f"{self._number(value)} {'points' if unit == '%' else unit}".strip()

    def _number(self, value: float) -> str:
        is_share = find_metric(self.metric).unit == "%"
        text = f"{value * 100:+.2f}" if is_share else f"{value:+.3g}"
        return text.replace("-", "−")


def gain_of(item: ProjectVariant, items: Iterable[ProjectVariant]) -> Gain | None:
    """Return what the variant's recipe gains over its control, from all repeats of both.

    `item` may be the technique's or the control's. None where there is no pair of them.
    """
    mine = item.variant
    if _control(mine.recipe) is None and not is_control(mine.series):
        return None
    scored = {
        other.variant.recipe.fingerprint: other for other in items if _is_comparable(other, item)
    }
    found = {key: other.measurement for key, other in scored.items()}
    for recipe in _judged(item, scored.values()):
        pairs = [
            (found[repeated.fingerprint], found[control.fingerprint])
            for repeated in _repeats(recipe)
            if repeated.fingerprint in found
            and (control := _control(repeated)) is not None
            and control.fingerprint in found
        ]
        if pairs:
            return _gain(pairs, _control_words(recipe))
    return None


def gains_among(items: Iterable[ProjectVariant]) -> Iterator[tuple[str, Gain]]:
    """Yield every recipe that has pairs, by the title of its first repeat, with its gain."""
    items = tuple(items)
    seen: set[str] = set()
    for item in items:
        first = _repeated(item.variant.recipe, 0)
        if first.fingerprint in seen or _control(first) is None:
            continue
        seen.add(first.fingerprint)
        if (gain := gain_of(item, items)) is not None:
            yield first.title, gain


def _judged(item: ProjectVariant, items: Iterable[ProjectVariant]) -> Iterator[Recipe]:
    """Yield the recipe, or, where it is a control itself, those that it is the control of."""
    mine = item.variant.recipe
    if _control(mine) is not None:
        yield mine
    else:
        recipes = (other.variant.recipe for other in items)
        yield from (recipe for recipe in recipes if _control(recipe) == mine)


def _techniques(recipe: Recipe) -> tuple[str, ...]:
    return tuple(step.technique for step in recipe.steps)


def _repeats(recipe: Recipe) -> Iterator[Recipe]:
    can_repeat = _repeated(recipe, 0) != _repeated(recipe, 1)
    for count in range(MOST_REPEATS if can_repeat else 1):
        yield _repeated(recipe, count)


def _repeated(recipe: Recipe, count: int) -> Recipe:
    """Return the recipe as that repeat of itself; as it is where nothing in it can be repeated."""
    return Recipe(
        steps=tuple(
            step.replace(**{REPEAT: count}) if REPEAT in type(step.params).model_fields else step
            for step in recipe.steps
        )
    )


def _is_comparable(other: ProjectVariant, item: ProjectVariant) -> bool:
    mine, its = item.variant, other.variant
    same = (mine.network, mine.data, mine.seed) == (its.network, its.data, its.seed)
    same = same and _techniques(mine.recipe) == _techniques(its.recipe)
    is_whole = other.measurement.score is not None and not other.is_outdated
    return same and is_whole and other.measurement.metric == item.measurement.metric


def _control(recipe: Recipe) -> Recipe | None:
    try:
        return control_of(recipe)
    except UserError:
        return None


def _control_words(recipe: Recipe) -> str:
    words = [step.part.control.title for step in recipe.steps if step.part.control is not None]
    return f"its {' and '.join(dict.fromkeys(words))} control"


def _gain(pairs: list[tuple[Measurement, Measurement]], control: str) -> Gain:
    metric = pairs[0][0].metric
    sign = 1 if find_metric(metric).higher_is_better else -1
    gained = sign * np.array([_score(mine) - _score(its) for mine, its in pairs])
    mean, interval = float(gained.mean()), None
    if len(gained) > 1:
        half = student_t(len(gained) - 1) * float(gained.std(ddof=1)) / len(gained) ** 0.5
        interval = (mean - half, mean + half)
    return Gain(metric, control, mean, interval, len(gained))


def _score(figures: Measurement) -> float:
    assert figures.score is not None  # only those that have one are compared
    return figures.score
