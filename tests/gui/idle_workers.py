"""Engines that take jobs and do nothing; a test says what they say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Measurement
from tinystudio.jobs.events import (
    EngineReady,
    Event,
    Finished,
    Inspected,
    Started,
    VariantReady,
)
from tinystudio.jobs.inspection import (
    Box,
    DataInfo,
    Diagram,
    Inspection,
    LayerInfo,
    Line,
    PortInfo,
    PreflightInfo,
)
from tinystudio.jobs.job import InspectJob, Job, PreviewJob, VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.jobs.variant import Variant
from tinystudio.session.project import Project
from tinystudio.session.records import Record

AT = "2026-01-01T00:00:00Z"


class IdleWorkers(QObject):
    """Satisfies `Workers`; `jobs` and `cancelled` are what was asked for."""

    arrived = Signal(list)
    trouble = Signal(object)
    recovered = Signal()
    copied = Signal(object)
    copy_failed = Signal(object)

    def __init__(self, project: Project) -> None:
        super().__init__()
        self.project = project
        self.jobs: list[Job] = []
        self.cancelled: list[str] = []
        self.paused: list[str] = []
        self.order: tuple[str, ...] = ()
        self.is_running = False

    def start(self) -> None:
        self.is_running = True

    def stop(self) -> None:
        self.is_running = False

    def send(self, job: Job) -> None:
        self.jobs.append(job)

    def cancel(self, job: str, pause: bool = False) -> None:
        (self.paused if pause else self.cancelled).append(job)

    def put_in_order(self, jobs: Sequence[str]) -> None:
        self.order = tuple(jobs)

    def save(self, records: Sequence[Record]) -> None:
        self.project.write(records)

    def copy_project(self, folder: Path) -> None:
        try:
            self.copied.emit(self.project.copy_to(folder))
        except UserError as error:
            self.copy_failed.emit(error)

    def say(self, *events: Event) -> None:
        """Say these things as the engines would, written first."""
        self.project.write(events)
        self.arrived.emit(list(events))

    def come_up(self) -> None:
        """Both engines are ready."""
        ready = EngineReady(pid=1, cpu="EPYC", instruction_sets=("AVX2", "AVX512-VNNI"))
        self.say(ready, ready)

    def last(self, kind: type[Job]) -> Job:
        """Return the last job of a kind that was sent."""
        return [job for job in self.jobs if isinstance(job, kind)][-1]

    def previews(self) -> list[PreviewJob]:
        """Return the previews asked for."""
        return [job for job in self.jobs if isinstance(job, PreviewJob)]

    def finish_opening(self) -> None:
        """Answer the jobs that opening a gallery task sends: its layers, and the original."""
        look = self.last(InspectJob)
        self.say(begun(look), Inspected(job=look.id, inspection=inspection()), ended(look))
        self.finish_variants(Recipe())

    def finish_variants(self, *recipes: Recipe) -> None:
        """Answer the last job of variants with these."""
        job = self.last(VariantsJob)
        made = [VariantReady(job=job.id, variant=variant(recipe)) for recipe in recipes]
        self.say(begun(job), *made, ended(job))


def begun(job: Job) -> Started:
    return Started(job=job.id, what=job, at=AT)


def ended(job: Job) -> Finished:
    return Finished(job=job.id, at=AT)


def pruned(sparsity: float) -> Recipe:
    """Return a recipe of one step."""
    return Recipe(steps=(Step.of("channel-pruning", sparsity=sparsity),))


def figures(score: float = 0.88, size_bytes: int = 100_000) -> Measurement:
    """Return figures such as an engine measures, without times."""
    interval = (score - 0.02, score + 0.02)
    return Measurement(
        score=score, score_interval=interval, score_status="measured", split="validation",
        samples=600, accuracy=score, accuracy_interval=interval, accuracy_status="measured",
        size_bytes=size_bytes, size_bytes_status="measured",
    )  # fmt: skip


def variant(recipe: Recipe, network: str = "gallery:watch") -> Variant:
    """Return a measured variant."""
    series = recipe.steps[-1].technique if recipe.steps else "original"
    score = 0.88 - 0.1 * len(recipe.steps)
    return Variant(
        id=f"v{recipe.fingerprint}", network=network, data=network, seed=0, recipe=recipe,
        series=series, measurement=figures(score),
    )  # fmt: skip


DIAGRAM = Diagram(
    boxes=(
        Box(layers=(), port="x", x=0.5, y=0),
        Box(layers=("conv1",), x=0.5, y=1),
        Box(layers=("conv2",), x=1, y=2),
        Box(layers=("conv3",), x=0.5, y=3),
    ),
    lines=(
        Line(start=0, end=1), Line(start=1, end=2), Line(start=2, end=3),
        Line(start=1, end=3, bends=((0, 2),)),
    ),
)  # fmt: skip


def inspection() -> Inspection:
    """Return what is known about a small network."""
    layers = tuple(
        LayerInfo(
            name=f"conv{i}", op="Conv", output_shape=("N", 16 * i, 32), parameters=1000 * i,
            weight_bytes=4000 * i, macs=None if i == 2 else 50_000 * i, activation_bytes=2048,
            group="conv",
        )
        for i in (1, 2, 3)
    )  # fmt: skip
    port = PortInfo(name="x", dtype="float32", shape=("N", 6, 200))
    data = DataInfo(
        name="watch", metric="accuracy", classes=("sit", "walk"), train=900, calibration=256,
        validation=700, test=247,
    )  # fmt: skip
    return Inspection(
        title="watch", parameters=176_000, macs=300_000, weight_bytes=700_000, size_bytes=704_000,
        peak_activation_bytes=9000, opset=17, producer="", inputs=(port,), outputs=(port,),
        layers=layers, diagram=DIAGRAM, groups=(),
        preflight=(
            PreflightInfo(technique="channel-pruning", title="Channel pruning", status="can",
                          reason="All channels are free."),
            PreflightInfo(technique="dynamic-quantization", title="Dynamic quantization",
                          status="cannot", reason="There is no MatMul.", remedy="Use static INT8."),
        ),
        data=data,
    )  # fmt: skip
