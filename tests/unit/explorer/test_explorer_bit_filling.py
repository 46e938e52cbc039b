"""What a budget leaves over goes to the bits of the layers that mind few of them most."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from example_networks import mlp, residual_cnn
from explorer_examples import build, random_choice, subject_of
from hypothesis import given, settings
from hypothesis import strategies as st

from tinystudio.explorer.bit_filling import FEWEST, STORED, filled
from tinystudio.explorer.budget import Budget, costs_of
from tinystudio.explorer.changes import first_rows
from tinystudio.explorer.database import Database
from tinystudio.explorer.space import Choice

EPOCHS = 3.0
APART = 24  # bytes by which the costs of single layers may miss their sum


@pytest.fixture(scope="module", params=["mlp", "cnn"])
def known(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Database:
    example = mlp() if request.param == "mlp" else residual_cnn()
    folder: Path = tmp_path_factory.mktemp(request.param)
    return build(subject_of(example, count=64), folder, timed=False, measured=0)[0][-1]


def size(known: Database, choice: Choice) -> float:
    return float(costs_of(known, [choice], EPOCHS)[0][0])


def lost(known: Database, choice: Choice) -> float:
    """Return what the bits of a choice lose, each layer by itself."""
    starts, groups = first_rows(known.space), len(known.space.groups)
    rows = [starts[axis] + int(choice[axis]) for axis in range(groups, len(choice))]
    return sum(float(np.square(known.changes.rows[row], dtype=np.float64).mean()) for row in rows)


def mixtures(known: Database, choice: Choice) -> list[Choice]:
    """Return a structure in every mixture of weights that are only stored in few bits."""
    space, found = known.space, []
    allowed = [
        [at for at, bits in enumerate(layer.precisions) if bits in STORED] for layer in space.layers
    ]
    for levels in itertools.product(*allowed):
        mixed = choice.copy()
        mixed[len(space.groups) :] = levels
        found.append(mixed)
    return found


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.0, 1.1))
def test_no_mixture_within_the_budget_loses_less(known: Database, seed: int, share: float) -> None:
    choice = random_choice(known.space, np.random.default_rng(seed))
    least = known.space.with_bits(choice, *FEWEST)
    bottom, top = size(known, least), size(known, known.space.with_bits(choice, "float"))
    budget = Budget(size_bytes=bottom + share * (top - bottom))
    found = filled(known, choice, budget, EPOCHS)
    assert found is not None
    groups = len(known.space.groups)
    assert found[:groups].tolist() == choice[:groups].tolist()
    assert set(known.space.precisions(found).values()) <= set(STORED)
    assert size(known, found) <= budget.size_bytes
    some = mixtures(known, choice)
    some = [some[at] for at in np.random.default_rng(seed).permutation(len(some))[:200]]
    sizes, _ = costs_of(known, some, EPOCHS)
    inside = [each for each, it in zip(some, sizes, strict=True) if it <= budget.size_bytes - APART]
    assert lost(known, found) <= min([lost(known, each) for each in inside], default=np.inf) + 1e-9


def test_with_all_the_room_nothing_is_rounded(known: Database) -> None:
    choice = known.space.original
    choice[0] = 1
    found = filled(known, choice, Budget(size_bytes=1e9), EPOCHS)
    assert found is not None
    assert found.tolist() == choice.tolist()


def test_where_the_fewest_bits_do_not_fit_there_is_none(known: Database) -> None:
    least = known.space.with_bits(known.space.original, *FEWEST)
    assert filled(known, least, Budget(size_bytes=size(known, least) - 1), EPOCHS) is None
    found = filled(known, least, Budget(size_bytes=size(known, least)), EPOCHS)
    assert found is not None
    assert found.tolist() == least.tolist()


def test_a_limit_on_time_alone_leaves_bits_as_they_are_found(known: Database) -> None:
    assert filled(known, known.space.original, Budget(latency_ms=1.0), EPOCHS) is None
