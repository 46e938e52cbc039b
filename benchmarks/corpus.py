"""Every model of the `onnx` package: opened, or refused with a reason; and answers as before.

    python -m benchmarks.corpus [--every 1] [--json FILE]

The node cases that `onnx.backend.test.case` generates and every .onnx file that the package ships.
A worker process opens one after the other and looks at it as `tinystudio inspect` does; a worker
that dies is a crash of that model alone. Of what opened, the normal form that all techniques work
on is run in onnxruntime beside the file, on the case's own inputs.

`same`: they answer alike. `differs`: they do not. `random`: the file does not answer alike twice.
`not run`: onnxruntime has no kernel for it, `no inputs`: none are shipped in a form to feed.
`refused`: with title, cause and remedy; `poorly refused`: without. `fault`: an error that is no
answer to a user. `died`, `hung`: the worker's end.

Aim: no fault, nothing poorly refused, no death, nothing hung, nothing that differs.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks import corpus_worker
from benchmarks.corpus_worker import node_cases, shipped_files
from benchmarks.fuzz import Worker

OPENED = ("same", "random", "not run", "no inputs", "differs")
BAD = ("differs", "poorly refused", "fault", "died", "hung", "greedy")
_LAST = ("died", "hung", "greedy")  # after these the worker is another

Model = tuple[str, str]  # "node" and a case's name, or "file" and a path
Answer = tuple[str, str, str]  # the model's name, how it went, what was said


def models() -> list[Model]:
    """Return every model there is."""
    return [("node", name) for name in node_cases()] + [
        ("file", str(path)) for path in shipped_files()
    ]


def opened_in_turn(asked: Iterable[Model]) -> Iterator[Answer]:
    """Have one model after the other opened; yield how it went."""
    worker = None
    try:
        for kind, name in asked:
            worker = worker or Worker(corpus_worker.main)
            how, text = worker.open(kind, name)
            yield name, how, text
            if how in _LAST:
                worker.end()
                worker = None
    finally:
        if worker is not None:
            worker.end()


def main() -> None:
    """Print the table, and every answer that is none."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--every", type=int, default=1, help="open only every so many of them")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    answers = list(opened_in_turn(models()[:: options.every]))
    tally = Counter(how for _, how, _ in answers)
    opened = sum(tally[how] for how in OPENED)
    print(f"{len(answers)} models: {opened} opened, {tally['refused']} refused with a reason")
    for how in (*OPENED, "refused", *[item for item in BAD if item != "differs"]):
        print(f"  {how:15} {tally[how]:5}")
    reasons = Counter(_reason(text) for _, how, text in answers if how == "refused")
    for reason, count in reasons.most_common():
        print(f"  refused {count:5}  {reason}")
    for name, how, text in answers:
        if how in BAD:
            print(f"{how}: {Path(name).parent.name if '/' in name else name}: {text[-600:]}")
    print(f"aim {'met' if not any(tally[how] for how in BAD) else 'missed'}")
    if options.json:
        options.json.write_text(json.dumps({"tally": tally, "answers": answers}, indent=1))


def _reason(text: str) -> str:
    """Return why a model was refused, without its name."""
    return text.partition(" - ")[2].partition(" - ")[0][:160]


if __name__ == "__main__":
    main()
