"""What advice is given from: what a session knows of the open network, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tinystudio.core.measurement import Measurement
from tinystudio.explorer.database import Database
from tinystudio.jobs.events import Warned
from tinystudio.jobs.inspection import DataInfo, Inspection
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.board import Board
from tinystudio.session.controls import is_control
from tinystudio.session.marks import ProjectVariant


@dataclass(frozen=True)
class Facts:
    """`variants` are those whose figures hold, without the original and without controls."""

    network: str
    data: str | None = None
    inspection: Inspection | None = None
    original: Measurement | None = None
    variants: tuple[ProjectVariant, ...] = ()
    database: Database | None = None
    warnings: tuple[Warned, ...] = ()

    @property
    def about_data(self) -> DataInfo | None:
        """Return what is known about the data."""
        return None if self.inspection is None else self.inspection.data

    def measured(self, recipe: Recipe) -> ProjectVariant | None:
        """Return the variant that a recipe made, where it was measured."""
        return self._by_recipe.get(recipe.fingerprint)

    @cached_property
    def _by_recipe(self) -> dict[str, ProjectVariant]:
        return {item.variant.recipe.fingerprint: item for item in reversed(self.variants)}

    def can(self, technique: str) -> bool:
        """Say whether a technique can do something with the network."""
        if self.inspection is None:
            return False
        status = {item.technique: item.status for item in self.inspection.preflight}
        return status.get(technique, "cannot") != "cannot"


def facts_of(session: Board) -> Facts | None:
    """Return the facts of what is open; None where nothing is."""
    if session.network is None:
        return None
    original = session.original
    holding = (
        item
        for item in session.variants()
        if not (item.is_original or item.is_outdated or item.mark.deleted)
        and not is_control(item.variant.series)
    )
    here = (run for run in session.runs if run.job.network == session.network)
    return Facts(
        network=session.network,
        data=session.data,
        inspection=session.inspection,
        original=None if original is None else original.measurement,
        variants=tuple(holding),
        database=session.exploration.database,
        warnings=tuple(
            warning
            for run in here
            if getattr(run.job, "data", None) == session.data
            for warning in run.warnings
        ),
    )
