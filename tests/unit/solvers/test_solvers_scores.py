"""What a channel of queries and keys is worth: its share of the scores."""

from __future__ import annotations

import numpy as np
import pytest
from level_examples import GraphBuilder, attention_alone, case, levels_of
from onnx import helper

from tinystudio.core.data import Array
from tinystudio.core.reporter import Silent
from tinystudio.graph.coupling import ChannelGroup, Product, couple
from tinystudio.graph.network import Network
from tinystudio.measure.running import outputs_of
from tinystudio.solvers.channel_study import ChannelStudy
from tinystudio.solvers.scores import ScoreReader, gather_scores, scalable

SAMPLES, HEADS, TOKENS, PLACES = 4, 2, 5, 3


def factors(seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    query = rng.standard_normal((SAMPLES, HEADS, TOKENS, PLACES)).astype(np.float32)
    return query, rng.standard_normal((SAMPLES, HEADS, PLACES, TOKENS)).astype(np.float32)


def product() -> tuple[Network, Product]:
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
    found = ScoreReader(gathered(query, key).sum(axis=0)).costs()
    whole = energy(query, key, [0, 1, 2])
    expected = [energy(query, key, [place]) / whole for place in range(PLACES)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_what_has_gone_already_counts() -> None:
    query, key = factors(1)
    reader = ScoreReader(gathered(query, key).sum(axis=0))
    first = reader.costs()[1]
    reader.remove(1)
    both = energy(query, key, [1, 2]) / energy(query, key, [0, 1, 2])
    np.testing.assert_allclose(first + reader.costs()[2], both, rtol=1e-6)


def test_what_is_the_same_for_all_keys_costs_nothing() -> None:
    query, key = factors(2)
    key[:, :, 0] = 7.0
    assert ScoreReader(gathered(query, key).sum(axis=0)).costs()[0] < 1e-9


INSIDE = 4  # places within the heads of the examples


def attending(form: str) -> tuple[Network, ChannelGroup]:
    """Return attention, and the group that its product of queries and keys sums over."""
    tested = attention_alone(form)
    return tested, next(group for group in couple(tested).groups if group.products)


@pytest.mark.parametrize("form", ["separate", "joined", "computed"])
def test_queries_and_keys_of_their_own_can_be_scaled(form: str) -> None:
    assert scalable(*attending(form)).tolist() == list(range(INSIDE))


def test_of_one_weight_that_is_split_queries_and_keys_can_be_scaled() -> None:
    tested, group = attending("split")
    assert group.channels == 2 * INSIDE
    assert scalable(tested, group).tolist() == list(range(INSIDE))


def test_queries_that_go_with_their_values_are_not_scaled() -> None:
    assert not len(scalable(*attending("stacked")))


def test_queries_behind_something_that_is_not_linear_are_not_scaled() -> None:
    tested, _ = attending("separate")
    nodes = {node.name: node for node in tested.nodes}
    scores = nodes["scores"]
    squashed = helper.make_node("Sigmoid", [scores.input[0]], ["squashed"], "squash")
    behind = helper.make_node("MatMul", ["squashed", scores.input[1]], scores.output, "scores")
    tested = tested.with_nodes(
        [*(node for node in tested.nodes if node.name != "scores"), squashed, behind],
        tested.weights,
    )
    assert not len(scalable(tested, couple(tested).group("query+key")))


@pytest.mark.parametrize("mend", [True, False])
@pytest.mark.parametrize("left", [1, 2, 3])
def test_what_stays_makes_up_for_places_that_go(left: int, mend: bool) -> None:
    tested = levels_of(case("attending").network, case("attending").samples).study
    units = tested.orders("obs")["query+key"].units[-left:]
    errors = [
        attention_error(tested, {"query+key": np.sort(units)}, resolve, mend)
        for resolve in (True, False)
    ]
    assert errors[0] < errors[1]


def attention_error(
    tested: ChannelStudy, kept: dict[str, Array], resolve: bool, mend: bool
) -> float:
    """Return the squared error of the scores before Softmax, what is equal for all keys apart."""
    samples, found = case("attending").samples, []
    for network in (tested.network, tested.cut(kept, resolve=resolve, mend=mend)):
        scores = outputs_of(network_with(network, "scores_out"), samples, Silent())[-1]
        found.append(scores - scores.mean(axis=-1, keepdims=True))
    return float(np.square(found[1] - found[0]).mean())


def network_with(network: Network, tensor: str) -> bytes:
    """Return the bytes of a network that tells one more tensor."""
    model = network.annotated()
    known = next(item for item in model.graph.value_info if item.name == tensor)
    model.graph.output.append(known)
    data: bytes = model.SerializeToString()
    return data
