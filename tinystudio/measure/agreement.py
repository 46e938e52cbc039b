"""How far a variant's outputs are from the original's, and whether they have collapsed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Array
from tinystudio.metrics.class_scores import class_rows

COLLAPSED_KAPPA = 0.2  # Landis and Koch (1977) call less "slight"; chance is 0, equal is 1
COLLAPSED_SQNR_DB = 3.0  # the error carries half the power of the signal
SAME_OUTPUT_SHARE = 1e-3  # of the original's spread over the samples
FEW_SAMPLES = 20  # fewer say nothing sure about agreement


@dataclass(frozen=True)
class Agreement:
    """What two networks' outputs on the same samples have in common.

    `sqnr_db` is the power of the original's outputs around their mean over the samples against
    the power of the difference, in decibels; `spread` is the variant's typical deviation over the
    samples as a share of the original's. The four figures about classes speak of the largest
    score of every answer in the first output; they are None where that has no classes.
    """

    samples: int
    sqnr_db: float
    cosine: float
    spread: float
    finite: bool
    top1_agreement: float | None = None
    kappa: float | None = None
    distinct_predictions: int | None = None
    original_distinct_predictions: int | None = None


def agreement(
    original: Sequence[Array], variant: Sequence[Array], classification: bool = True
) -> Agreement:
    """Compare the outputs of two networks, each a sequence of arrays (n, ...), on n samples.

    Where it is no `classification`, the first output is of numbers, whatever its shape. Raises
    ValueError where the outputs differ in number or shape.
    """
    shapes, others = [x.shape for x in original], [x.shape for x in variant]
    if shapes != others:
        raise ValueError(f"outputs of shapes {shapes} cannot be compared with {others}")
    first, second = _matrix(original), _matrix(variant)
    finite = bool(np.isfinite(second).all())
    second = np.nan_to_num(second, nan=0.0, posinf=0.0, neginf=0.0)
    has_classes = classification and _has_classes(original[0])
    answers = _answers(original[0], variant[0]) if has_classes else (None,) * 4
    return Agreement(
        samples=len(first),
        sqnr_db=_sqnr_db(first, second),
        cosine=_cosine(first, second),
        spread=_deviation(second) / _deviation(first) if _deviation(first) > 0 else 1.0,
        finite=finite,
        top1_agreement=answers[0],
        kappa=answers[1],
        distinct_predictions=answers[2],
        original_distinct_predictions=answers[3],
    )


def collapse_warning(
    original_outputs: Sequence[Array], variant_outputs: Sequence[Array], classification: bool
) -> str | None:
    """Say in a sentence that the variant's outputs no longer follow the original's, or None.

    Collapsed means: not numbers; the same whatever the input; for classification, agreement with
    the original's answers that is little better than chance (Cohen's kappa); otherwise an error
    of at least half the signal's power. Fewer than 20 samples are judged only by the first two.
    """
    found = agreement(original_outputs, variant_outputs, classification)
    return collapse(found, classification)


def collapse(found: Agreement, classification: bool) -> str | None:
    """Say in a sentence what is wrong with outputs that agree so little, or None."""
    if not found.finite:
        return "The outputs contain values that are not numbers."
    if found.spread < SAME_OUTPUT_SHARE:
        return "The outputs are the same whatever the input is: nothing of the data comes through."
    if found.samples < FEW_SAMPLES:
        return None
    if classification and found.kappa is not None:
        return _class_collapse(found) if found.kappa < COLLAPSED_KAPPA else None
    if found.sqnr_db < COLLAPSED_SQNR_DB:
        return (
            "The outputs no longer follow the original's: the error is as large as the signal "
            f"(signal to error {found.sqnr_db:.1f} dB on {found.samples} samples)."
        )
    return None


def _class_collapse(found: Agreement) -> str:
    share = f"{100 * (found.top1_agreement or 0):.0f} %"
    text = (
        f"The answers have collapsed: only {share} of {found.samples} samples get the answer the "
        "original gives, little better than chance"
    )
    if (found.distinct_predictions or 0) < (found.original_distinct_predictions or 0):
        text += (
            f"; {found.distinct_predictions} of the {found.original_distinct_predictions} classes "
            "are still answered"
        )
    return text + "."


def _matrix(outputs: Sequence[Array]) -> Array:
    """Return all outputs of a sample in one row: (n, values), float64."""
    return np.concatenate([x.reshape(len(x), -1).astype(np.float64) for x in outputs], axis=1)


def _deviation(rows: Array) -> float:
    """Return how far a typical sample is from the middle; one extreme sample does not count."""
    return float(np.median(np.linalg.norm(rows - np.median(rows, axis=0), axis=1)))


def _sqnr_db(original: Array, variant: Array) -> float:
    noise = float(((variant - original) ** 2).sum())
    signal = float(((original - original.mean(axis=0)) ** 2).sum())
    if noise == 0:
        return math.inf
    return 10 * math.log10(signal / noise) if signal > 0 else -math.inf


def _cosine(original: Array, variant: Array) -> float:
    lengths = float(np.linalg.norm(original) * np.linalg.norm(variant))
    return float((original * variant).sum()) / lengths if lengths > 0 else 0.0


def _has_classes(output: Array) -> bool:
    return class_rows(output).shape[1] > 1 and np.issubdtype(output.dtype, np.floating)


def _answers(original: Array, variant: Array) -> tuple[float, float, int, int]:
    """Compare the answers, the largest of every row's scores: the four figures in their order."""
    first, second = class_rows(original), class_rows(variant)
    count = first.shape[1]
    mine, other = first.argmax(axis=1), second.argmax(axis=1)
    agreed = float((mine == other).mean())
    shares = [np.bincount(x, minlength=count) / len(x) for x in (mine, other)]
    chance = float((shares[0] * shares[1]).sum())
    # Cohen (1960); where chance alone explains all, agreeing is all that can be asked.
    kappa = (agreed - chance) / (1 - chance) if chance < 1 else agreed
    return agreed, kappa, int((shares[1] > 0).sum()), int((shares[0] > 0).sum())
