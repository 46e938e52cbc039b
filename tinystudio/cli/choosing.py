"""Goals on the command line, and the best variant under them, measured on test."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from tinystudio.cli.console import Console
from tinystudio.cli.sweeping import document_of, measure_on_test
from tinystudio.cli.working import Worker
from tinystudio.core.errors import UserError
from tinystudio.session.figure_words import bytes_text, metric_words, score_text
from tinystudio.session.front import AXES
from tinystudio.session.goals import TIMED, Goal, best_for, default_goals, parse_goal
from tinystudio.session.marks import ProjectVariant


def add_goals(parser: argparse.ArgumentParser) -> None:
    """Let a command take limits and what to make small."""
    parser.add_argument(
        "--goal",
        action="append",
        metavar="figure<=limit",
        help="what the best must keep to; may be repeated. accuracy_drop is in the metric's unit: "
        "0.01 is a point of accuracy, 0.5 half a dB of PSNR; these two are the defaults, of errors "
        "and perplexity 2 %% of the original's",
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
    original = worker.session.original
    return goals or default_goals(None if original is None else original.measurement)


def best_document(
    worker: Worker,
    items: Iterable[ProjectVariant],
    goals: Sequence[Goal],
    args: argparse.Namespace,
    console: Console,
) -> dict[str, Any] | None:
    """Return the best of the variants with its figures on test; None where none keeps to all."""
    goals = or_usual(goals, worker)
    best = best_for(items, goals, args.minimize)
    words = ", ".join(str(goal) for goal in goals)
    if best is None:
        console.say(f"\nNo variant keeps to {words}.")
        return None
    test = measure_on_test(worker, best, not args.no_time)
    console.say(f"\nBest by {args.minimize} with {words}: {best.title}")
    console.say(
        f"  on test: {metric_words(test.metric)} {score_text(test)}, {bytes_text(test.size_bytes)}"
    )
    return {**document_of(best), "test": test.model_dump(mode="json")}
