"""How well accuracy and size are predicted before anything is run, beside adding up scalars.

    python -m benchmarks.predictor [--networks ...] [--seeds 1] [--count 200] [--json FILE]

Per network and seed: the layer database is built by a warm engine (times of the first front, of
the complete one, of opening it again), then random mixed configurations (benchmarks/drawing.py)
are made as files and run on the very validation samples that predictions are of. Peers: the sum
over layers of one scalar (KL divergence, or accuracy lost, of each level alone: OBC, HAWQ), made
an accuracy by isotonic regression on the same 40 measured choices that ours knows; the better of
the two counts. One step: 60 pairs, the first measured, the second one slider or switch away.

Aims: Spearman >= 0.97, mean error <= 1 point where accuracy is over 80 % of the original's, one
step <= 0.4 point there, the 90 % interval covers 85 to 95 % over all networks; first front <= 6 s
and complete <= 15 s for watch and satellite, <= 15 s and <= 60 s for the others, again <= 1 s.
A rank correlation means little where many accuracies are equal within their noise. So their range
is told, `far` is Spearman over those more than 2 points below the original (scalar's behind it),
and `halves` how well accuracies on every other sample rank those on the rest: the noise.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.databases import Bench, bench, right
from benchmarks.drawing import mixed, steps_from
from benchmarks.networks import Subject, add_networks, find
from benchmarks.ranks import Isotonic, spearman
from tinystudio.core.data import Array
from tinystudio.explorer.costs import level_costs
from tinystudio.explorer.database import Database
from tinystudio.explorer.space import Choice

NEAR = 0.8  # of the original's accuracy: above it one would use a network
PLATEAU = 0.02  # below the original's accuracy: within it ranks are those of a few samples
PAIRS = 60
SMALL = ("watch", "satellite")  # small CNNs: other times are asked of them


def main() -> None:
    """Print one line per network and seed, then what all say together."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    add_networks(parser)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(
        f"{'network':12}{'seed':>4}{'first':>8}{'CPU':>6}{'whole':>8}{'CPU':>6}{'again':>7}{'accuracy':>16}{'near':>6}"
        f"{'Spearman':>9}{'scalar':>7}{'far':>7}{'scalar':>7}{'halves':>7}{'error':>7}{'scalar':>7}{'step':>6}{'covers':>7}"
        f"{'size off':>9}"
    )
    rows = []
    for name in options.networks:
        for seed in range(options.seeds):
            rows.append(one(find(name, options.cache), seed, options.count))
            print(_line(rows[-1]), flush=True)
            if options.json:
                options.json.write_text(json.dumps(rows, indent=1))
    _conclude(rows)


def one(subject: Subject, seed: int, count: int) -> dict[str, Any]:
    """Build a network's database and try its predictions."""
    with bench(subject, seed) as made:
        build = made.build()
        database = build.database
        made.forget_memory()
        start = time.perf_counter()
        made.build()
        again = time.perf_counter() - start
        found = tried(made, database, mixed(database.space, count, 1000 + seed))
        steps = stepped(made, database, seed)
    first, whole = build.first("levels"), build.first("complete")
    return {
        "network": subject.name, "seed": seed, "first_s": first.wall_s, "whole_s": whole.wall_s,
        "first_cpu_s": first.cpu_s, "whole_cpu_s": whole.cpu_s, "again_s": again,
        "original": database.original_score, "samples": database.samples,
        "method": database.method, **found, **steps,
    }  # fmt: skip


def tried(made: Bench, database: Database, choices: list[Choice]) -> dict[str, Any]:
    """Compare predictions with the truth."""
    samples, predictor, space = made.judged(database), database.predictor, database.space
    true, said, low, high, off, halves = [], [], [], [], [], []
    for choice in choices:
        file, found = made.file(space, choice), predictor.predict(choice)
        outputs = made.outputs(file, samples)
        true.append(right(outputs, samples.labels))
        halves.append([right(outputs[at::2], samples.labels[at::2]) for at in (0, 1)])
        said.append(found.score)
        low.append(found.interval[0])
        high.append(found.interval[1])
        off.append(len(file.data) - database.point(choice).size_bytes)
    truth, ours = np.array(true), np.array(said)
    peer = scalar_sums(database, choices, truth)
    near = truth > NEAR * database.original_score
    far = truth < database.original_score - PLATEAU
    inside = (truth >= np.array(low) - 1e-9) & (truth <= np.array(high) + 1e-9)
    return {
        "least": float(truth.min()), "most": float(truth.max()), "near": float(near.mean()),
        "distinct": len(set(true)),
        "spearman": spearman(truth, ours),
        "spearman_near": spearman(truth[near], ours[near]),
        "spearman_far": spearman(truth[far], ours[far]), "far": float(far.mean()),
        "peer_far": spearman(truth[far], peer["scores"][far]),
        "halves": spearman(*np.array(halves).T),
        "error": float(np.abs(truth - ours)[near].mean()),
        "error_all": float(np.abs(truth - ours).mean()),
        "bias": float((ours - truth)[near].mean()),
        "peer": peer["name"], "peer_spearman": peer["spearman"],
        "peer_error": float(np.abs(truth - peer["scores"])[near].mean()),
        "inside": int(inside.sum()), "inside_near": int(inside[near].sum()),
        "count": len(choices), "count_near": int(near.sum()),
        "size_off": float(np.abs(off).mean()), "size_most_off": int(np.abs(off).max()),
        "pairs": [[float(a), float(b)] for a, b in zip(truth, ours, strict=True)],
    }  # fmt: skip


def scalar_sums(database: Database, choices: list[Choice], truth: Array) -> dict[str, Any]:
    """Return what the better sum of scalars predicts for the choices."""
    known = database.known
    best: dict[str, Any] = {"spearman": -2.0}
    for name, costs in _scalars(database).items():
        fitted = Isotonic(_sums(database, list(known.choices), costs), known.scores)
        sums = _sums(database, choices, costs)
        found = spearman(truth, -sums)
        if found > best["spearman"]:
            best = {"name": name, "spearman": found, "scores": fitted(sums)}
    return best


def stepped(made: Bench, database: Database, seed: int) -> dict[str, Any]:
    """Predict one step away from a measured configuration."""
    draw = np.random.default_rng(2000 + seed)
    samples, space = made.judged(database), database.space
    errors, near = [], []
    for choice in mixed(space, PAIRS, 3000 + seed):
        there = made.outputs(made.file(space, choice), samples)
        predictor = database.predictor.with_known(choice, there)
        moved = steps_from(space, choice, draw)
        true = right(made.outputs(made.file(space, moved), samples), samples.labels)
        errors.append(abs(predictor.score(moved) - true))
        near.append(true > NEAR * database.original_score)
    found = np.array(errors)
    return {
        "step": float(found[np.array(near)].mean()), "step_all": float(found.mean()),
        "steps_near": int(sum(near)),
    }  # fmt: skip


def _scalars(database: Database) -> dict[str, Array]:
    changes, labels = database.changes, np.asarray(database.labels)
    whole = changes.original.reshape(len(labels), -1)
    score = right(whole, labels)
    lost = [score - right(whole + row.reshape(whole.shape), labels) for row in changes.rows]
    return {"KL": level_costs(changes, True), "accuracy": np.array(lost)}


def _sums(database: Database, choices: list[Choice], costs: Array) -> Array:
    indices = [database.changes.indices(database.space, choice) for choice in choices]
    return np.array([costs[at].sum() for at in indices])


def _line(row: dict[str, Any]) -> str:
    return (
        f"{row['network']:12}{row['seed']:4}{row['first_s']:6.1f} s{row['first_cpu_s']:6.1f}"
        f"{row['whole_s']:6.1f} s{row['whole_cpu_s']:6.1f}"
        f"{row['again_s']:5.2f} s{100 * row['least']:7.1f}-{100 * row['most']:.1f} %"
        f"{100 * row['near']:5.0f} %{row['spearman']:8.3f}{row['peer_spearman']:8.3f}"
        f"{row['spearman_far']:7.3f}{row['peer_far']:7.3f}{row['halves']:7.3f}"
        f"{100 * row['error']:7.2f}{100 * row['peer_error']:7.2f}{100 * row['step']:6.2f}"
        f"{100 * row['inside'] / row['count']:5.0f} %{row['size_off']:7.1f} B"
    )


def _conclude(rows: list[dict[str, Any]]) -> None:
    count, inside = sum(row["count"] for row in rows), sum(row["inside"] for row in rows)
    near = sum(row["count_near"] for row in rows)
    print(
        f"90 % interval covers {100 * inside / count:.1f} % of {count} "
        f"({100 * sum(row['inside_near'] for row in rows) / max(near, 1):.1f} % of the {near} near)"
    )
    for name in dict.fromkeys(row["network"] for row in rows):
        own = [row for row in rows if row["network"] == name]
        middle = {
            key: statistics.median(row[key] for row in own)
            for key in ("spearman", "error", "step", "first_s", "whole_s", "again_s")
        }
        first, whole = (6, 15) if name in SMALL else (15, 60)
        aims = {
            "Spearman": middle["spearman"] >= 0.97, "error": middle["error"] <= 0.01,
            "step": middle["step"] <= 0.004, "first front": middle["first_s"] <= first,
            "complete": middle["whole_s"] <= whole, "again": middle["again_s"] <= 1,
        }  # fmt: skip
        missed = [aim for aim, met in aims.items() if not met]
        print(f"{name:12} {'missed: ' + ', '.join(missed) if missed else 'reached'}")


if __name__ == "__main__":
    main()
