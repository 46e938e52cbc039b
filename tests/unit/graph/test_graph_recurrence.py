"""Units of recurrent state go from every gate, from the state and from all that reads it."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from graph_attention import recurrent, side_by_side
from graph_building import GraphBuilder, run, some_kept, zeroed

from tinystudio.core.data import Array
from tinystudio.graph.coupling import couple
from tinystudio.graph.network import Network, attribute
from tinystudio.graph.surgery import keep_channels, with_plain_counts

OPS = pytest.mark.parametrize("op", ["LSTM", "GRU", "RNN"])
DIRECTIONS = pytest.mark.parametrize("directions", [1, 2])
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
HIDDEN = 5


def two_layers(op: str, directions: int) -> Network:
    """Return one recurrent layer on another, and a linear layer on the last state."""
    g = GraphBuilder(2)
    x = g.node("Transpose", g.input("batch", 6, 3), perm=[1, 0, 2])
    states, _ = recurrent(g, x, op, 3, HIDDEN, "first", directions)
    states = side_by_side(g, states, HIDDEN, directions)
    _, last = recurrent(g, states, op, HIDDEN * directions, HIDDEN, "second", directions)
    y = g.node("Transpose", last, perm=[1, 0, 2])
    y = g.node("Reshape", y, g.ints(0, HIDDEN * directions))
    return g.network(g.gemm(y, HIDDEN * directions, 4))


def assert_same(left: Network, right: Network) -> None:
    for one, other in zip(run(left), run(right), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-5)


@OPS
@DIRECTIONS
def test_cutting_any_units_is_as_if_nothing_read_them(op: str, directions: int) -> None:
    tested = two_layers(op, directions)
    removable = [group.id for group in couple(tested).groups if group.removable]
    assert removable == ["first", "second"]
    for seed in range(4):
        kept = some_kept(tested, seed)
        cut = keep_channels(tested, kept)
        onnx.checker.check_model(cut.model, full_check=True)
        assert attribute(cut.node("first"), "hidden_size", 0) == len(kept["first"])
        assert_same(cut, zeroed(tested, kept))


@OPS
@DIRECTIONS
def test_what_is_left_is_the_layer_with_the_rows_of_the_units_left(
    op: str, directions: int
) -> None:
    g = GraphBuilder(4)
    x = g.input(6, "batch", 3)
    states, _ = recurrent(g, x, op, 3, HIDDEN, "layer", directions)
    y = side_by_side(g, states, HIDDEN, directions)
    tested = g.network(g.node("MatMul", y, g.weight(HIDDEN * directions, 4), name="last"))
    kept = np.array([0, 3, 4])
    found = keep_channels(tested, {"layer": kept})
    h = GraphBuilder(0)
    h.input(6, "batch", 3)
    w, r, b, out = rows_of(tested, op, kept)
    for name, array in zip(("w", "r", "b", "out"), (w, r, b, out), strict=True):
        h.constant(np.ascontiguousarray(array), name)
    way = {"direction": "bidirectional"} if directions == 2 else {}
    states = h.node(op, "x", "w", "r", "b", hidden_size=len(kept), **way)
    by_hand = h.network(h.node("MatMul", side_by_side(h, states, len(kept), directions), "out"))
    assert_same(found, by_hand)


def rows_of(tested: Network, op: str, kept: Array) -> tuple[Array, Array, Array, Array]:
    """Return W, R, B and the reading weight with only these units, gate by gate."""
    w, r, b = (tested.weights[name] for name in tested.node("layer").input[1:4])
    out = tested.weights[tested.node("last").input[1]]
    both, gates = len(w), GATES[op]
    return (
        w.reshape(both, gates, HIDDEN, -1)[:, :, kept].reshape(both, gates * len(kept), -1),
        r.reshape(both, gates, HIDDEN, HIDDEN)[:, :, kept][..., kept].reshape(
            both, gates * len(kept), len(kept)
        ),
        b.reshape(both, 2 * gates, HIDDEN)[:, :, kept].reshape(both, -1),
        out.reshape(both, HIDDEN, 4)[:, kept].reshape(-1, 4),
    )


def test_peepholes_and_stored_initial_states_go_along() -> None:
    g = GraphBuilder(5)
    x = g.input(6, 2, 3)
    weights = [g.weight(1, 4 * HIDDEN, 3), g.weight(1, 4 * HIDDEN, HIDDEN), g.weight(1, 8 * HIDDEN)]
    state, cell, peepholes = (g.weight(1, n, HIDDEN) for n in (2, 2, 3))
    g.weights[peepholes] = g.weights[peepholes].reshape(1, 3 * HIDDEN)
    y = g.node("LSTM", x, *weights, "", state, cell, peepholes, name="layer", hidden_size=HIDDEN)
    tested = g.network(g.node("MatMul", y, g.weight(HIDDEN, 2)))
    kept = {"layer": np.array([1, 2])}
    cut = keep_channels(tested, kept)
    assert cut.weights[peepholes].shape == (1, 6)
    assert_same(cut, zeroed(tested, kept))


def test_states_written_out_as_zeros_are_left_out() -> None:
    g = GraphBuilder(6)
    x = g.input(6, "batch", 3)
    size = g.node("Gather", g.node("Shape", x), g.ints(1))
    zeros = g.node("ConstantOfShape", g.node("Concat", g.ints(2), size, g.ints(HIDDEN), axis=0))
    state = g.node("Slice", zeros, g.ints(0), g.ints(1), g.ints(0))
    y, _ = recurrent(g, x, "GRU", 3, HIDDEN, "layer")
    g.nodes[-1].input.extend(["", state])
    tested = g.network(g.node("MatMul", y, g.weight(HIDDEN, 2)))
    kept = {"layer": np.array([1, 2])}
    for cut, whole in (
        (keep_channels(tested, kept), zeroed(tested, kept)),
        (with_plain_counts(tested), tested),
    ):
        assert {node.op_type for node in cut.nodes} == {"GRU", "MatMul"}
        assert_same(cut, whole)


def test_units_stay_where_their_first_state_comes_from_outside() -> None:
    g = GraphBuilder(7)
    y, _ = recurrent(g, g.input(6, "batch", 3), "GRU", 3, HIDDEN, "layer")
    g.nodes[-1].input.extend(["", g.input(1, "batch", HIDDEN, name="state")])
    coupling = couple(g.network(g.node("MatMul", y, g.weight(HIDDEN, 2))))
    assert "layer" not in [group.id for group in coupling.groups]


def test_a_state_that_one_layer_leaves_to_another_goes_from_both() -> None:
    g = GraphBuilder(8)
    x = g.input(6, "batch", 3)
    _, last = recurrent(g, x, "GRU", 3, HIDDEN, "encoder")
    y, _ = recurrent(g, x, "GRU", 3, HIDDEN, "decoder")
    g.nodes[-1].input.extend(["", last])
    tested = g.network(g.node("MatMul", y, g.weight(HIDDEN, 2)))
    (group,) = (group for group in couple(tested).groups if group.removable)
    assert group.layers == ("encoder", "decoder")
    kept = {group.id: np.array([0, 4])}
    assert_same(keep_channels(tested, kept), zeroed(tested, kept))


def test_layers_whose_last_states_are_picked_from_a_stack_keep_units_of_their_own() -> None:
    g = GraphBuilder(9)
    states, first = recurrent(g, g.input(6, "batch", 3), "GRU", 3, HIDDEN, "first")
    states = side_by_side(g, states, HIDDEN, 1)
    _, second = recurrent(g, states, "GRU", HIDDEN, HIDDEN, "second")
    stack = g.node("Concat", first, second, axis=0)
    last = g.node("Gather", stack, g.constant(np.array(-1, np.int64)), axis=0)
    tested = g.network(g.node("MatMul", last, g.weight(HIDDEN, 2)))
    assert [group.id for group in couple(tested).groups if group.removable] == ["first", "second"]
    kept = {"first": np.array([1, 2, 3]), "second": np.array([0, 4])}
    assert_same(keep_channels(tested, kept), zeroed(tested, kept))
