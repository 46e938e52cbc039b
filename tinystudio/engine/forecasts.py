"""What jobs will take, stretch by stretch of their progress, before they begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tinystudio.core.data import Dataset, Split
from tinystudio.engine.durations import PASS_OVERHEAD_S, SETUP_S, Durations
from tinystudio.engine.outlook import Stretch
from tinystudio.explorer.estimating import Estimate
from tinystudio.graph.facts import facts
from tinystudio.graph.network import Network
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.measure.measuring import TIMED, WEIGHED
from tinystudio.measure.repeating import REPEATS

MACS_A_SECOND = 2.5e10  # of one core that others use as well, small layers included
TIMING_S = 3.2  # of a variant against the original, with the start of the timer
ALONE = 0.87  # of that: timing the original, which is timed alone
SCORING_PASSES = 2.0  # of every sample, and what is made of the answers
WEIGHING_S = 0.1
TIMED_KIND, SCORED_KIND, MAKING = "timing", "scoring", "making "
TRAINING_S = 1.0  # of a training beside its passes: what is trained is prepared first


@dataclass(frozen=True)
class Building:
    """A stretch of building a layer database: up to where in its progress, and what it takes.

    `fixed` seconds whatever the network, and more `per_trying` for each second that trying the
    levels is forecast to take, `per_level`, and `per_million` numbers that the samples put out.
    """

    kind: str
    end: float
    fixed: float
    per_trying: float = 0.0
    per_level: float = 0.0
    per_million: float = 0.0
    is_timing: bool = False

    def seconds(self, needs: Estimate) -> float:
        """Return what it takes."""
        grown = self.per_trying * needs.trying_s + self.per_level * needs.levels
        return self.fixed + grown + self.per_million * needs.numbers / 1e6


# As seen on the gallery's networks.
BUILDING = (
    Building("preparing", 0.15, 0.1, 0.2),
    Building("levels", 0.5, 0.0, 0.95, 0.013, 2.0),
    Building("first front", 0.55, 0.05, 0.15, 0.004, 2.7),
    Building("INT8 levels", 0.65, 0.0, 0.2, 0.004, 1.6, is_timing=True),
    Building("layer times", 0.75, 1.2, 0.0, 0.05, is_timing=True),
    Building("timed front", 0.77, 1.5, 0.1, 0.018, 6.0, is_timing=True),
    Building("front times", 0.78, 0.48, is_timing=True),
    Building("checks", 0.96, 0.6, 0.42, 0.004, 6.5),
    Building("last front", 0.98, 1.5, 0.05, 0.019, 6.0),
    Building("last times", 0.99, 0.5, is_timing=True),
    Building("keeping", 1.0, 0.1, 0.0, 0.004, 6.5),
)
EVEN = ("levels", "INT8 levels", "checks")


def of_variants(
    recipes: Sequence[Recipe],
    network: Network,
    dataset: Dataset,
    split: Split,
    time: bool,
    making_share: float,
    durations: Durations,
) -> tuple[Stretch, ...]:
    """Return the stretches of making and measuring `recipes`, of equal shares of the progress.

    Of a share `making_share` is making, divided evenly among a recipe's steps. What an earlier
    recipe has made already is not made again.
    """
    plain = durations.plain_pass(network.fingerprint)
    if plain is None:
        plain = (facts(network).macs or 0) / MACS_A_SECOND
    scoring = WEIGHING_S + SCORING_PASSES * len(dataset.split(split)) * (plain + PASS_OVERHEAD_S)
    made, found = set[str](), list[Stretch]()
    for number, recipe in enumerate(recipes):
        at = (number + making_share) / len(recipes)
        count = max(1, len(recipe.steps))
        for done, step in enumerate(recipe.steps, 1):
            end = (number + making_share * done / count) / len(recipes)
            name = Recipe(steps=recipe.steps[:done]).fingerprint
            seconds = 0.0 if name in made else _making(step, dataset, plain, durations)
            made.add(name)
            found.append(Stretch(end, f"{MAKING}{step.technique}", seconds, is_even=True))
        measuring = (1 - making_share) / len(recipes)
        found.append(Stretch(at + measuring * WEIGHED, SCORED_KIND, scoring))
        timing = TIMING_S * (1.0 if recipe.steps else ALONE) if time else 0.0
        found.append(Stretch(at + measuring * TIMED, TIMED_KIND, timing))
        # A small difference is timed again, which nobody knows before it is seen.
        again = REPEATS * timing
        found.append(Stretch(at + measuring, "", 0.0, is_even=True, once_met=again))
    return tuple(found)


def _making(step: Step, dataset: Dataset, plain: float, durations: Durations) -> float:
    passes = step.part.passes(step.params, len(dataset.train), len(dataset.calibration))
    setup = SETUP_S + (TRAINING_S if step.part.trains else 0.0)
    return setup + passes * durations.seconds_per_pass(step.part, plain)


def of_building(needs: Estimate, time: bool, search_s: float, share: float) -> tuple[Stretch, ...]:
    """Return the stretches of building a layer database, and of searching for `search_s` after it.

    `needs` is what it was estimated at; where there is a search, building has `share` of the
    progress.
    """
    scale = share if search_s > 0 else 1.0
    stretches = [
        Stretch(
            part.end * scale,
            f"building:{part.kind}",
            0.0 if part.is_timing and not time else part.seconds(needs),
            is_even=part.kind in EVEN,
        )
        for part in BUILDING
    ]
    if search_s > 0:
        stretches.append(Stretch(1.0, "", search_s))
    return tuple(stretches)
