"""A step is written as levels of single layers, as the file has them."""

from __future__ import annotations

import pytest
from example_networks import Example, residual_cnn

from tinystudio.core.cache import Cache
from tinystudio.core.reporter import Silent
from tinystudio.engine.undoing import rows_of
from tinystudio.jobs.recipe import Step
from tinystudio.solvers.precision import TITLES
from tinystudio.techniques.technique import Context

WORDS = {title: precision for precision, title in TITLES.items()}


@pytest.fixture(scope="module")
def cnn() -> Example:
    return residual_cnn()


@pytest.mark.parametrize(
    "values", [{"bits": 3.0}, {"bits": 3.5}, {"bits": 6.0}, {"bits": 8.0, "computing": "int8"}]
)
def test_mixed_precision_is_read_from_the_file_as_its_notes_say(cnn: Example, values) -> None:
    step = Step.of("mixed-precision", **values)
    context = Context(cnn.network, cnn.calibration, "data", 0, Silent(), Cache())
    made = step.part.apply(cnn.network, step.params, context)
    told = {}
    for note in made.notes:
        title, _, names = note.partition(": ")
        if title in WORDS and WORDS[title] != "float":
            told |= dict.fromkeys(names.split(", "), WORDS[title])
    rows = rows_of(step, cnn.network, made.network)
    assert rows is not None
    assert {name: row.bits for name, row in rows.items()} == told


def test_a_step_that_has_no_such_form_is_left_whole(cnn: Example) -> None:
    assert rows_of(Step.of("half-precision"), cnn.network, cnn.network) is None
