"""Measures variants against one original, whose figures and outputs are found only once."""

from __future__ import annotations

from dataclasses import dataclass

from tinystudio.core.cache import Cache
from tinystudio.core.data import Array, Dataset, Samples, Split
from tinystudio.core.measurement import Measurement
from tinystudio.core.reporter import Part, Reporter, Silent
from tinystudio.graph.network import Network
from tinystudio.graph.ort_format import OrtFile
from tinystudio.measure.agreement import collapse_warning
from tinystudio.measure.guessing import Doubt, guessing_doubt
from tinystudio.measure.measuring import Baseline, baseline_of, measure_file
from tinystudio.measure.running import outputs_of
from tinystudio.measure.throughput import with_throughput
from tinystudio.measure.truth import with_truth
from tinystudio.metrics import find_metric

NO_DATA_METRIC = "accuracy"
BY_DEFINITION = (
    "What is measured is how far answers agree with the original's, not whether they are right: "
    "the original has 100 % by definition."
)
TIMED_SHARE = 0.4  # of a measurement, where throughput is timed after it
COLLAPSE_SAMPLES = 256  # a collapse shows on far fewer
COLLAPSE_SHARE = 0.1  # of a measurement's time


@dataclass(frozen=True)
class Judge:
    """How one job measures: on which samples, with how many threads, timed or not."""

    cache: Cache
    network: Network | OrtFile
    dataset: Dataset | None
    split: Split
    threads: int = 1
    time: bool = True
    batches: tuple[int, ...] = ()

    def original(self, reporter: Reporter) -> Measurement:
        """Return the original's own figures, found once per engine."""
        found = self.cache.get(
            ("original", self.batches, *self._key()),
            lambda: self._measure(self.network.data, reporter, None),
            lambda _: 4096,  # a measurement is a few kB
        )
        if self.dataset is None or not find_metric(self.dataset.metric).of_original:
            return found
        told = {"score_interval": (1.0, 1.0), "warnings": (*found.warnings, BY_DEFINITION)}
        return found.model_copy(update=told)

    def doubt(self, reporter: Reporter) -> Doubt | None:
        """Say what is wrong and what to do where the original is no better than guessing."""
        samples, dataset = self._samples(), self.dataset
        if dataset is None or samples is None or samples.labels is None:
            return None
        metric = find_metric(dataset.metric)
        if metric.of_original or not metric.classifies:
            return None
        some = samples.first(COLLAPSE_SAMPLES)
        labels = some.labels
        assert labels is not None
        return guessing_doubt(self._first_outputs(some, reporter)[0], labels, dataset.classes)

    def variant(self, data: bytes, reporter: Reporter) -> Measurement:
        """Return a variant's figures against the original's, on the same samples."""
        collapse = self._collapse(data, Part(reporter, 0, COLLAPSE_SHARE))
        measuring = Part(reporter, COLLAPSE_SHARE, 1)
        measurement = self._measure(data, measuring, self._baseline(measuring))
        if collapse is None:
            return measurement
        return measurement.model_copy(update={"warnings": (*measurement.warnings, collapse)})

    def _measure(self, data: bytes, reporter: Reporter, original: Baseline | None) -> Measurement:
        dataset = self.dataset
        share = TIMED_SHARE if self.batches else 1.0
        figures = measure_file(
            data,
            self._samples(),
            dataset.metric if dataset is not None else NO_DATA_METRIC,
            dataset.classes if dataset is not None else (),
            self.split,
            Part(reporter, 0, share),
            original=original,
            time=self.time,
            threads=self.threads,
        )
        if not self.batches:
            return figures
        done = dataset.preprocessing if dataset is not None else None
        rest = Part(reporter, share, 1)
        return with_throughput(figures, data, self._samples(), self.batches, done, rest)

    def _baseline(self, reporter: Reporter) -> Baseline:
        dataset = self.dataset
        metric = dataset.metric if dataset is not None else NO_DATA_METRIC
        return self.cache.get(
            ("baseline", *self._key()),
            lambda: baseline_of(
                self.network.data,
                self._samples(),
                metric,
                reporter,
                self.original(reporter).latency_ms,
            ),
            lambda baseline: len(baseline.data),
        )

    def _collapse(self, data: bytes, reporter: Reporter) -> str | None:
        """Say what is wrong where the outputs no longer follow the original's."""
        samples = self._samples()
        if self.dataset is None or samples is None:
            return None
        some = samples.first(COLLAPSE_SAMPLES)
        original = self._first_outputs(some, reporter)
        outputs = outputs_of(data, some, reporter)
        if [item.shape for item in outputs] != [item.shape for item in original]:
            return "The outputs have other shapes than the original's."
        return collapse_warning(original, outputs, find_metric(self.dataset.metric).classifies)

    def _first_outputs(self, some: Samples, reporter: Reporter) -> tuple[Array, ...]:
        return self.cache.get(
            ("first outputs", *self._key()),
            lambda: outputs_of(self.network.data, some, reporter),
            _size,
        )

    def _samples(self) -> Samples | None:
        """Return what is measured on, with what outputs are compared with as labels."""
        dataset = self.dataset
        if dataset is None:
            return None
        samples, metric = dataset.split(self.split), find_metric(dataset.metric)
        return self.cache.get(
            ("truth", *self._key()),
            lambda: with_truth(
                samples, metric, lambda: outputs_of(self.network.data, samples, Silent())
            ),
            lambda made: 0 if made.labels is None else made.labels.nbytes,
        )

    def _key(self) -> tuple[str, str, Split, int, bool]:
        data = self.dataset.fingerprint if self.dataset is not None else ""
        return (self.network.fingerprint, data, self.split, self.threads, self.time)


def _size(outputs: tuple[Array, ...]) -> int:
    return sum(array.nbytes for array in outputs)
