"""Goals on the command line, and the best variant under them, measured on test."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from tinystudio.cli.console import Console
from tinystudio.cli.sweeping import document_of, measure_on_test
from tinystudio.cli.working import Worker
from tinystudio.core.errors import UserError
from tinystudio.session.baseline import baseline_words
from tinystudio.session.figure_words import bytes_text, metric_words, score_text
from tinystudio.session.front import AXES, Axis
from tinystudio.session.goals import RELATIVE, TIMED, Goal, best_for, default_goals, parse_goal
from tinystudio.session.marks import ProjectVariant


def add_goals(parser: argparse.ArgumentParser) -> None:
    """Let a command take limits and what to make small."""
    parser.add_argument(
        "--goal",
        action="append",
        metavar="figure<=limit",
        help="what the best must keep to; may be repeated. accuracy_drop is in the metric's unit: "
        "0.01 is a point of accuracy, 0.5 half a dB of PSNR; these two are the defaults, of errors "
        "and perplexity 2 %% of the original's. Where the project has another baseline, losses and "
        "ratios count from that, and it is said",
    )
    parser.add_argument("--minimize", choices=AXES, default="size_bytes")
    parser.add_argument("--no-time", action="store_true", help="do not time the variants")


def goals_of(args: argparse.Namespace, title: str) -> list[Goal]:
    """Return the goals asked for, none for the usual.

    Raises `UserError`, titled so, for one that needs times without timing.
    """
    goals = [parse_goal(text) for text in args.goal or ()]
    asked = (args.minimize, *(goal.figure for goal in goals))
    timed = [figure for figure in asked if figure in TIMED]
    if timed and args.no_time:
        raise UserError(
            title,
            f"{timed[0]} cannot be known without timing.",
            "Leave out --no-time, or ask for another figure.",
        )
    return goals


def or_usual(goals: Sequence[Goal], worker: Worker) -> Sequence[Goal]:
    """Return the goals, or where there are none what the best keeps to by itself."""
    baseline = worker.session.baseline
    return goals or default_goals(None if baseline is None else baseline.measurement)


def best_document(
    worker: Worker,
    items: Iterable[ProjectVariant],
    goals: Sequence[Goal],
    args: argparse.Namespace,
    console: Console,
) -> dict[str, Any] | None:
    """Return the best of the variants with its figures on test; None where none keeps to all."""
    goals = or_usual(goals, worker)
    best = _best(worker, tuple(items), goals, args.minimize)
    words = ", ".join(str(goal) for goal in goals) + _counted_from(worker, goals)
    if best is None:
        console.say(f"\nNo variant keeps to {words}.")
        return None
    test = measure_on_test(worker, best, not args.no_time)
    console.say(f"\nBest by {args.minimize} with {words}: {best.title}")
    console.say(
        f"  on test: {metric_words(test.metric)} {score_text(test)}, {bytes_text(test.size_bytes)}"
    )
    baseline = worker.session.baseline
    return {
        **document_of(best), "test": test.model_dump(mode="json"),
        "counted_from": None if baseline is None else baseline.title,
    }  # fmt: skip


def _best(
    worker: Worker, items: Sequence[ProjectVariant], goals: Sequence[Goal], minimize: Axis
) -> ProjectVariant | None:
    """Return the best as it was measured, chosen by how all stand to the project's baseline."""
    turned = {item.id: item for item in worker.session.compared()}
    best = best_for((turned.get(item.id, item) for item in items), goals, minimize)
    return next((item for item in items if best is not None and item.id == best.id), None)


def _counted_from(worker: Worker, goals: Sequence[Goal]) -> str:
    """Say from what losses and ratios count, where that is not the original."""
    baseline = worker.session.baseline
    is_usual = baseline is None or baseline.is_original
    if is_usual or not any(goal.figure in RELATIVE for goal in goals):
        return ""
    return f" (counted from {baseline_words(baseline)})"
