"""Settings that every data format has: which format reads the data, which output it is about."""

from __future__ import annotations

from typing import Any

from pydantic import create_model

from tinystudio.core.data import Wanted
from tinystudio.core.errors import UserError
from tinystudio.core.params import Params, text

FORMAT, OUTPUT = "format", "output"


def with_common(params: type[Params]) -> type[Params]:
    """Return a format's settings with those of all formats added to them, unless they are there."""
    if FORMAT in params.model_fields:
        return params
    fields: Any = {
        OUTPUT: (
            str,
            text(
                title="Judged output", empty="the first", advanced=True,
                help="Of a model with several outputs: the name of the one that labels are of.",
            ),
        ),
        FORMAT: (
            str,
            text(
                title="Read as", empty="the first format that fits", advanced=True,
                help="The format's name, such as table or recordings (see: formats).",
            ),
        ),
    }  # fmt: skip
    made: type[Params] = create_model(
        params.__name__, __base__=params, __module__=params.__module__, **fields
    )
    return made


def of_output(wanted: Wanted, output: str, title: str) -> Wanted:
    """Return what is wanted with the judged output first; raises `UserError` naming those known."""
    names = wanted.output_names
    if not output or not names:
        return wanted
    if output not in names:
        raise UserError(
            title,
            f"The model has no output {output!r}.",
            f"Its outputs: {', '.join(names)}.",
        )
    order = sorted(range(len(names)), key=lambda at: names[at] != output)
    return wanted.with_outputs(order)
