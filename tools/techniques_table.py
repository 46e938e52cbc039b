"""Writes docs/techniques.md: what there is, what each sets, and what each did on the gallery.

python tools/techniques_table.py [--tasks watch satellite ...] [--techniques ...]

Every technique is carried out with the parameters it names as its example (its defaults, where
those change the network), measured on the test split of each task beside the original, and timed
against it in the same run. Results of earlier runs are kept in the page's own table: named tasks
and techniques are measured again, the rest stays.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from pathlib import Path

from tinystudio.cli.words import bytes_text
from tinystudio.core.files import write_whole
from tinystudio.core.measurement import Measurement
from tinystudio.core.params import Kind, ParamSpec, describe
from tinystudio.gallery import find_task, gallery
from tinystudio.graph.opening import open_network
from tinystudio.gui import wording
from tinystudio.jobs.events import Event
from tinystudio.jobs.job import VariantsJob
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.runners.inline import InlineRunner
from tinystudio.session.runs import Runs
from tinystudio.techniques import techniques

PATH = Path(__file__).resolve().parents[1] / "docs" / "techniques.md"

HEAD = """# Techniques

Written by `python tools/techniques_table.py`; do not edit.

Each is one file in `tinystudio/techniques`, with its settings and its place in window, wizard,
command line and sweep. Results: test accuracy against the original's (in brackets, a tie said where
the paired 90 % interval of the difference holds zero), file size against the original's, and the
verdict with the ratio of latencies (new / original), all measured on one machine (2 cores,
AVX512-VNNI) with the settings that the line names.
"""
ROW = re.compile(r"^\| `(?P<id>[a-z0-9-]+)` \| (?P<task>[a-z]+) \|.*$")


def main() -> None:
    """Measure what is asked for, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--tasks", nargs="+", default=list(gallery()))
    parser.add_argument("--techniques", nargs="+", default=list(techniques()))
    options = parser.parse_args()
    rows = known_rows()
    for task in options.tasks:
        for technique in options.techniques:
            rows[technique, task] = _row(technique, task)
            print(rows[technique, task], flush=True)
            write_whole(PATH, page(rows).encode())


def page(rows: dict[tuple[str, str], str]) -> str:
    """Return the text of the page with these rows of results."""
    parts = [HEAD]
    for technique in techniques().values():
        first = technique.help.split("\n\n")[0]
        parts += [f"## {technique.title}\n", f"`{technique.id}`. {' '.join(first.split())}\n"]
        parts += ["| setting | default | may be | what it does |", "| --- | --- | --- | --- |"]
        parts += [_setting(spec) for spec in describe(technique.params)]
        own = [rows[technique.id, task] for task in gallery() if (technique.id, task) in rows]
        if own:
            parts += [
                "", "| technique | task | settings | accuracy | file | latency |",
                "| --- | --- | --- | --- | --- | --- |", *own,
            ]  # fmt: skip
        parts.append("")
    return "\n".join(parts)


def _setting(spec: ParamSpec) -> str:
    if spec.kind in (Kind.NUMBER, Kind.INTEGER):
        allowed = f"{spec.minimum:g} to {spec.maximum:g}"
    elif spec.kind is Kind.CHOICE:
        allowed = ", ".join(value for value, _ in spec.choices)
    else:
        others = {Kind.TABLE: "a table", Kind.MODEL: "gallery:TASK, a file", Kind.TEXT: "a text"}
        allowed = others.get(spec.kind, "true, false")
    default = "" if spec.kind is Kind.TABLE else str(spec.default)
    return f"| `{spec.name}` | {default} | {allowed} | {spec.help} |"


def known_rows() -> dict[tuple[str, str], str]:
    """Return the rows of results that the page holds, by technique and task."""
    lines = PATH.read_text(encoding="utf-8").splitlines() if PATH.is_file() else []
    found = (ROW.match(line) for line in lines)
    return {(item["id"], item["task"]): item[0] for item in found if item}


def _row(technique: str, task: str) -> str:
    network = open_network(find_task(task).network_path)
    part = techniques()[technique]
    told = part.preflight(network)
    head = f"| `{technique}` | {task} |"
    if told.status == "cannot":
        return f"{head} cannot: {told.reason} | | | |"
    step = Step(technique=technique, params=part.example(network))
    runs = Runs()
    with tempfile.TemporaryDirectory() as folder:
        runner = InlineRunner(Path(folder), lambda event: _heard(runs, event))
        reference = f"gallery:{task}"
        recipe = Recipe(steps=(step,))
        job = VariantsJob(network=reference, data=reference, recipes=(recipe,), split="test")
        runner.send(job)
        runner.events()
    run = runs[job.id]
    if run.failures or run.problem is not None:
        why = run.failures[0].detail if run.failures else run.problem
        return f"{head} {part.describe(step.params)} | not done: {why} | | |"
    original, made = (item.measurement for item in run.variants)
    words = part.describe(step.params)
    return f"{head} {words} | {_accuracy(made)} | {_size(original, made)} | {_speed(made)} |"


def _heard(runs: Runs, event: Event) -> None:
    runs.apply(event)


def _accuracy(made: Measurement) -> str:
    change = wording.score_change(made).text
    return f"{wording.score_text(made)} ({change})"


def _size(original: Measurement, made: Measurement) -> str:
    change = wording.size_change(made.size_bytes, original.size_bytes).text
    return f"{bytes_text(made.size_bytes)} ({change})"


def _speed(made: Measurement) -> str:
    ratio = "" if made.latency_ratio is None else f" ({made.latency_ratio:.2f})"
    return f"{made.verdict}{ratio}"


if __name__ == "__main__":
    main()
