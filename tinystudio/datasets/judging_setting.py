"""The setting that every data format has: which metric the data is judged by."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import create_model

from tinystudio.core.params import Params, choice
from tinystudio.metrics import metrics

METRIC, GUESS = "metric", "guess"


def with_metric(params: type[Params]) -> type[Params]:
    """Return a format's settings with the metric added to them, unless it is there."""
    if METRIC in params.model_fields:
        return params
    titles = {GUESS: "Guess"} | {item.id: item.title for item in metrics()}
    values: Any = Literal.__getitem__(tuple(titles))
    field = choice(
        GUESS,
        title="Judged by",
        help="The metric that outputs are judged by; guessed: accuracy for classes, mean absolute "
        "error for amounts, agreement with the original where there are no labels.",
        titles=titles,
    )
    fields: Any = {METRIC: (values, field)}
    made: type[Params] = create_model(
        params.__name__, __base__=params, __module__=params.__module__, **fields
    )
    return made
