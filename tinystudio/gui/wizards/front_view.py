"""What the page with the front shows: figures to choose from, and why there are none yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tinystudio.core.measurement import Measurement
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.front import Limits
from tinystudio.session.marks import ProjectVariant


def _nothing(_number: int) -> Recipe:
    return Recipe()


def _none(_limits: Limits) -> int | None:
    return None


@dataclass(frozen=True)
class FrontView:
    """The predicted front. `recipe_of` and `best_of` answer by numbers of `figures`."""

    figures: tuple[Measurement, ...] = ()
    recipe_of: Callable[[int], Recipe] = _nothing
    best_of: Callable[[Limits], int | None] = _none
    variants: tuple[ProjectVariant, ...] = ()  # drawn beside it: original, baseline
    waiting: str = ""  # why there are no figures, or what is still to come
    fraction: float | None = None  # of the waiting that is over
    is_searchable: bool = False  # on this computer, within limits
