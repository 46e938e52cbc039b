"""Whether a training was worth it: what it kept against what it began with, on validation samples.

The samples held out of a training cannot tell. The original may have learned them, which flatters
whatever is still close to it: people whose movements it knows by heart. Neither side has learned
the validation samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tinystudio.core.data import Samples
from tinystudio.core.reporter import Reporter
from tinystudio.graph.network import Network
from tinystudio.measure.running import outputs_of
from tinystudio.metrics.metric import Metric

Rank = tuple[float, float]  # grows as weights get better: the score, then the loss


@dataclass(frozen=True)
class AgainstStart:
    """The scores on the validation samples of the start and of the best epoch."""

    before: float
    after: float
    is_better: bool


def against_start(
    start: Network, best: Network, metric: Metric, lessons: Samples | None, reporter: Reporter
) -> AgainstStart | None:
    """Compare by the metric that chose the best epoch; where it is even, by the loss.

    None where `lessons`, the validation samples, have no labels or tell no score.
    """
    if lessons is None or lessons.labels is None or not len(lessons):
        return None
    spread = 1.0 if metric.classifies else float(np.std(lessons.labels)) or 1.0
    before, after = (
        _judged(network, metric, lessons, spread, reporter) for network in (start, best)
    )
    if not np.isfinite([before[0], after[0]]).all():
        return None
    sign = 1.0 if metric.higher_is_better else -1.0
    ranks: list[Rank] = [(sign * score, -loss) for score, loss in (before, after)]
    return AgainstStart(before[0], after[0], ranks[1] > ranks[0])


def _judged(
    network: Network, metric: Metric, lessons: Samples, spread: float, reporter: Reporter
) -> tuple[float, float]:
    """Return score and loss."""
    import torch

    from tinystudio.training.objectives import Objective, as_logits

    assert lessons.labels is not None
    answers = outputs_of(network.data, lessons, reporter)[0]
    kind = "int64" if metric.classifies else "float32"
    objective = Objective(
        metric.classifies, torch.from_numpy(lessons.labels.astype(kind)), None, spread=spread
    )
    made = torch.from_numpy(answers.astype("float32"))
    made = as_logits(network, made) if metric.classifies else made
    loss = float(objective.loss(made, torch.arange(len(lessons))))
    return metric.score((answers,), lessons.labels), loss
