"""TinyStudio from Python: the same engine as the window's and the command line's.

    from tinystudio.api import compress, step

    if __name__ == "__main__":
        made = compress(
            "gallery:watch", "gallery:watch",
            [step("channel-pruning", sparsity=0.5), step("static-quantization")],
            "watch.onnx",
        )
        print(made.variant.score, made.original.score)

The guard is needed where a model file is opened for the first time, is timed, or is judged by a
metric of your own: all of it happens in fresh processes, which read the script again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinystudio.core.errors import UserError
from tinystudio.core.files import write_whole
from tinystudio.core.measurement import Measurement
from tinystudio.jobs.job import DEFAULT_SEED, VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.runners.inline import InlineRunner
from tinystudio.session.runs import Run, Runs

__all__ = ["Compressed", "compress", "step"]


@dataclass(frozen=True)
class Compressed:
    """A written file, and what it and the network as it came were measured at, on test."""

    output: Path
    recipe: Recipe
    original: Measurement
    variant: Measurement
    notes: tuple[str, ...]


def step(technique: str, **parameters: Any) -> Step:
    """Return one technique with its parameters; what is not given keeps its default.

    `tinystudio techniques` lists both. Raises `UserError` for what there is not.
    """
    return Step.of(technique, **parameters)


def compress(
    model: str | Path,
    data: str | Path,
    steps: Iterable[Step],
    output: str | Path,
    seed: int = DEFAULT_SEED,
    time: bool = False,
) -> Compressed:
    """Carry out `steps` on `model`, measure on the test split, and write the result to `output`.

    `model` is an .onnx file or gallery:TASK; `data` whatever `--data` takes, with its settings.
    The same arguments make the same bytes, and the same as the command line and the window do.
    Raises `UserError`, which says what did not happen, why, and what to do.
    """
    recipe = Recipe(steps=tuple(steps))
    job = VariantsJob(
        network=str(model), data=str(data), recipes=(recipe,), split="test", seed=seed, time=time,
        title=f"Compress {model}",
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="tinystudio-") as folder:
        run = _carried_out(job, Path(folder))
        for failure in run.failures:
            raise UserError(failure.title, failure.detail, failure.hint)
        original = next(item for item in run.variants if not item.recipe.steps)
        variant = run.variants[-1]
        assert variant.artifact is not None  # keep_files is the job's default
        write_whole(Path(output), Path(variant.artifact.path).read_bytes())
    return Compressed(
        Path(output), recipe, original.measurement, variant.measurement, variant.notes
    )


def _carried_out(job: VariantsJob, artifacts: Path) -> Run:
    runner, runs = InlineRunner(artifacts), Runs()
    runner.send(job)
    for event in runner.finish():
        runs.apply(event)
    run = runs[job.id]
    run.raise_problem()
    return run
