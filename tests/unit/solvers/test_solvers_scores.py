"""What a channel of queries and keys is worth: its share of the scores."""

from __future__ import annotations

import numpy as np

from tinystudio.core.data import Array
from tinystudio.graph.coupling import Product
from tinystudio.graph.network import Network
from tinystudio.solvers.scores import ScoreReader, gather_scores

SAMPLES, HEADS, TOKENS, PLACES = 4, 2, 5, 3


def factors(seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    query = rng.standard_normal((SAMPLES, HEADS, TOKENS, PLACES)).astype(np.float32)
    return query, rng.standard_normal((SAMPLES, HEADS, PLACES, TOKENS)).astype(np.float32)


def product() -> tuple[Network, Product]:
    from graph_building import GraphBuilder

    g = GraphBuilder()
    left = g.input("n", HEADS, TOKENS, PLACES, name="q")
    right = g.input("n", HEADS, PLACES, TOKENS, name="k")
    tested = g.network(g.node("MatMul", left, right, name="scores"))
    return tested, Product("scores", np.arange(PLACES))


def gathered(query: Array, key: Array) -> Array:
    tested, item = product()
    batches = [{"q": query[:3], "k": key[:3]}, {"q": query[3:], "k": key[3:]}]
    return gather_scores(tested, [item], batches)["scores"]


def energy(query: Array, key: Array, places: list[int]) -> float:
    """Return the energy of the scores that these places make, centred over keys."""
    scores = query[..., places].astype(np.float64) @ key[:, :, places]
    return float(np.square(scores - scores.mean(axis=-1, keepdims=True)).sum())


def test_costs_are_shares_of_the_scores_that_each_place_makes() -> None:
    query, key = factors()
    found = ScoreReader(product()[1], gathered(query, key), PLACES).costs()
    whole = energy(query, key, [0, 1, 2])
    expected = [energy(query, key, [place]) / whole for place in range(PLACES)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_what_has_gone_already_counts() -> None:
    query, key = factors(1)
    reader = ScoreReader(product()[1], gathered(query, key), PLACES)
    first = reader.costs()[1]
    reader.remove(1)
    both = energy(query, key, [1, 2]) / energy(query, key, [0, 1, 2])
    np.testing.assert_allclose(first + reader.costs()[2], both, rtol=1e-6)


def test_what_is_the_same_for_all_keys_costs_nothing() -> None:
    query, key = factors(2)
    key[:, :, 0] = 7.0
    assert ScoreReader(product()[1], gathered(query, key), PLACES).costs()[0] < 1e-9
