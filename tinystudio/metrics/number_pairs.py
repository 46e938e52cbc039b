"""Outputs that are numbers beside the numbers that they should be."""

from __future__ import annotations

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.errors import UserError
from tinystudio.metrics.metric import Outputs, misfit


def number_pairs(outputs: Outputs, truth: Array) -> tuple[Array, Array]:
    """Return answers and truth, both (n, numbers); raises `UserError` where they misfit.

    Single precision stays: of many images a copy in double would be the largest thing in memory.
    """
    answers = outputs[0]
    if answers.size != truth.size or len(answers) != len(truth):
        raise UserError(
            "The data does not fit the model",
            f"The labels have the shape {truth.shape}; "
            f"the model's first output has the shape {answers.shape}.",
            "Use labels of the shape that the model puts out.",
        )
    if not np.issubdtype(truth.dtype, np.number) and truth.dtype != np.bool_:
        raise misfit(
            f"The labels are of type {truth.dtype}, not numbers.",
            "Use numbers; classes are numbered from 0.",
        )
    kind = np.result_type(answers.dtype, truth.dtype, np.float32)
    first, second = (
        item.reshape(len(truth), -1).astype(kind, copy=False) for item in (answers, truth)
    )
    return first, second
