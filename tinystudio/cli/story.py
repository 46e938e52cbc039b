"""The main job from start to end on a gallery task: look, sweep, choose, keep, export, check."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tinystudio.cli.console import Console
from tinystudio.cli.outputs import raise_failed
from tinystudio.cli.sweeping import sweep
from tinystudio.cli.working import Worker
from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Measurement
from tinystudio.gallery import PREFIX
from tinystudio.jobs.events import Exported
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.controls import control_of
from tinystudio.session.front import Axis, Limits
from tinystudio.session.goals import Goal, best_for, default_goals
from tinystudio.session.marks import ProjectVariant
from tinystudio.session.project import open_project
from tinystudio.session.sweeps import Value, Vary

MARKER = "made-by-demo.txt"  # only a project with this file is ever replaced
MINIMIZED: Axis = "size_bytes"
PRUNED = Recipe(steps=(Step.of("channel-pruning"),))
IN_INT8 = PRUNED.with_added(Step.of("static-quantization"))


@dataclass(frozen=True)
class Plan:
    """How many channels go in each of the three sweeps, and whether variants are timed."""

    pruned: tuple[Value, ...]
    controls: tuple[Value, ...]
    in_int8: tuple[Value, ...]
    time: bool


WHOLE = Plan(
    pruned=(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
    controls=(0.2, 0.4, 0.6),
    in_int8=(0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
    time=True,
)
QUICK = Plan(pruned=(0.25, 0.5, 0.75), controls=(0.5,), in_int8=(0.0, 0.5), time=False)


@dataclass(frozen=True)
class Ending:
    """What came of the story."""

    variants: tuple[ProjectVariant, ...]
    front: tuple[ProjectVariant, ...]
    best: ProjectVariant
    test: Measurement
    original_test: Measurement
    exported: Exported
    goals: tuple[Goal, ...]


def remove_earlier(project: Path) -> None:
    """Remove the project of an earlier demonstration, and nothing else; raises `UserError`."""
    if not project.exists():
        return
    if not (project / MARKER).is_file():
        raise UserError(
            "The demonstration was not started",
            f"{project} is there and is not from a demonstration.",
            "Choose another folder with --output.",
        )
    open_project(project, must_write=True).close()  # nobody may be working in it
    shutil.rmtree(project)


def mark_as_ours(project: Path) -> None:
    """Note that the next demonstration may replace this project."""
    text = "This project was made by `tinystudio demo`, which replaces it when it runs again.\n"
    (project / MARKER).write_text(text, encoding="utf-8")


def tell(worker: Worker, task: str, plan: Plan, model: Path, console: Console) -> Ending:
    """Carry the story out in an empty project; raises `UserError`."""
    reference = f"{PREFIX}{task}"
    worker.session.open_network(reference, reference, time=plan.time)
    worker.finish()
    _sweep_all(worker, plan, console)
    best = _choose(worker)
    console.note(f"The best within {goals_of(worker)[0]} by {MINIMIZED}: {best.title}")
    best, test, original_test = _keep(worker, best)
    console.note(f"Writing {model.name} and checking it in a fresh process")
    exported = _export(worker, best, model)
    session = worker.session
    items, front = session.variants(), session.front(MINIMIZED)
    return Ending(items, front, best, test, original_test, exported, goals_of(worker))


def _sweep_all(worker: Worker, plan: Plan, console: Console) -> None:
    for text, recipe, values in (
        ("Fewer channels", PRUNED, plan.pruned),
        ("Channels chosen at random, as a control", control_of(PRUNED), plan.controls),
        ("Fewer channels, then 8 bits", IN_INT8, plan.in_int8),
    ):
        console.note(text)
        sweep(worker, recipe, [Vary("sparsity", values)], plan.time)


def goals_of(worker: Worker) -> tuple[Goal, ...]:
    """Return what the best of the story keeps to."""
    original = worker.session.original
    return default_goals(None if original is None else original.measurement)


def _choose(worker: Worker) -> ProjectVariant:
    session = worker.session
    original = session.original
    goals = goals_of(worker)
    best = best_for(session.variants(), goals, MINIMIZED)
    if original is None or best is None:
        raise UserError(
            "Nothing was chosen",
            f"No variant keeps to {goals[0]}.",
            "Try another task with --task.",
        )
    if original.measurement.score is not None:
        allowed = original.measurement.score - goals[0].limit
        session.set_limits(Limits(score=allowed))
    # What the window shows when the project is opened: the recipe of what was chosen.
    session.edit(best.variant.recipe, "Choose the best")
    session.select(best.id)
    return best


def _keep(worker: Worker, best: ProjectVariant) -> tuple[ProjectVariant, Measurement, Measurement]:
    worker.session.keep(best.id)
    worker.finish()
    kept, original = worker.session.variant(best.id), worker.session.original
    if kept is None or kept.test is None or original is None or original.test is None:
        raise UserError(
            f"{best.title} was not measured on the test split",
            "The variant could not be made again.",
            "Run the demonstration again.",
        )
    return kept, kept.test, original.test


def _export(worker: Worker, best: ProjectVariant, model: Path) -> Exported:
    run = worker.carry_out(worker.session.export("onnx", model, {}, variant=best.id))
    assert run.exported is not None  # a finished export has one
    raise_failed(run.exported)
    return run.exported
