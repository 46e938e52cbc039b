"""How right the time left is that jobs tell, from a tenth of their time on.

    python -m benchmarks.time_left [--jobs sweep training mixed exploration] [--network watch]

Each job is carried out twice, with a cache folder of its own: first as on a machine that knows
nothing but the model, which was inspected as the window does on opening it, then with another seed
and what the first has taught about durations. Printed is what
was shown as left, divided by what was really left, at each tenth of the job's time.

Aim: within a factor of 1.5 from the first tenth on.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import torch

from tinystudio.jobs.events import Event, Finished, Progressed, Started
from tinystudio.jobs.job import ExploreJob, InspectJob, Job, VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.runners.inline import InlineRunner

TENTHS = tuple(range(1, 10))
AIM = 1.5
Seen = list[tuple[float, float | None]]  # when (seconds from the start), and what was left


def sweep(task: str, seed: int) -> Job:
    """Return ten variants of one technique."""
    values = [0.1 + 0.08 * number for number in range(10)]
    recipes = tuple(Recipe(steps=(Step.of("channel-pruning", sparsity=v),)) for v in values)
    return VariantsJob(network=task, data=task, seed=seed, recipes=recipes)


def training(task: str, seed: int) -> Job:
    """Return one variant that is trained."""
    steps = (Step.of("channel-pruning"), Step.of("fine-tuning", epochs=8))
    return VariantsJob(network=task, data=task, seed=seed, recipes=(Recipe(steps=steps),))


def mixed(task: str, seed: int) -> Job:
    """Return variants of very different cost, the dearest last."""
    cheap = [Recipe(steps=(Step.of("static-quantization", method=m),)) for m in ("minmax", "mse")]
    trained = Step.of("distillation", epochs=3)
    dear = [
        Recipe(steps=(Step.of("channel-pruning", sparsity=share), trained)) for share in (0.3, 0.6)
    ]
    return VariantsJob(network=task, data=task, seed=seed, recipes=(*cheap, *dear))


def exploration(task: str, seed: int) -> Job:
    """Return the building of a layer database."""
    return ExploreJob(network=task, data=task, seed=seed)


JOBS: dict[str, Callable[[str, int], Job]] = {
    "sweep": sweep, "training": training, "mixed": mixed, "exploration": exploration,
}  # fmt: skip


def main() -> None:
    """Print one line per job and round."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", nargs="*", choices=tuple(JOBS), default=tuple(JOBS))
    parser.add_argument("--network", default="watch", help="a task of the gallery")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"load of the last minute: {psutil.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print("shown / left      " + "".join(f"{tenth * 10:>7} %" for tenth in TENTHS))
    for name in options.jobs:
        with TemporaryDirectory() as folder:
            os.environ["XDG_CACHE_HOME"] = folder
            inspect(f"gallery:{options.network}", folder)
            for seed, round_ in enumerate(("first", "second")):
                seen, took = carried_out(JOBS[name](f"gallery:{options.network}", seed), folder)
                show(f"{name}, {round_}", ratios(seen, took), took)


def inspect(task: str, folder: str) -> None:
    """Look at a model as the window does: from it on the machine knows how fast it runs."""
    runner = InlineRunner(Path(folder) / "artifacts", lambda _: None)
    runner.send(InspectJob(network=task, data=task))
    runner.finish()


def carried_out(job: Job, folder: str) -> tuple[Seen, float]:
    """Carry out a job; return what was seen of it, and how long it took."""
    seen: Seen = []
    began = ended = time.monotonic()

    def listen(event: Event) -> None:
        nonlocal began, ended
        if isinstance(event, Started):
            began = time.monotonic()
        elif isinstance(event, Progressed):
            seen.append((time.monotonic() - began, event.seconds_left))
        elif isinstance(event, Finished):
            ended = time.monotonic()

    runner = InlineRunner(Path(folder) / "artifacts", listen)
    runner.send(job)
    runner.finish()
    return seen, ended - began


def ratios(seen: Seen, took: float) -> list[float | None]:
    """Return at each tenth what is shown, divided by what was left; None: nothing is shown.

    What was told last is counted down, as the window does.
    """
    found: list[float | None] = []
    for tenth in TENTHS:
        at = took * tenth / 10
        told = [(when, left) for when, left in seen if when <= at]
        when, left = told[-1] if told else (0.0, None)
        shown = None if left is None else max(0.0, left - (at - when))
        found.append(None if shown is None else shown / (took - at))
    return found


def show(title: str, found: list[float | None], took: float) -> None:
    """Print a line, and the worst factor of it."""
    told = "".join(f"{'none' if ratio is None else f'{ratio:.2f}':>9}" for ratio in found)
    known = [max(ratio, 1 / max(ratio, 1e-3)) for ratio in found if ratio is not None]
    worst = max(known, default=math.nan)
    middle = statistics.median(known) if known else math.nan
    is_met = len(known) == len(found) and worst <= AIM
    print(
        f"{title:18}{told}   worst {worst:.2f}, median {middle:.2f}, took {took:.1f} s"
        f"{'' if is_met else '  missed'}",
        flush=True,
    )


if __name__ == "__main__":
    main()
