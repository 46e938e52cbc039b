"""Random limits on size and latency: how fast the answer comes, and whether it keeps to them.

    python -m benchmarks.limits [--networks ...] [--questions 100] [--seed 0] [--json FILE]

Per network a database is built, as when a model is opened. A question has a limit on bytes, drawn
evenly on a logarithmic scale between the smallest file of the front and the original, and one on
milliseconds, drawn likewise between the fastest of the front and the original. The answer is the
best point inside by predicted figures (what the window shows). Then every answer's file is made:
its true bytes, its time against the original's in shuffled blocks of one fresh process
(measure/latency.py), its true accuracy on the same samples. A limit is violated where the whole
interval lies beyond it; `over` counts where the middle does, `most` by how much at most. Where an
answer is violated the window, which has measured it, answers anew; `after` counts the questions
whose last answer is still violated, `again` how often one was asked anew. `worse` is how much less
accurate an answer is than the best file inside that was measured at all (among the answers to all
questions and the choices that checked the predictions).

Aim: an answer within 50 ms, no limit violated after the exact check.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.databases import Bench, bench, right
from benchmarks.networks import Subject, add_networks, find
from tinystudio.core.measurement import Measurement
from tinystudio.core.reporter import Silent
from tinystudio.explorer.database import Database, FrontPoint
from tinystudio.measure.measuring import Baseline, baseline_of, measure_file
from tinystudio.session.exploration import Exploration
from tinystudio.session.front import Limits, violated

MOST_AGAIN = 5  # times all questions: then something is wrong


@dataclass(frozen=True)
class Answer:
    """One question and what came of it."""

    limits: Limits
    point: FrontPoint | None
    seconds: float


@dataclass(frozen=True)
class Truth:
    """The true figures of one choice; its time is that of the table where it was not timed."""

    score: float
    size_bytes: int
    latency_ms: float


def main() -> None:
    """Print one line per network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    add_networks(parser)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    print(
        f"{'network':12}{'answered':>9}{'p50':>9}{'p95':>9}{'most':>9}{'answers':>8}"
        f"{'size violated':>15}{'latency violated':>18}{'after':>7}{'again':>7}{'over':>6}"
        f"{'most':>8}"
        f"{'worse':>9}"
        f"{'forecast off':>14}"
    )
    rows = []
    for name in options.networks:
        rows.append(one(find(name, options.cache), options.questions, options.seed))
        print(_line(rows[-1]), flush=True)
        if options.json:
            options.json.write_text(json.dumps(rows, indent=1))


def one(subject: Subject, questions: int, seed: int) -> dict[str, Any]:
    """Ask, then look at the files."""
    with bench(subject, seed) as made:
        path = made.build().states[-1].path
        samples, labels = made.dataset.validation, made.dataset.validation.labels
        assert labels is not None
        original = measure_file(
            made.network.data, samples, made.dataset.metric, (), "validation", Silent(), seed=seed
        )
        exploration = Exploration()
        exploration.load(str(path))
        database = exploration.database
        assert database is not None and database.latency is not None
        answers = [
            _asked(exploration, limits, original)
            for limits in drawn(exploration, original, questions, seed)
        ]
        figures = _measured(made, database, answers, original)
        row = {"network": subject.name, **_judged(database, answers, figures, original, made)}
        return row | _checked(made, exploration, answers, figures, original)


def _checked(
    made: Bench,
    exploration: Exploration,
    answers: Sequence[Answer],
    figures: dict[tuple[int, ...], Measurement],
    original: Measurement,
) -> dict[str, int]:
    """Ask again what was violated, as long as that is so: measured points count as they are."""
    database = exploration.database
    assert database is not None
    left, again, known = list(answers), 0, dict(figures)
    while True:
        left = [a for a in left if a.point and violated(known[a.point.choice], a.limits)]
        if not left or again > MOST_AGAIN * len(answers):
            return {"after": len(left), "again": again}
        exploration.set_measured(
            (exploration.recipe(np.array(choice, np.int16)), item) for choice, item in known.items()
        )
        again += len(left)
        left = [_asked(exploration, answer.limits, original) for answer in left]
        known |= _measured(made, database, [a for a in left if a.point], original, known)


def drawn(
    exploration: Exploration, original: Measurement, questions: int, seed: int
) -> list[Limits]:
    """Return random limits that some point of the front keeps to, each by itself."""
    draw = np.random.default_rng(seed)
    figures = [item for _, item in exploration.front(original)]
    sizes = [item.size_bytes or 0 for item in figures]
    times = [item.latency_ms or 0.0 for item in figures]

    def between(values: Sequence[float]) -> float:
        return float(np.exp(draw.uniform(np.log(min(values)), np.log(max(values)))))

    return [Limits(size_bytes=between(sizes), latency_ms=between(times)) for _ in range(questions)]


def _asked(exploration: Exploration, limits: Limits, original: Measurement) -> Answer:
    start = time.perf_counter()
    point = exploration.best_within(limits, original)
    return Answer(limits, point, time.perf_counter() - start)


def _measured(
    made: Bench, database: Database, answers: Sequence[Answer], original: Measurement,
    known: dict[tuple[int, ...], Measurement] | None = None,
) -> dict[tuple[int, ...], Measurement]:  # fmt: skip
    """Measure the file of every answer, once, but those that are known."""
    samples, metric = made.judged(database), made.dataset.metric
    first = baseline_of(made.network.data, samples, metric, Silent())
    baseline = Baseline(first.data, first.per_sample, original.latency_ms)
    found: dict[tuple[int, ...], Measurement] = {}
    wanted = {answer.point.choice for answer in answers if answer.point is not None}
    for choice in wanted - (known or {}).keys():
        file = made.file(database.space, np.array(choice, np.int16))
        found[choice] = measure_file(
            file.data, samples, metric, (), "validation", Silent(), original=baseline,
            seed=made.seed,
        )  # fmt: skip
    return found


def _judged(
    database: Database,
    answers: Sequence[Answer],
    figures: dict[tuple[int, ...], Measurement],
    original: Measurement,
    made: Bench,
) -> dict[str, Any]:
    seconds = np.array([answer.seconds for answer in answers])
    size, latency, over, worse, excess = 0, 0, 0, [], [0.0]
    known = _known(database, figures, original, made)
    forecast = _forecast_errors(database, figures, original)
    for answer in answers:
        if answer.point is None:
            continue
        found = figures[answer.point.choice]
        broken = violated(found, answer.limits)
        size += "size_bytes" in broken
        latency += "latency_ms" in broken
        over += (found.latency_ms or 0.0) > (answer.limits.latency_ms or 0.0)
        excess.append((found.latency_ms or 0.0) / (answer.limits.latency_ms or 1.0) - 1)
        worse.append(max(0.0, _best(known, answer.limits) - (found.score or 0.0)))
    return {
        "questions": len(answers), "answered": sum(a.point is not None for a in answers),
        "answers": len(figures), "p50_ms": 1e3 * float(np.median(seconds)),
        "p95_ms": 1e3 * float(np.quantile(seconds, 0.95)), "most_ms": 1e3 * float(seconds.max()),
        "size_violated": size, "latency_violated": latency, "latency_over": over,
        "most_excess": max(excess), "forecast": float(np.mean(forecast)),
        "worse": float(np.mean(worse)), "worst": float(np.max(worse)),
    }  # fmt: skip


def _forecast_errors(
    database: Database, figures: dict[tuple[int, ...], Measurement], original: Measurement
) -> list[float]:
    """Return how far the forecast latencies of the answers were off, as shares."""
    table = database.latency
    assert table is not None and original.latency_ms is not None
    whole = table.predict(database.space, database.space.original)[0]
    return [
        abs(table.predict(database.space, np.array(choice, np.int16))[0] / whole / ratio - 1)
        for choice, figure in figures.items()
        if (ratio := figure.latency_ratio) is not None
    ]


def _known(
    database: Database,
    figures: dict[tuple[int, ...], Measurement],
    original: Measurement,
    made: Bench,
) -> list[Truth]:
    """Return the answers, and the choices that checked predictions (bytes and time predicted)."""
    table = database.latency
    assert table is not None and original.latency_ms is not None
    scale = original.latency_ms / table.predict(database.space, database.space.original)[0]
    found = [
        Truth(item.score or 0.0, item.size_bytes or 0, item.latency_ms or 0.0)
        for item in figures.values()
    ]
    for choice, score in zip(database.known.choices, database.known.scores, strict=True):
        time_ms = table.predict(database.space, choice)[0] * scale
        size = int(database.sizes.file_bytes(database.space, choice)[0])
        found.append(Truth(float(score), size, time_ms))
    samples = made.judged(database)
    assert samples.labels is not None
    whole = right(made.outputs(made.network, samples), samples.labels)
    return [*found, Truth(whole, len(made.network.data), original.latency_ms)]


def _best(known: Sequence[Truth], limits: Limits) -> float:
    """Return the best score inside, 0 where nothing is: the answer itself may be over."""
    return max(
        (
            item.score
            for item in known
            if item.size_bytes <= (limits.size_bytes or 0)
            and item.latency_ms <= (limits.latency_ms or 0)
        ),
        default=0.0,
    )


def _line(row: dict[str, Any]) -> str:
    return (
        f"{row['network']:12}{row['answered']:5} of {row['questions']}"
        f"{row['p50_ms']:6.1f} ms{row['p95_ms']:6.1f} ms{row['most_ms']:6.1f} ms{row['answers']:8}"
        f"{row['size_violated']:15}{row['latency_violated']:18}{row['after']:7}{row['again']:7}"
        f"{row['latency_over']:6}"
        f"{100 * row['most_excess']:6.1f} %"
        f"{100 * row['worse']:7.2f} p{100 * row['forecast']:12.1f} %"
    )


if __name__ == "__main__":
    main()
