"""What every metric is: it says per sample and as one score what outputs are worth."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import ClassVar

from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Interval

Outputs = tuple[Array, ...]
Bounds = tuple[float, float]


class Metric(ABC):
    """One way to judge outputs. A subclass's docstring is what people read about it.

    `outputs` are the network's outputs, each (n, ...). `truth` (n, ...) is what they are compared
    with: the labels, but for metrics that make it of more (see `truth`) or of the original's
    answers (see `of_original`).

    `per_sample` returns (n,) float64 **whose mean is the score**, so that two networks can be
    compared sample by sample. A score that is no mean of samples (AUC, macro-F1, R², perplexity)
    returns the score plus each sample's influence on it (infinitesimal jackknife: Jaeckel 1972;
    Efron 1982, chapter 6). Influences add up to zero, so the mean is the score exactly; their
    deviation over the root of n is its standard error, and that of the paired difference of two
    networks is the one of their change. Where a score is not defined on the samples, such as the
    AUC of one class, all of it is NaN.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    unit: ClassVar[str]  # "%": stored as a fraction, shown times 100; "dB"; "" for none
    higher_is_better: ClassVar[bool]
    bounds: ClassVar[Bounds] = (-math.inf, math.inf)
    # Outputs are scores of classes: they are trained by cross entropy, and told class by class.
    classifies: ClassVar[bool]
    # The score is a weighted share of answers that are right: answers that hang in the balance
    # can be counted in part.
    counts_right: ClassVar[bool] = False
    # Judged against the original's answers instead of labels; the original's score is the best.
    of_original: ClassVar[bool] = False
    needs: ClassVar[str]  # which labels and outputs it is for, in words
    undefined: ClassVar[str] = ""  # when it has no value although all outputs are numbers
    # Fast and harmless enough to be asked thousands of times, by the window as well: forecasts.
    is_predicted: ClassVar[bool] = True
    # The id of the metric that samples held out of a training are judged by; empty: this one.
    learned_by: ClassVar[str] = ""

    @property
    def name(self) -> str:
        """Return the title as it stands within a sentence; abbreviations stay as they are."""
        first, rest = self.title.partition(" ")[0], self.title[1:]
        return self.title if first == first.upper() else self.title[0].lower() + rest

    @property
    def help(self) -> str:
        """Return what it says."""
        return (type(self).__doc__ or "").strip()

    @abstractmethod
    def per_sample(self, outputs: Outputs, truth: Array) -> Array:
        """Return (n,) float64 whose mean is the score; raises `UserError` where shapes misfit."""

    @abstractmethod
    def interval(self, outputs: Outputs, truth: Array) -> Interval:
        """Return the 90 % interval of the score."""

    def score(self, outputs: Outputs, truth: Array) -> float:
        """Return the score in the metric's unit."""
        return float(self.per_sample(outputs, truth).mean())

    def small_loss(self, score: float) -> float:
        """Return how much of a score hardly anyone would miss, in its unit: what goals begin with.

        A hundredth of a score that ends at 1, two hundredths of any other.
        """
        return 0.01 if self.bounds[1] == 1.0 else 0.02 * abs(score)

    def additive(self, outputs: Outputs) -> Array:
        """Return what the effects of several changes add up in, (n, ...): judged as outputs are."""
        return outputs[0]

    def truth(self, samples: Samples) -> Array | None:
        """Return what outputs for `samples` are compared with; None where there is nothing."""
        return None if self.of_original else samples.labels

    def answers(self, outputs: Outputs) -> Array:
        """Return what others are compared with where these are the original's outputs."""
        return outputs[0]

    def lessons(self, samples: Samples) -> Samples:
        """Return the samples that a training learns from, with what it aims at as labels."""
        return samples


def misfit(detail: str, hint: str) -> UserError:
    """Return the error of labels that do not fit the outputs."""
    return UserError("The labels do not fit the model", detail, hint)
