"""What carrying out one job has at hand: the engine's belongings and the job's ears and mouth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tinystudio.core.cache import Cache
from tinystudio.core.data import Dataset
from tinystudio.core.reporter import Part, Reporter
from tinystudio.engine.reporting import JobReporter
from tinystudio.engine.resolving import (
    licence_of,
    name_of,
    resolve_dataset,
    resolve_network,
    resolve_runnable,
)
from tinystudio.exporters.stamping import stamped
from tinystudio.graph.network import Network
from tinystudio.graph.ort_format import OrtFile
from tinystudio.jobs.events import Event
from tinystudio.jobs.recipe import Recipe


@dataclass(frozen=True)
class Work:
    """`artifacts` and `cache` are the engine's, the rest is the job's."""

    artifacts: Path
    cache: Cache
    emit: Callable[[Event], None]
    reporter: JobReporter

    def network(self, reference: str, reporter: Reporter | None = None) -> Network:
        """Open a network, or return it as opened before; `reporter` hears how far it is."""
        return resolve_network(reference, self.cache, reporter or self._aside)

    def runnable(self, reference: str) -> Network | OrtFile:
        """Open what is only to be run and measured, or return it as opened before."""
        return resolve_runnable(reference, self.cache, self._aside)

    def dataset(
        self,
        reference: str,
        seed: int,
        network: Network | OrtFile,
        reporter: Reporter | None = None,
    ) -> Dataset:
        """Open data as `network` wants it, or return it as opened before.

        `reporter` hears how far it is; it can be cancelled in any case.
        """
        return resolve_dataset(reference, seed, network, self.cache, reporter or self._aside)

    @property
    def _aside(self) -> Reporter:
        """Return the ear of what takes no share of the job's progress, but may take a while."""
        return Part(self.reporter, 0, 0)

    def finished(
        self, made: Network, recipe: Recipe, reference: str, dataset: Dataset | None
    ) -> Network:
        """Return `made` as it is written: with recipe, classes and licence in its metadata.

        This comes before measuring, so that the figures are those of the exported bytes. The
        original is left as it came.
        """
        if not recipe.steps:
            return made
        return stamped(
            made,
            # Without folders: what is exported tells nothing of this computer.
            recipe_json=recipe.with_models(name_of).model_dump_json(),
            classes=dataset.classes if dataset else (),
            preprocessing=dataset.preprocessing if dataset else None,
            licence=licence_of(reference),
        )
