"""Which samples several files do not answer alike, the new mistakes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tinystudio.core.data import Array
from tinystudio.measure.answers import Answers

Kind = Literal["new mistake", "mended", "other answer", "worse", "better"]
MISTAKES_SHARE = 2 / 3  # of the samples shown: what was mended is seen as well


@dataclass(frozen=True)
class Changed:
    """Places of samples with what changed in each, the most telling first, of `in_all`."""

    places: Array
    kinds: tuple[Kind, ...]
    in_all: int


def changed_answers(answers: Sequence[Answers], most: int) -> Changed:
    """Return the samples that the first file and any other answer with other classes.

    First what the first has right and others have wrong (`new mistake`), where more of them err,
    and more surely, in front; then what was `mended`, then other wrong answers.
    """
    first, others = answers[0], answers[1:]
    differs = np.any([(item.said != first.said).any(axis=1) for item in others], axis=0)
    right = np.stack([item.right.sum(axis=1) for item in answers])
    lost = np.maximum(right[0] - right[1:], 0).sum(axis=0)
    gained = np.maximum(right[1:] - right[0], 0).sum(axis=0)
    sure = np.mean([_surely(item) for item in others], axis=0)
    places = np.flatnonzero(differs)
    new = _ordered(places[lost[places] > 0], lost, sure)
    mended = _ordered(places[(lost[places] == 0) & (gained[places] > 0)], gained, sure)
    other = _ordered(places[(lost[places] == 0) & (gained[places] == 0)], lost, sure)
    room = max(round(most * MISTAKES_SHARE), most - len(mended) - len(other))
    kept = [new[:room]]
    kept.append(mended[: most - len(kept[0])])
    kept.append(other[: most - len(kept[0]) - len(kept[1])])
    names: tuple[Kind, ...] = ("new mistake", "mended", "other answer")
    kinds = [name for name, part in zip(names, kept, strict=True) for _ in part]
    return Changed(np.concatenate(kept).astype(np.int64), tuple(kinds), len(places))


def changed_scores(scores: Sequence[Array], higher_is_better: bool, most: int) -> Changed:
    """Return the samples whose score changed most against the first file's, the losses in front."""
    sign = 1.0 if higher_is_better else -1.0
    change = sign * (np.stack(scores[1:]) - scores[0])
    worst = change.min(axis=0)
    reach = np.abs(change).max(axis=0)
    differs = np.flatnonzero(np.nan_to_num(reach) > 0)
    losing = differs[worst[differs] < 0]
    losing = losing[np.argsort(worst[losing], kind="stable")]
    gaining = differs[worst[differs] >= 0]
    gaining = gaining[np.argsort(-reach[gaining], kind="stable")]
    room = max(round(most * MISTAKES_SHARE), most - len(gaining))
    losing = losing[:room]
    gaining = gaining[: most - len(losing)]
    kinds: list[Kind] = ["worse" for _ in losing]
    kinds += ["better" for _ in gaining]
    return Changed(np.concatenate([losing, gaining]), tuple(kinds), len(differs))


def _surely(answers: Answers) -> Array:
    if answers.sure is None:
        return np.zeros(len(answers.said))
    return np.asarray(answers.sure.mean(axis=1))


def _ordered(places: Array, amount: Array, sure: Array) -> Array:
    return np.asarray(places[np.lexsort((-sure[places], -amount[places]))])
