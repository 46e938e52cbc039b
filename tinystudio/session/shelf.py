"""The variants of a project, gathered from its runs: one per recipe, the newest figures.

Every engine times the original anew. Times of all its variants then stand on that newest time, by
their ratios: what is shown together is on one clock, and what is stored stays as it was measured.
"""

from __future__ import annotations

from collections.abc import Mapping

from tinystudio.core.measurement import Measurement
from tinystudio.jobs.job import VariantsJob
from tinystudio.jobs.variant import Variant, variant_id
from tinystudio.measure.one_clock import on_clock, original_on_clock
from tinystudio.session.aging import of_another_file, of_here, sources
from tinystudio.session.marks import Mark, ProjectVariant
from tinystudio.session.runs import Runs

_NO_MARK = Mark()
_Place = tuple[str, str, int]  # network, data and seed: what one original is of


class Shelf:
    """Looks through the runs once, and again only after `refresh`."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._explored: dict[str, Variant] | None = None
        self._tested: dict[str, Variant] = {}
        self._sources: dict[str, str] = {}
        self._known: dict[str, ProjectVariant] = {}
        self._originals: dict[_Place, Variant] = {}
        self._moved: dict[str, tuple[Measurement, float, Measurement]] = {}  # by variant
        self._answer: tuple[object, tuple[ProjectVariant, ...]] = (None, ())

    def refresh(self) -> None:
        """Look through the runs again when asked next."""
        self._explored = None
        self._answer = (None, ())

    def variants(
        self, network: str | None, data: str | None, seed: int | None, marks: Mapping[str, Mark]
    ) -> tuple[ProjectVariant, ...]:
        """Return the variants of a network that are not deleted, the original first.

        `data` and `seed` None: those of any. What has not changed is the same object as before,
        and the same question has the same answer: a window asks many times per change.
        """
        question = (network, data, seed, marks, self._runs.engine)
        if question != self._answer[0]:
            self._answer = (question, self._find(network, data, seed, marks))
        return self._answer[1]

    def _find(
        self, network: str | None, data: str | None, seed: int | None, marks: Mapping[str, Mark]
    ) -> tuple[ProjectVariant, ...]:
        found = [
            self._listed(item, marks.get(item.id, _NO_MARK))
            for item in self._all().values()
            if item.network == network
            and data in (None, item.data)
            and seed in (None, item.seed)
            and not marks.get(item.id, _NO_MARK).deleted
        ]
        return tuple(sorted(found, key=lambda item: not item.is_original))

    def _listed(self, variant: Variant, mark: Mark) -> ProjectVariant:
        test = self._tested.get(variant.id)
        listed = ProjectVariant(
            variant,
            mark,
            self._aged(variant),
            None if test is None else self._aged(test),
            self._is_outdated(variant),
        )
        known = self._known.get(variant.id)
        if known is not None and _is_same(known, listed):
            return known
        self._known[variant.id] = listed
        return listed

    def _aged(self, variant: Variant) -> Measurement:
        if self._is_outdated(variant):
            return of_another_file(variant.measurement)
        return self._on_clock(variant, of_here(variant.measurement, self._runs.engine))

    def _on_clock(self, variant: Variant, figures: Measurement) -> Measurement:
        """Return figures with their times on the clock of the original's newest timing."""
        original = self._originals.get(_place(variant))
        if original is None or original is variant or self._is_outdated(original):
            return figures
        theirs = original.measurement
        if theirs.latency_ms is None or not _is_timed_alike(figures, theirs):
            return figures
        known = self._moved.get(variant.id)
        if known is not None and known[0] is figures and known[1] == theirs.latency_ms:
            return known[2]  # the same object: nothing has changed
        move = on_clock if variant.recipe.steps else original_on_clock
        moved = move(figures, theirs.latency_ms)
        self._moved[variant.id] = figures, theirs.latency_ms, moved
        return moved

    def _is_outdated(self, variant: Variant) -> bool:
        made_of = {variant.network: variant.source, **variant.models}
        return any(made and made != self._sources.get(name) for name, made in made_of.items())

    def _all(self) -> dict[str, Variant]:
        if self._explored is None:
            self._explored = {}
            self._tested = {}
            self._originals = {}
            self._sources = sources(self._runs)
            for run in self._runs:
                if isinstance(run.job, VariantsJob):
                    for variant in run.variants:
                        self._put(variant, run.job)
        return self._explored

    def _put(self, variant: Variant, job: VariantsJob) -> None:
        explored = self._explored if self._explored is not None else {}
        if job.split != "test":
            explored[variant.id] = variant
            if not variant.recipe.steps and variant.measurement.latency_ms is not None:
                self._originals[_place(variant)] = variant
            return
        twin = variant_id(variant.network, variant.data, variant.seed, variant.recipe, "validation")
        self._tested[twin] = variant


def _place(variant: Variant) -> _Place:
    return variant.network, variant.data, variant.seed


def _is_timed_alike(figures: Measurement, original: Measurement) -> bool:
    """Say whether times are of the same processor with as many threads, and hold."""
    mine, theirs = figures.conditions, original.conditions
    is_alike = (mine.cpu, mine.threads) == (theirs.cpu, theirs.threads)
    return is_alike and figures.latency_ms_status == "measured"


def _is_same(known: ProjectVariant, listed: ProjectVariant) -> bool:
    is_untouched = known.variant is listed.variant and known.mark == listed.mark
    return is_untouched and (known.measurement is listed.measurement and known.test is listed.test)
