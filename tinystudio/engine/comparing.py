"""Carries out a `CompareJob`: the exact files on the same samples, then layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from tinystudio.core.data import Array, Dataset, Samples
from tinystudio.core.intervals import paired_difference
from tinystudio.core.measurement import Measurement
from tinystudio.core.reporter import Part, Reporter
from tinystudio.engine.comparing_classes import class_parts
from tinystudio.engine.comparing_layers import layer_rows
from tinystudio.engine.comparing_samples import sample_parts
from tinystudio.engine.contending import Origin, networks_of
from tinystudio.engine.judging import Judge
from tinystudio.engine.work import Work
from tinystudio.graph.network import Network
from tinystudio.jobs.comparison import Comparison, Contender, PairDifference
from tinystudio.jobs.events import Compared
from tinystudio.jobs.job import CompareJob
from tinystudio.measure.answers import Answers, answers_of
from tinystudio.measure.running import outputs_of
from tinystudio.measure.truth import with_truth
from tinystudio.metrics import find_metric
from tinystudio.metrics.metric import Metric, Outputs

# Shares of the progress bar.
OPENED, ANSWERED, MEASURED, LOOKED = 0.25, 0.5, 0.8, 0.85
NO_DATA = "There is no data: attach some to see what the variants answer."
NO_LABELS = "The data has no labels, so nothing says which answers are right."
NO_CLASSES = "There are no classes: the metric judges numbers."
NOT_FINITE = "Some answers are not finite numbers, so they were not compared."


def compare(job: CompareJob, work: Work) -> None:
    """Carry out a `CompareJob`."""
    work.reporter.progress(0, 1, "Opening model and data")
    network = work.network(job.network)
    dataset = work.dataset(job.data, job.seed, network) if job.data is not None else None
    origin = Origin(job.network, network, dataset, job.seed)
    networks = networks_of(job.contenders, origin, work, Part(work.reporter, 0, OPENED))
    found = Comparison(
        contenders=_measured(job, origin, networks, work),
        split=job.split,
        samples=0,
        metric=dataset.metric if dataset is not None else "accuracy",
        higher_is_better=find_metric(dataset.metric).higher_is_better if dataset else True,
        why=dict.fromkeys(("pairs", "classes", "confusions", "samples"), NO_DATA),
    )
    if dataset is not None:
        bench = _Bench(job, work, origin, dataset, networks)
        found = found.model_copy(update=bench.answered(Part(work.reporter, OPENED, ANSWERED)))
    reporter = Part(work.reporter, LOOKED, 1.0)
    some = None if dataset is None else dataset.split(job.split)
    layers, why = layer_rows(network, networks, some, reporter)
    found = found.model_copy(update={**layers, "why": {**found.why, **why}})
    work.emit(Compared(job=job.id, comparison=found))


def _measured(
    job: CompareJob, origin: Origin, networks: Sequence[Network], work: Work
) -> tuple[Contender, ...]:
    """Return the contenders with their figures; what is known is not measured again."""
    judge = Judge(work.cache, origin.network, origin.dataset, job.split, time=job.time)
    done: list[Contender] = []
    span = (MEASURED - ANSWERED) / len(networks)
    for at, (item, network) in enumerate(zip(job.contenders, networks, strict=True)):
        part = Part(work.reporter, ANSWERED + at * span, ANSWERED + (at + 1) * span)
        figures = item.measurement
        if figures is None:
            part.progress(0, 1, f"Measuring {item.title}")
            figures = _judged(judge, network, origin.network, part)
        done.append(item.model_copy(update={"measurement": figures}))
    return tuple(done)


def _judged(judge: Judge, network: Network, original: Network, part: Reporter) -> Measurement:
    if network.fingerprint == original.fingerprint:
        return judge.original(part)
    return judge.variant(network.data, part)


@dataclass(frozen=True)
class _Bench:
    """What all answers of one comparison share."""

    job: CompareJob
    work: Work
    origin: Origin
    dataset: Dataset
    networks: Sequence[Network]

    def answered(self, reporter: Reporter) -> dict[str, Any]:
        """Return the parts of a `Comparison` that are about answers."""
        metric = find_metric(self.dataset.metric)
        samples = self._samples(metric)
        outputs = [
            self._outputs(at, network, samples, reporter)
            for at, network in enumerate(self.networks)
        ]
        found: dict[str, Any] = {"samples": len(samples)}
        if samples.labels is None:
            reasons = ("classes", "confusions", "samples", "pairs")
            return {**found, "why": dict.fromkeys(reasons, NO_LABELS)}
        scores = [metric.per_sample(item, samples.labels) for item in outputs]
        answers = None
        if metric.classifies:
            answers = [answers_of(item, samples.labels) for item in outputs]
        why: dict[str, str] = {}
        pairs = _pairs(scores, answers)
        if len(pairs) < len(list(combinations(scores, 2))):
            why["pairs"] = NOT_FINITE
        found["pairs"] = pairs
        if answers is None:
            why |= {"classes": NO_CLASSES, "confusions": NO_CLASSES}
        else:
            found |= class_parts(answers, samples.labels, self.dataset.classes, why)
        found |= sample_parts(self.dataset, samples, outputs, scores, answers, metric, why)
        return {**found, "why": why}

    def _samples(self, metric: Metric) -> Samples:
        samples = self.dataset.split(self.job.split)
        original = self.origin.network.data
        return with_truth(
            samples, metric, lambda: outputs_of(original, samples, self.work.reporter)
        )

    def _outputs(self, at: int, network: Network, samples: Samples, reporter: Reporter) -> Outputs:
        reporter.progress(at, len(self.networks), f"Running {self.job.contenders[at].title}")
        return outputs_of(network.data, samples, self.work.reporter)


def _pairs(
    scores: Sequence[Array], answers: Sequence[Answers] | None
) -> tuple[PairDifference, ...]:
    """Return how every two differ, where both have a score."""
    found = []
    for first, second in combinations(range(len(scores)), 2):
        if not np.isfinite((scores[first], scores[second])).all():
            continue
        change, (low, high) = paired_difference(scores[first], scores[second])
        if not np.isfinite((low, high)).all():
            continue
        lost, mended = (0, 0) if answers is None else _turned(answers[first], answers[second])
        found.append(
            PairDifference(
                first=first, second=second, change=change, interval=(low, high),
                tied=low <= 0 <= high, new_mistakes=lost, mended=mended,
            )
        )  # fmt: skip
    return tuple(found)


def _turned(first: Answers, second: Answers) -> tuple[int, int]:
    """Return how many answers are right in the first alone, and in the second alone."""
    lost, mended = first.right & ~second.right, second.right & ~first.right
    return int(lost.sum()), int(mended.sum())
