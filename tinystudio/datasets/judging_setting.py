"""The setting that every data format has: which metric the data is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import create_model

from tinystudio.core.params import Params, choice, text
from tinystudio.metrics import metrics

METRIC, OWN, GUESS = "metric", "own_metric", "guess"


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
    own = text(
        title="Own metric",
        empty="none",
        help="A function of yours instead: FILE.py:FUNCTION, with :lower behind it where lower is "
        "better. It is run once you have trusted its file.",
        advanced=True,
    )
    fields: Any = {METRIC: (values, field), OWN: (str, own)}
    made: type[Params] = create_model(
        params.__name__, __base__=params, __module__=params.__module__, **fields
    )
    return made


def asked_metric(settings: Mapping[str, str]) -> str:
    """Return the metric that a reference asks for, one of the user's own first; "" for none."""
    metric = settings.get(METRIC, GUESS)
    return settings.get(OWN, "").strip() or ("" if metric == GUESS else metric)
