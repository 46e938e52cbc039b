"""How far a student's answers are from its teacher's, by three measures.

`answers` and `teacher` are logits (n, classes) of the same samples; every function returns the
mean over the samples as a scalar.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

TINY = 1e-8  # beside squared deviations of probabilities


def softened(answers: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Compare the softened probabilities (Hinton, Vinyals and Dean 2015).

    The square of the temperature keeps gradients as large as without one. A single logit per
    sample is a yes or no.
    """
    flat, wanted = answers / temperature, teacher / temperature
    if flat.shape[1] == 1:
        target = torch.sigmoid(wanted)
        loss = functional.binary_cross_entropy_with_logits(flat, target)
        return loss * temperature * temperature
    loss = functional.kl_div(
        flat.log_softmax(1), wanted.log_softmax(1), log_target=True, reduction="batchmean"
    )
    return loss * temperature * temperature


def decoupled(
    answers: Tensor, teacher: Tensor, right: Tensor, temperature: float, others: float
) -> Tensor:
    """Compare how sure of the right class both are, and apart from that how the others rank.

    DKD (Zhao, Cui, Song, Qiu and Liang, CVPR 2022), equation 7 with alpha 1 and beta `others`:
    in plain distillation the second part shrinks just where the teacher is sure, and has most to
    tell. `right` (n,) are the classes.
    """
    flat, wanted = answers / temperature, teacher / temperature
    chosen = functional.one_hot(right, flat.shape[1]).bool()
    sure = _binary_divergence(flat, wanted, chosen)
    count = flat.shape[1] - 1
    mine = flat[~chosen].view(-1, count).log_softmax(1)
    theirs = wanted[~chosen].view(-1, count).log_softmax(1)
    ranking = functional.kl_div(mine, theirs, log_target=True, reduction="batchmean")
    return (sure + others * ranking) * temperature * temperature


def relational(answers: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Compare how classes rank within a sample, and samples within a class; both by correlation.

    DIST (Huang, You, Wang, Qian and Xu, NeurIPS 2022) with both weights 1: a student that is much
    smaller need only rank as its teacher does, not be as sure.
    """
    mine = (answers / temperature).softmax(1)
    theirs = (teacher / temperature).softmax(1)
    between = 1 - _correlation(mine, theirs).mean()
    within = 1 - _correlation(mine.T, theirs.T).mean()
    return (between + within) * temperature * temperature


def _binary_divergence(flat: Tensor, wanted: Tensor, chosen: Tensor) -> Tensor:
    """Return the divergence of "the right class" against "any other"."""
    mine, theirs = (_right_and_rest(item, chosen) for item in (flat, wanted))
    return functional.kl_div(mine, theirs, log_target=True, reduction="batchmean")


def _right_and_rest(logits: Tensor, chosen: Tensor) -> Tensor:
    """Return the logarithms of both probabilities, (n, 2)."""
    whole = logits.logsumexp(1)
    right = logits[chosen] - whole
    rest = logits.masked_fill(chosen, -torch.inf).logsumexp(1) - whole
    return torch.stack((right, rest), 1)


def _correlation(first: Tensor, second: Tensor) -> Tensor:
    """Return Pearson's correlation of every row; 0 where a row does not vary."""
    a = first - first.mean(1, keepdim=True)
    b = second - second.mean(1, keepdim=True)
    scale = (a.square().sum(1) * b.square().sum(1) + TINY * TINY).sqrt()
    return (a * b).sum(1) / scale
