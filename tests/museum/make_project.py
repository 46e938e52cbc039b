"""Writes the project that this version leaves to later ones: run once per release.

    python tests/museum/make_project.py tests/museum/<version>

What is there is never written again: a later program must open it as it is.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tinystudio.core.measurement import ClassScore, Conditions, Measurement
from tinystudio.jobs.events import (
    Cancelled,
    Event,
    Failed,
    Finished,
    Interrupted,
    Started,
    VariantFailed,
    VariantReady,
    Warned,
)
from tinystudio.jobs.job import VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.jobs.variant import Artifact, Variant, variant_id
from tinystudio.session.front import Limits
from tinystudio.session.marks import Mark
from tinystudio.session.project import open_project
from tinystudio.session.records import Marked, ProjectState

AT = "2026-01-01T00:00:00.000+00:00"
NETWORK = DATA = "gallery:watch"
PRUNED = Recipe(steps=(Step.of("channel-pruning", sparsity=0.5),))
SMALLEST = PRUNED.with_added(Step.of("static-quantization"))
FIGURES = Measurement(
    score=0.875, score_interval=(0.85, 0.9), score_status="measured", split="validation",
    samples=400, accuracy=0.875, accuracy_interval=(0.85, 0.9), accuracy_status="measured",
    per_class=(ClassScore(name="rows", accuracy=0.5, interval=(0.25, 0.75), samples=8),),
    size_bytes=1000, size_bytes_status="measured", latency_ms=0.25,
    latency_interval_ms=(0.2, 0.3), latency_ms_status="measured", latency_ratio=0.5,
    latency_ratio_interval=(0.45, 0.55), latency_ratio_status="measured", verdict="faster",
    verdict_reason="fewer sums", verdict_status="measured", warnings=("a warning",),
    conditions=Conditions(cpu="a CPU of that time", instruction_sets=("AVX2",), threads=1),
)  # fmt: skip


def variant(recipe: Recipe) -> Variant:
    """Return a variant with figures of every kind."""
    return Variant(
        id=variant_id(NETWORK, DATA, 0, recipe, "validation"), network=NETWORK, data=DATA,
        seed=0, recipe=recipe, series="original", measurement=FIGURES, notes=("a note",),
        artifact=Artifact(path="/gone/00ff.onnx", sha256="00ff", size_bytes=1000),
    )  # fmt: skip


def events() -> tuple[Event, ...]:
    """Return a run of every ending."""
    ends: dict[str, Event] = {
        "finished": Finished(job="finished", at=AT),
        "failed": Failed(job="failed", title="t", detail="d", hint="h", at=AT),
        "cancelled": Cancelled(job="cancelled", at=AT),
        "interrupted": Interrupted(job="interrupted", reason="r", at=AT),
    }
    said: list[Event] = []
    for id, end in ends.items():
        job = VariantsJob(id=id, network=NETWORK, data=DATA, recipes=(PRUNED, SMALLEST))
        said += [Started(job=id, what=job, at=AT), Warned(job=id, title="t", detail="d")]
        said += [VariantReady(job=id, variant=variant(item)) for item in (Recipe(), PRUNED)]
        said += [VariantFailed(job=id, recipe=SMALLEST, title="t", detail="d", hint="h"), end]
    return tuple(said)


def main(folder: Path) -> None:
    """Write the project into `folder`."""
    mark = Mark(kept=True, starred=True, name="the good one", note="a note")
    state = ProjectState(
        network=NETWORK, data=DATA, recipe=SMALLEST, limits=Limits(size_bytes=50_000)
    )
    with open_project(folder / "example") as project:
        project.write([*events(), Marked(variant(PRUNED).id, mark), state])
        (project.artifacts / "00ff.onnx").write_bytes(b"not really a network")
        lock = project.folder / "writer.lock"
    lock.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
