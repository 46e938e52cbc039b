"""The variants of a project, gathered from its runs: one per recipe, the newest figures."""

from __future__ import annotations

from collections.abc import Mapping

from tinystudio.core.measurement import Measurement
from tinystudio.jobs.events import EngineReady
from tinystudio.jobs.job import VariantsJob
from tinystudio.jobs.variant import Variant, variant_id
from tinystudio.session.marks import Mark, ProjectVariant
from tinystudio.session.runs import Runs

_NO_MARK = Mark()


class Shelf:
    """Looks through the runs once, and again only after `refresh`."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._explored: dict[str, Variant] | None = None
        self._tested: dict[str, Measurement] = {}
        self._known: dict[str, ProjectVariant] = {}
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
        here = self._runs.engine
        test = self._tested.get(variant.id)
        listed = ProjectVariant(
            variant, mark, _aged(variant.measurement, here), test and _aged(test, here)
        )
        known = self._known.get(variant.id)
        if known is not None and _is_same(known, listed):
            return known
        self._known[variant.id] = listed
        return listed

    def _all(self) -> dict[str, Variant]:
        if self._explored is None:
            self._explored = {}
            self._tested = {}
            for run in self._runs:
                if isinstance(run.job, VariantsJob):
                    for variant in run.variants:
                        self._put(variant, run.job)
        return self._explored

    def _put(self, variant: Variant, job: VariantsJob) -> None:
        explored = self._explored if self._explored is not None else {}
        if job.split != "test":
            explored[variant.id] = variant
            return
        twin = variant_id(variant.network, variant.data, variant.seed, variant.recipe, "validation")
        self._tested[twin] = variant.measurement


def _is_same(known: ProjectVariant, listed: ProjectVariant) -> bool:
    is_untouched = known.variant is listed.variant and known.mark == listed.mark
    return is_untouched and (known.measurement is listed.measurement and known.test is listed.test)


def _aged(measurement: Measurement, here: EngineReady | None) -> Measurement:
    """Mark times of another CPU as stale: they must never stand beside times of this one."""
    cpu = measurement.conditions.cpu
    if here is None or not cpu or not here.cpu or cpu == here.cpu:
        return measurement
    names = ("latency_ms", "latency_ratio", "verdict", "peak_memory_bytes", "energy_mj")
    aged = {
        f"{name}_status": "stale"
        for name in names
        if getattr(measurement, f"{name}_status") == "measured"
    }
    return measurement.model_copy(update=aged)
