"""`tinystudio inspect`: what is known about a model before anything is done to it."""

from __future__ import annotations

import argparse
from typing import Any

from tinystudio.cli.arguments import add_data, data_of, seed
from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.data_words import show_data_card
from tinystudio.cli.importing import add_model, opened
from tinystudio.cli.working import carry_out
from tinystudio.jobs.inspection import Inspection, about_seconds
from tinystudio.jobs.job import InspectJob
from tinystudio.session.figure_words import bytes_text, count_text

NAMED = 8  # classes in a line


class Inspect(Command):
    """Show a model's facts, layers, coupled channels, and what each technique can do with it.

    With --data also what the data looks like: counts, ranges, settings, suspicious things.
    """

    name = "inspect"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_model(parser)
        add_data(parser, required=False)
        parser.add_argument("--seed", type=seed, default=0, help="for the split (default 0)")

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        data = data_of(args)
        run = carry_out(
            InspectJob(
                network=opened(args.model, args, console, data),
                data=data,
                seed=args.seed,
                title=f"Open {args.model}",
            ),
            console,
        )
        assert run.inspection is not None  # a finished inspection has one
        _show(run.inspection, console)
        return run.inspection.model_dump(mode="json", exclude={"diagram"})  # for the eye alone


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _show(found: Inspection, console: Console) -> None:
    console.say(
        f"{found.title}: {count_text(found.parameters)} parameters, "
        f"{count_text(found.macs)} MACs, {bytes_text(found.size_bytes)}, opset {found.opset}"
    )
    for port, word in [(p, "in") for p in found.inputs] + [(p, "out") for p in found.outputs]:
        shape = " x ".join("any" if size is None else str(size) for size in port.shape)
        otherwise = "pictures that lie otherwise: --data-option layout=..."
        layout = f" ({port.layout}; {otherwise})" if port.layout else ""
        console.say(f"  {word:>3} {port.name}: {port.dtype} {shape}{layout}")
    if found.classes:
        console.say(f"  classes, as the file names them: {_some(found.classes)}")
    console.say()
    heads = ("layer", "kind", "output", "parameters", "MACs", "weights", "group")
    rows = [
        (
            layer.name,
            layer.op,
            "x".join("?" if size is None else str(size) for size in layer.output_shape),
            count_text(layer.parameters),
            count_text(layer.macs),
            bytes_text(layer.weight_bytes),
            layer.group or "-",
        )
        for layer in found.layers
    ]
    console.table(heads, rows)
    console.say()
    for group in found.groups:
        state = "can go together" if group.removable else f"stay: {group.reason}"
        console.say(f"  {group.title}: {group.channels} channels, {state}")
    console.say()
    for item in found.preflight:
        words = f"  {item.status:>6}  {item.title}: {item.reason} {item.remedy}".rstrip()
        time = "" if item.seconds is None else f" ({about_seconds(item.seconds)})"
        console.say(f"{words}{time}")
    for warning in found.warnings:
        console.say(f"warning: {warning}")
    if found.data is not None and found.data.card is not None:
        console.say()
        show_data_card(found.data, found.data.card, console)
