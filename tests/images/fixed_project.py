"""What the pictures show: the same variants, limits and jobs on every machine."""

from __future__ import annotations

from gui_examples import ORIGINAL, figures
from idle_workers import IdleWorkers, begun, ended, inspection
from made_database import database

from tinystudio.core.measurement import Measurement
from tinystudio.core.moment import Moment
from tinystudio.explorer.database import save_database
from tinystudio.gui.assembly import Assembly
from tinystudio.jobs.events import (
    DatabaseReady,
    Inspected,
    Learned,
    Progressed,
    VariantReady,
)
from tinystudio.jobs.job import ExploreJob, InspectJob, VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.jobs.variant import Variant
from tinystudio.session.front import Limits

SIZES = ((1280, 800), (1920, 1080))  # of the window, in pixels
INT8 = Step.of("static-quantization")
LIMITS = Limits(size_bytes=200_000, latency_ms=0.1)
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


def fill(parts: Assembly, engines: IdleWorkers) -> None:
    """Open a task, measure variants of three series, explore, draw limits, start a job."""
    studio = parts.studio
    engines.come_up()
    studio.open_network("gallery:watch")
    look = engines.last(InspectJob)
    engines.say(begun(look), Inspected(job=look.id, inspection=inspection()), ended(look))
    job = engines.last(VariantsJob)
    made = [VariantReady(job=job.id, variant=item) for item in variants()]
    engines.say(begun(job), *made, ended(job))
    explore(parts, engines)
    studio.set_limits(LIMITS)
    studio.edit_recipe(pruned(0.4, INT8))
    studio.measure()
    job = engines.last(VariantsJob)
    engines.say(begun(job), *trained(job), Progressed(job=job.id, fraction=0.4, text="Timing"))


def trained(job: VariantsJob) -> list[Learned]:
    """Return what three trainings of a job tell: two to the end, one in the middle of it."""
    titles = ("channels −40 %", "channels −60 %", "channels −80 %")
    return [
        Learned(job=job.id, moments=_curve(f"{title}, fine-tuned 20 epochs", number, reached))
        for number, (title, reached) in enumerate(zip(titles, (20, 14, 9), strict=True))
    ]


def _curve(title: str, number: int, reached: int) -> tuple[Moment, ...]:
    best = 0.0
    found = []
    for at in range(reached + 1):
        score = 0.89 - 0.03 * number - 0.25 * 0.75**at - 0.004 * (at * 7 % 5)
        found.append(
            Moment(
                epoch=at, epochs=20, loss=0.2 + 0.1 * number + 0.9 * 0.8**at if at else None,
                score=score, metric="accuracy", is_best=at > 0 and score > best,
                is_over=number < 2 and at == reached, seconds_left=2.0 * (20 - at),
                training=title,
            )
        )  # fmt: skip
        best = max(best, score)
    return tuple(found)


def explore(parts: Assembly, engines: IdleWorkers) -> None:
    """Let the layer database of the open task be there."""
    parts.studio.session.explore()
    job = engines.last(ExploreJob)
    path = str(save_database(engines.project.folder.parent, database()))
    ready = DatabaseReady(job=job.id, path=path, stage="complete", seconds=1.0)
    engines.arrived.emit([begun(job), ready, ended(job)])


def variants() -> list[Variant]:
    """Return the original, channels pruned by least loss and by chance, and INT8 of some."""
    found = [_variant(Recipe(), "original", ORIGINAL)]
    for share in SHARES:
        size, latency = round(718_000 * (1 - share) ** 1.6), 0.168 * (1 - share) ** 1.3
        kept, chance = 0.884 - 0.1 * share**5, 0.884 - 0.4 * share**1.4
        found.append(_variant(pruned(share), "channel-pruning", _worth(kept, size, latency)))
        found.append(_variant(at_random(share), "random-control", _worth(chance, size, latency)))
        if share in (0.2, 0.4):
            small = _worth(kept - 0.006, round(size / 3.6), latency * 0.55)
            found.append(_variant(pruned(share, INT8), "static-quantization", small))
    return found


def pruned(share: float, *more: Step) -> Recipe:
    """Return channels removed by least loss, and what comes after."""
    return Recipe(steps=(Step.of("channel-pruning", sparsity=share), *more))


def at_random(share: float) -> Recipe:
    """Return channels removed by chance."""
    return Recipe(steps=(Step.of("channel-pruning", sparsity=share, importance="random"),))


def _worth(score: float, size: int, latency: float) -> Measurement:
    return figures(score, size, latency, ORIGINAL)


def _variant(recipe: Recipe, series: str, measurement: Measurement) -> Variant:
    return Variant(
        id=f"{series}-{recipe.fingerprint}", network="gallery:watch", data="gallery:watch",
        seed=0, recipe=recipe, series=series, measurement=measurement,
    )  # fmt: skip
