"""`tinystudio compress`: carry out a recipe and write the smaller model."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from tinystudio.cli.arguments import add_data, add_steps, data_of, seed
from tinystudio.cli.command import Command
from tinystudio.cli.console import Console
from tinystudio.cli.importing import add_model, opened
from tinystudio.cli.outputs import check_output
from tinystudio.cli.steps import recipe_of
from tinystudio.cli.words import show_measurements
from tinystudio.cli.working import carry_out, only_variant
from tinystudio.core.files import write_whole
from tinystudio.jobs.job import VariantsJob


class Compress(Command):
    """Carry out a recipe on a model, measure original and result on the test split, write it.

    Steps are carried out in the order given, for example:
      tinystudio compress gallery:watch --data gallery:watch \\
        --step channel-pruning sparsity=0.5 --step static-quantization --output watch.onnx
    """

    name = "compress"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_model(parser)
        add_data(parser)
        add_steps(parser)
        parser.add_argument("--output", required=True, metavar="FILE", help="where to write it")
        parser.add_argument("--seed", type=seed, default=0, help="default 0")
        parser.add_argument("--no-time", action="store_true", help="do not time the result")

    def run(self, args: argparse.Namespace, console: Console) -> dict[str, Any]:
        recipe = recipe_of(args.recipe, args.step)
        output = Path(args.output)
        check_output(output)
        data = data_of(args)
        job = VariantsJob(
            network=opened(args.model, args, console, data),
            data=data,
            recipes=(recipe,),
            split="test",
            seed=args.seed,
            time=not args.no_time,
            title=f"Compress {args.model}",
        )
        with tempfile.TemporaryDirectory(prefix="tinystudio-") as folder:
            run = carry_out(job, console, Path(folder))
            only_variant(run)
            original = next(item for item in run.variants if not item.recipe.steps)
            variant = run.variants[-1]
            assert variant.artifact is not None  # keep_files is the job's default
            write_whole(output, Path(variant.artifact.path).read_bytes())
        show_measurements(
            {"original": original.measurement, recipe.title: variant.measurement}, console
        )
        for note in variant.notes:
            console.say(f"  {note}")
        console.say(f"\nWritten: {output}")
        return {
            "output": str(output),
            "recipe": recipe.model_dump(mode="json"),
            "original": original.measurement.model_dump(mode="json"),
            "variant": variant.measurement.model_dump(mode="json"),
        }
