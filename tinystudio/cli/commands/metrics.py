"""`tinystudio metrics`: what data can be judged by."""

from __future__ import annotations

import argparse
from typing import Any

from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.metrics import metrics
from tinystudio.metrics.metric import Metric


class Metrics(Command):
    """List the metrics that data can be judged by (--metric), and what each needs."""

    name = "metrics"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        ids = [part.id for part in metrics()]
        parser.add_argument("metric", nargs="?", choices=ids, help="only this one, with its help")

    def run(self, args: argparse.Namespace, console: Console) -> list[Any]:
        parts = [part for part in metrics() if args.metric in (None, part.id)]
        for part in parts:
            console.say(f"{part.id}: {part.title}, {_direction(part)}; for {part.needs}")
            if args.metric is not None:
                console.say(f"\n{part.help}\n")
        return [_document(part) for part in parts]


def _direction(part: Metric) -> str:
    unit = f" in {part.unit}" if part.unit else ""
    return f"{'higher' if part.higher_is_better else 'lower'} is better{unit}"


def _document(part: Metric) -> dict[str, Any]:
    return {
        "id": part.id, "title": part.title, "unit": part.unit, "needs": part.needs,
        "higher_is_better": part.higher_is_better, "help": part.help,
    }  # fmt: skip
