"""Heads of attention, places within heads and the width of a residual go everywhere at once."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from graph_attention import FORMS, HEADS, PLACES, TOKENS, WIDTH, attention, encoder, linear
from graph_building import GraphBuilder, run, some_kept, zeroed
from hypothesis import given, settings
from hypothesis import strategies as st

from tinystudio.core.data import Array
from tinystudio.graph.coupling import ChannelGroup, couple
from tinystudio.graph.network import Network
from tinystudio.graph.surgery import keep_channels, with_plain_counts

EVERY = pytest.mark.parametrize("form", FORMS)
ONE_WEIGHT = ("split", "stacked")  # queries, keys and values are made by one layer
_KNOWN: dict[str, Network] = {}


def network(form: str) -> Network:
    """Return an encoder between two linear layers."""
    if form not in _KNOWN:
        g = GraphBuilder(3)
        x = linear(g, g.input("batch", TOKENS, 6), 6, WIDTH, "embed")
        x = encoder(g, x, form)
        x = g.node("ReduceMean", x, axes=[1], keepdims=0)
        _KNOWN[form] = g.network(g.gemm(x, WIDTH, 4, transB=1))
    return _KNOWN[form]


def heads_of(tested: Network) -> ChannelGroup:
    (group,) = (group for group in couple(tested).groups if group.id.endswith("(heads)"))
    return group


def assert_same(left: Network, right: Network, batch: int = 2) -> None:
    for one, other in zip(run(left, batch), run(right, batch), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-5 * max(1, np.abs(other).max()))


@EVERY
def test_heads_are_units_of_all_that_makes_and_reads_them(form: str) -> None:
    group = heads_of(network(form))
    assert (group.channels, group.removable, group.width) == (HEADS, True, PLACES)
    assert group.block == PLACES
    assert {slot.node for slot in group.consumers} == {"join"}
    made = {slot.node for slot in group.producers}
    assert made == ({"all"} if form in ONE_WEIGHT else {"query", "key", "value"})


@EVERY
@settings(max_examples=12, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([1, 3]))
def test_cutting_any_heads_and_places_is_as_if_they_were_zero(
    form: str, seed: int, batch: int
) -> None:
    tested = network(form)
    kept = some_kept(tested, seed)
    cut = keep_channels(tested, kept)
    onnx.checker.check_model(cut.model, full_check=True)
    assert_same(cut, zeroed(tested, kept), batch)


@EVERY
def test_heads_and_places_can_go_one_after_the_other(form: str) -> None:
    tested = network(form)
    kept = {group.id: np.arange(group.channels)[1:] for group in groups_inside(tested)}
    one_by_one = tested
    for name, units in kept.items():
        one_by_one = keep_channels(one_by_one, {name: units})
    assert_same(one_by_one, keep_channels(tested, kept))


@EVERY
def test_units_that_nothing_reads_can_go_without_a_trace(form: str) -> None:
    tested = network(form)
    for group in groups_inside(tested):
        if group.consumers and not group.products:
            kept = {group.id: group.complete(np.arange(1, group.channels))}
            silent = zeroed(tested, kept)
            assert_same(keep_channels(silent, kept), silent)


@EVERY
def test_stated_counts_change_nothing_and_leave_no_arithmetic_with_shapes(form: str) -> None:
    tested = network(form)
    plain = with_plain_counts(tested)
    assert_same(plain, tested, 3)
    assert [(g.id, g.channels) for g in couple(plain).groups] == [
        (g.id, g.channels) for g in couple(tested).groups
    ]
    assert all(node.op_type != "Shape" for node in plain.nodes)


def groups_inside(tested: Network) -> list[ChannelGroup]:
    return [g for g in couple(tested).groups if g.removable and not g.normalizations]


def test_what_is_left_is_the_attention_of_the_heads_and_places_left() -> None:
    g = GraphBuilder(5)
    tested = g.network(attention(g, g.input("batch", TOKENS, WIDTH), "separate"))
    coupling = couple(tested)
    kept = {
        heads_of(tested).id: np.array([0, 2]),
        "query+key": np.array([1, 3]),
        "value": np.array([0, 1, 3]),
    }
    assert set(kept) == {group.id for group in coupling.groups if group.removable}
    x = np.random.default_rng(1).standard_normal((2, TOKENS, WIDTH)).astype(np.float32)
    found = run(keep_channels(tested, kept))[0]
    np.testing.assert_allclose(found, by_hand(tested, x, kept), rtol=0, atol=1e-5)


def by_hand(tested: Network, x: Array, kept: dict[str, Array]) -> Array:
    """Return the attention of these heads and places, in numpy."""
    heads, scored, valued = kept.values()

    def made(name: str, places: Array) -> Array:
        weight = tested.weights[tested.node(name).input[1]].reshape(WIDTH, HEADS, PLACES)
        bias = tested.weights[tested.consumers(tested.node(name).output[0])[0].input[1]]
        chosen = weight[:, heads][:, :, places]
        added = bias.reshape(HEADS, PLACES)[heads][:, places]
        return np.einsum("ntw,whp->nhtp", x, chosen) + added[None, :, None]

    query, key, value = made("query", scored), made("key", scored), made("value", valued)
    scores = np.exp(query @ key.swapaxes(2, 3) / 2)
    mixed = scores / scores.sum(axis=-1, keepdims=True) @ value
    join = tested.weights[tested.node("join").input[1]].reshape(HEADS, PLACES, WIDTH)
    bias = tested.weights[tested.consumers(tested.node("join").output[0])[0].input[1]]
    answer: Array = np.einsum("nhtp,hpw->ntw", mixed, join[heads][:, valued]) + bias
    return answer


@pytest.mark.parametrize("form", ["as a node", "written out", "without a mean"])
def test_the_width_of_a_residual_goes_through_the_normalization(form: str) -> None:
    g = GraphBuilder(7)
    x = linear(g, g.input("batch", TOKENS, 6), 6, WIDTH, "embed")
    scale, shift = g.weight(WIDTH, low=0.5), g.weight(WIDTH)
    y = linear(g, normalized(g, x, form, scale, shift), WIDTH, 3, "last")
    tested = g.network(y)
    group = couple(tested).group("embed")
    assert group.removable
    assert group.normalizations
    kept = np.array([0, 1, 4, 5, 8, 11])
    data = np.random.default_rng(1).standard_normal((2, TOKENS, 6)).astype(np.float32)
    weights = tested.weights
    x = (data @ weights[tested.node("embed").input[1]] + weights["w1"])[..., kept]
    if form != "without a mean":
        x = x - x.mean(axis=-1, keepdims=True)
    x = x / np.sqrt(np.square(x).mean(axis=-1, keepdims=True) + 1e-5)
    x = x * weights[scale][kept] + weights[shift][kept]
    last = weights[tested.node("last").input[1]][kept]
    expected = x @ last + weights[tested.consumers("last_out")[0].input[1]]
    found = run(keep_channels(tested, {"embed": kept}))[0]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)


def normalized(g: GraphBuilder, x: str, form: str, scale: str, shift: str) -> str:
    if form == "as a node":
        return g.node("LayerNormalization", x, scale, shift, axis=-1)
    if form == "written out":
        x = g.node("Sub", x, g.node("ReduceMean", x, axes=[-1]))
    square = g.node("Pow", x, g.constant(np.array(2.0, np.float32)))
    variance = g.node("ReduceMean", square, axes=[-1])
    variance = g.node("Add", variance, g.constant(np.array(1e-5, np.float32)))
    x = g.node("Div", x, g.node("Sqrt", variance))
    return g.node("Add", g.node("Mul", x, scale), shift)


def test_a_score_that_every_head_adds_goes_with_its_head() -> None:
    g = GraphBuilder(8)
    x = g.input("batch", TOKENS, WIDTH)
    y = attention(g, x, "separate")
    scores = next(node for node in g.nodes if node.op_type == "Softmax")
    scores.input[0] = g.node("Add", scores.input[0], g.weight(HEADS, TOKENS, TOKENS), name="near")
    tested = g.network(y)
    group = heads_of(tested)
    assert "near" in {slot.node for slot in group.passers}
    assert_same(
        keep_channels(tested, {group.id: np.array([1])}), zeroed(tested, {group.id: np.array([1])})
    )


def test_heads_stay_where_some_are_taken_by_number() -> None:
    g = GraphBuilder(9)
    y = attention(g, g.input("batch", TOKENS, WIDTH), "separate")
    first = g.node("Gather", "mixed_out", g.constant(np.array(0, np.int64)), axis=1, name="first")
    coupling = couple(g.network(y, g.node("ReduceSum", first)))
    assert not [group for group in coupling.groups if group.id.endswith("(heads)")]
    assert not coupling.group("value").removable


def test_queries_stay_where_something_else_reads_them() -> None:
    g = GraphBuilder(9)
    y = attention(g, g.input("batch", TOKENS, WIDTH), "separate")
    network = g.network(y, g.node("Softmax", "query_out", axis=-1, name="wall"))
    coupling = couple(network)
    assert "'wall' (Softmax)" in coupling.group("query+key").reason
    assert coupling.group("value").removable


def test_of_each_part_of_a_split_something_has_to_stay() -> None:
    tested = network("split")
    group = couple(tested).group("all")
    values = [unit for unit in range(group.channels) if unit >= PLACES]
    with pytest.raises(ValueError, match="would lose all its channels"):
        keep_channels(tested, {"all": np.array(values)})
    assert len(group.complete(np.array(values))) == len(values) + 1
