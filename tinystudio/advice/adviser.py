"""What every adviser is: it looks at what was measured, and says one thing or nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from tinystudio.advice.facts import Facts
from tinystudio.jobs.recipe import Recipe


@dataclass(frozen=True)
class UseRecipe:
    """Go on with a recipe; `measures`: and have it measured at once. `words` are the button's."""

    words: str
    recipe: Recipe
    measures: bool = False


@dataclass(frozen=True)
class ReadData:
    """Measure on this data from now on: the same, read otherwise."""

    words: str
    data: str


@dataclass(frozen=True)
class Begin:
    """Begin an action of the window's menus; `instead` says what one does without a window."""

    words: str
    action: str
    instead: str


Action = UseRecipe | ReadData | Begin


@dataclass(frozen=True)
class Advice:
    """What could be better, what to do about it, and the figures that say so.

    `subject` tells apart what an adviser says about different things: once dismissed, the same is
    not said again.
    """

    about: str  # the adviser's id
    sentence: str
    reason: str
    action: Action
    network: str
    subject: str = ""

    @property
    def key(self) -> str:
        """Return the name under which it is dismissed."""
        return "|".join((self.about, self.network, self.subject))


class Adviser(ABC):
    """One thing to look at. A subclass's docstring says what; its file is all there is to it."""

    id: ClassVar[str]
    place: ClassVar[int]  # in the list: what makes other figures worthless comes first

    @abstractmethod
    def look(self, facts: Facts) -> Advice | None:
        """Return what to say, or None where the figures say nothing. Takes milliseconds."""
