"""Whether a model can teach another: it takes the same samples and answers the same question."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from tinystudio.core.data import Array, Samples
from tinystudio.core.errors import UserError
from tinystudio.core.reporter import Reporter
from tinystudio.graph.class_names import class_names
from tinystudio.graph.network import Network
from tinystudio.measure.running import check_samples, outputs_of

TITLE = "The teacher does not fit the model"
HINT = "Choose a teacher that was trained on this data, or leave it empty for the original."


def check_teacher(
    title: str,
    teacher: Network,
    student: Network,
    samples: Samples,
    classifies: bool,
    reporter: Reporter,
) -> None:
    """Raise `UserError` where `teacher`, called `title`, cannot teach `student` on the samples.

    One sample is run through both. Compared are the first outputs, as a training does.
    """
    try:
        check_samples(teacher, samples)
        theirs = _first_answer(teacher, samples, reporter)
    except UserError as error:
        raise UserError(TITLE, f"{title}: {error.detail}", HINT) from None
    mine = _first_answer(student, samples, reporter)
    if theirs.dtype.kind != "f":
        detail = f"The first output of {title} is of whole numbers ({theirs.dtype}), not of scores."
        raise UserError(TITLE, detail, "Choose a teacher whose scores come first.")
    if _sizes(theirs) != _sizes(mine):
        raise UserError(TITLE, _difference(title, theirs, mine, classifies), HINT)
    if classifies:
        _check_names(title, class_names(teacher), class_names(student))


def _first_answer(network: Network, samples: Samples, reporter: Reporter) -> Array:
    return outputs_of(network.data, samples.first(1), reporter)[0]


def _sizes(answer: Array) -> tuple[int, ...]:
    """Return the sizes of one sample's answer; axes of one place say nothing."""
    return tuple(size for size in answer.shape[1:] if size != 1)


def _difference(title: str, theirs: Array, mine: Array, classifies: bool) -> str:
    if classifies and len(_sizes(theirs)) <= 1 and len(_sizes(mine)) <= 1:
        return f"{title} tells {theirs[0].size} classes apart; the model has {mine[0].size}."
    return f"{title} puts out {_words(theirs)} numbers per sample; the model {_words(mine)}."


def _words(answer: Array) -> str:
    return " x ".join(str(size) for size in answer.shape[1:]) or "1"


def _check_names(title: str, theirs: Sequence[str], mine: Sequence[str]) -> None:
    """Refuse a teacher whose file names other classes, or the same in another order."""
    if not theirs or not mine:
        return
    for number, (one, other) in enumerate(zip_longest(theirs, mine, fillvalue="none"), 1):
        if one != other:
            raise UserError(
                TITLE, f"Class {number} of {title} is {one}; that of the model is {other}.", HINT
            )
