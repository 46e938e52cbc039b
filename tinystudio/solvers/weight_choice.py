"""Which single weights of a network stay: by what rule they are ranked, and where zeros may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.reporter import Reporter
from tinystudio.solvers.layers import Layer
from tinystudio.solvers.moments import Moments
from tinystudio.solvers.sparse_patterns import Pattern, patterned, swept_pattern, swept_share
from tinystudio.solvers.sparsity import activation_scores, lowest, magnitude_scores

Importance = Literal["activation", "obs", "magnitude", "random"]


@dataclass(frozen=True)
class Rule:
    """`sparsity`: the share that goes, `together` ranked over all layers; or a `pattern`."""

    importance: Importance
    sparsity: float
    together: bool
    pattern: Pattern | None


def staying(
    known: Mapping[str, Layer],
    matrices: Mapping[str, Array],
    moments: Mapping[str, Moments],
    rule: Rule,
    seed: int,
    reporter: Reporter,
) -> dict[str, Array]:
    """Return which weights stay, bool in the shape of `matrices`, by layer.

    "activation" and "obs" need `moments`. A sweep ("obs") takes from each layer the share that
    ranking by activation takes; layers too large for it keep that ranking's choice.
    """
    scores = {n: _scores(n, matrix, moments, rule, seed) for n, matrix in matrices.items()}
    if rule.pattern is None:
        stays = lowest(scores, rule.sparsity, together=rule.together)
    else:
        stays = {name: patterned(known[name], item, rule.pattern) for name, item in scores.items()}
    if rule.importance != "obs":
        return stays
    for name, matrix in matrices.items():
        reporter.check()
        if moments[name].covariance is None:
            continue
        if rule.pattern is None:
            stays[name] = swept_share(matrix, moments[name], 1 - float(stays[name].mean()))
        else:
            stays[name] = swept_pattern(known[name], matrix, moments[name], rule.pattern)
    return stays


def _scores(
    name: str, matrix: Array, moments: Mapping[str, Moments], rule: Rule, seed: int
) -> Array:
    """Return what losing each weight costs; the lowest go."""
    match rule.importance:
        case "random":
            return np.random.default_rng([seed, *name.encode()]).random(matrix.shape)
        case "magnitude":
            return magnitude_scores(matrix)
        case _:
            return activation_scores(matrix, moments[name])
