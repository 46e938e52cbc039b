"""Which metric data is judged by: the one asked for, where it fits the network, or a guess."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinystudio.core.assembling import judged_by
from tinystudio.core.cache import Cache
from tinystudio.core.data import Array, Dataset
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Silent
from tinystudio.datasets.judging_setting import GUESS, METRIC, OWN
from tinystudio.graph.network import Network
from tinystudio.graph.ort_format import OrtFile
from tinystudio.measure.running import outputs_of
from tinystudio.measure.truth import with_truth
from tinystudio.metrics import find_metric, metrics, own_metric
from tinystudio.metrics.class_scores import class_rows
from tinystudio.metrics.metric import Metric
from tinystudio.metrics.own.own_metric import OwnMetric

LOOKED_AT = 256  # samples whose labels are held against the outputs
SAME_ANSWERS, SAME_OUTPUTS = "agreement", "output-agreement"


def judged_data(dataset: Dataset, asked: str, network: Network | OrtFile, cache: Cache) -> Dataset:
    """Return the data with the metric `asked` for; empty: the data's own, or a guess.

    Data without labels is judged by how far answers agree with the original's: classes where its
    first output has one row of scores per sample, else numbers. Raises `UserError` naming those
    that fit where `asked` does not.
    """
    if not asked:
        guessed = find_metric(dataset.metric)
        if guessed.of_original or dataset.test.labels is not None:
            return dataset
    own = own_metric(asked)
    if own is not None:
        return _by_own(dataset, own)
    key = ("judged", dataset.fingerprint, asked, network.fingerprint)
    metric = cache.get(key, lambda: _fitting(dataset, asked, network), len)
    return judged_by(dataset, metric)


def _by_own(dataset: Dataset, own: OwnMetric) -> Dataset:
    """Return the data judged by a function of the user's, whose source must be trusted."""
    if dataset.test.labels is None:
        raise UserError(
            f"The data cannot be judged by {own.title}",
            "The data has no labels.",
            "Add labels, or leave the metric out.",
        )
    settled = own.settled(find_metric(dataset.metric).classifies)
    judged = judged_by(dataset, settled)
    # Among the parts of the form there is no choice for it: there it has a field of its own.
    return replace(judged, settings={**judged.settings, METRIC: GUESS, OWN: own.id})


def _fitting(dataset: Dataset, asked: str, network: Network | OrtFile) -> str:
    metric = find_metric(asked) if asked else None
    try:
        outputs = outputs_of(network.data, dataset.validation.first(1), Silent())
    except UserError:
        return asked or SAME_ANSWERS  # whoever runs the network says what is wrong
    if metric is None:
        has_classes = len(class_rows(outputs[0])) == 1 and outputs[0].size > 1
        return SAME_ANSWERS if has_classes else SAME_OUTPUTS
    found = _misfit(metric, dataset, outputs)
    if found is not None:
        fit = [item.id for item in metrics() if _misfit(item, dataset, outputs) is None]
        raise UserError(
            f"The data cannot be judged by {metric.title}",
            f"{found} It is for {metric.needs}.",
            f"Metrics that fit this data and model: {', '.join(fit)}.",
        )
    return metric.id


def _misfit(metric: Metric, dataset: Dataset, first: tuple[Array, ...]) -> str | None:
    """Say why a metric does not fit labels and outputs, if it does not."""
    samples = dataset.validation.first(LOOKED_AT)
    like_all = tuple(np.broadcast_to(item, (len(samples), *item.shape[1:])) for item in first)
    try:
        labels = with_truth(samples, metric, lambda: like_all).labels
        if labels is None:
            return "The data has no labels."
        metric.per_sample(like_all, labels)
    except UserError as error:
        return error.detail
    return None
