"""What the user has noted about a variant: kept, named, starred, tagged, annotated, deleted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pydantic import BaseModel, ConfigDict

from tinystudio.core.measurement import Measurement
from tinystudio.jobs.variant import Variant


class Mark(BaseModel):
    """The user's notes on one variant."""

    model_config = ConfigDict(frozen=True)

    kept: bool = False
    starred: bool = False
    deleted: bool = False
    name: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProjectVariant:
    """A variant as the project knows it: what was measured, and what the user noted.

    `test` are the figures on the test split, taken once, when the variant was kept. An outdated
    variant is of what stood in the network's file before: its figures are all stale.
    """

    variant: Variant
    mark: Mark
    measurement: Measurement
    test: Measurement | None = None
    is_outdated: bool = False
    reference: bool | None = None  # the baseline, where one was chosen

    @property
    def id(self) -> str:
        """Return the variant's id."""
        return self.variant.id

    @property
    def is_original(self) -> bool:
        """Say whether this is the network as it came."""
        return not self.variant.recipe.steps

    @property
    def is_reference(self) -> bool:
        """Say whether this is what the others are compared with: the baseline, or the original."""
        return self.is_original if self.reference is None else self.reference

    @property
    def is_stale(self) -> bool:
        """Say whether figures are of another file, computer or version: to be measured again."""
        figures = self.measurement
        return "stale" in (
            figures.score_status, figures.size_bytes_status, figures.latency_ms_status,
        )  # fmt: skip

    @property
    def has_test(self) -> bool:
        """Say whether there are figures on the test split that still hold."""
        return self.test is not None and self.test.score_status != "stale"

    @cached_property
    def title(self) -> str:
        """Return the name the user gave, or the recipe in a few words."""
        return self.mark.name or self.variant.recipe.title
