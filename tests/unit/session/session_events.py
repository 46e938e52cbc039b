"""Ready-made jobs and events for tests of the session."""

from __future__ import annotations

from tinystudio.core.data import Split
from tinystudio.core.measurement import Conditions, Measurement
from tinystudio.jobs.events import (
    Cancelled,
    Event,
    Failed,
    Finished,
    Interrupted,
    Progressed,
    Started,
    VariantReady,
)
from tinystudio.jobs.job import Job, VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.jobs.variant import Artifact, Variant, variant_id

AT = "2026-01-01T00:00:00.000+00:00"
NETWORK, DATA = "net.onnx", "data.npz"
ORIGINAL = Recipe()
SMALL = Recipe(steps=(Step.of("dynamic-quantization"),))


def variant(
    recipe: Recipe = SMALL,
    score: float = 0.9,
    split: Split = "validation",
    cpu: str = "here",
    source: str = "",
) -> Variant:
    return Variant(
        id=variant_id(NETWORK, DATA, 0, recipe, split),
        network=NETWORK,
        data=DATA,
        seed=0,
        recipe=recipe,
        series="dynamic-quantization" if recipe.steps else "original",
        measurement=Measurement(
            score=score, score_status="measured", split=split, size_bytes=100,
            latency_ms=1.0, latency_ms_status="measured", conditions=Conditions(cpu=cpu),
        ),
        artifact=Artifact(path=f"/elsewhere/{recipe.fingerprint}.onnx", sha256="0", size_bytes=3),
        source=source,
    )  # fmt: skip


def job(id: str = "job", split: Split = "validation", *recipes: Recipe) -> VariantsJob:
    return VariantsJob(id=id, network=NETWORK, data=DATA, recipes=recipes, split=split)


def started(what: Job) -> Started:
    return Started(job=what.id, what=what, at=AT)


def ready(made: Variant, id: str = "job") -> VariantReady:
    return VariantReady(job=id, variant=made)


def finished(id: str = "job") -> Finished:
    return Finished(job=id, at=AT)


def whole_run(id: str = "job", split: Split = "validation") -> tuple[Event, ...]:
    return (
        started(job(id, split, SMALL)),
        Progressed(job=id, fraction=0.5, text="half"),
        ready(variant(ORIGINAL, 0.95, split), id),
        ready(variant(SMALL, 0.9, split), id),
        finished(id),
    )


def endings(id: str = "job") -> tuple[Event, ...]:
    return (
        finished(id),
        Failed(job=id, title="t", detail="d", hint="h", at=AT),
        Cancelled(job=id, at=AT),
        Interrupted(job=id, reason="it died", at=AT),
    )
