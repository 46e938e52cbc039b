"""Attention and recurrent layers in the forms that exporters write them, for the tests."""

from __future__ import annotations

import numpy as np
from graph_building import GraphBuilder

TOKENS, WIDTH, HEADS, PLACES = 5, 12, 3, 4
FORMS = ("separate", "split", "stacked", "joined", "computed")


def attention(g: GraphBuilder, x: str, form: str, prefix: str = "") -> str:
    """Return attention of tokens x (n, tokens, width): the same shape, without its residual."""
    query, key, value = _heads(g, x, form, prefix)
    scores = g.node(
        "MatMul", query, g.node("Transpose", key, perm=_turned(form)), name=f"{prefix}scores"
    )
    scores = g.node("Div", scores, _scale(g, query, form))
    mixed = g.node("MatMul", g.node("Softmax", scores, axis=-1), value, name=f"{prefix}mixed")
    return linear(g, _together(g, mixed, form), HEADS * PLACES, WIDTH, f"{prefix}join")


def linear(g: GraphBuilder, x: str, given: int, made: int, name: str) -> str:
    return g.node("Add", g.node("MatMul", x, g.weight(given, made), name=name), g.weight(made))


def encoder(g: GraphBuilder, x: str, form: str, prefix: str = "") -> str:
    """Return an encoder's block: attention, then a feed-forward part, both added to x."""
    y = g.node("LayerNormalization", x, g.weight(WIDTH, low=0.5), g.weight(WIDTH), axis=-1)
    x = g.node("Add", x, attention(g, y, form, prefix))
    y = g.node("LayerNormalization", x, g.weight(WIDTH, low=0.5), g.weight(WIDTH), axis=-1)
    y = g.node("Relu", linear(g, y, WIDTH, 16, f"{prefix}up"))
    y = linear(g, y, 16, WIDTH, f"{prefix}down")
    return g.node("Add", x, y)


def recurrent(
    g: GraphBuilder, x: str, op: str, given: int, hidden: int, name: str, directions: int = 1
) -> tuple[str, str]:
    """Return all states (steps, directions, n, hidden) and the last (directions, n, hidden)."""
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[op]
    weights = [
        g.weight(directions, gates * hidden, given),
        g.weight(directions, gates * hidden, hidden),
        g.weight(directions, 2 * gates * hidden),
    ]
    way = {"direction": "bidirectional"} if directions == 2 else {}
    g.node(op, x, *weights, name=name, hidden_size=hidden, **way)
    g.nodes[-1].output.append(f"{name}_last")
    return f"{name}_out", f"{name}_last"


def side_by_side(g: GraphBuilder, states: str, hidden: int, directions: int) -> str:
    """Return states (steps, directions, n, hidden) as (steps, n, directions x hidden)."""
    y = g.node("Transpose", states, perm=[0, 2, 1, 3])
    return g.node("Reshape", y, g.ints(0, 0, directions * hidden))


def _turned(form: str) -> list[int]:
    return [0, 2, 1] if form == "joined" else [0, 1, 3, 2]


def _scale(g: GraphBuilder, query: str, form: str) -> str:
    if form != "computed":
        return g.constant(np.array(2.0, np.float32))
    size = g.node("Slice", g.node("Shape", query), g.ints(-1), g.ints(2**62))
    return g.node("Sqrt", g.node("Cast", size, to=1))


def _heads(g: GraphBuilder, x: str, form: str, prefix: str) -> tuple[str, ...]:
    inside = HEADS * PLACES
    if form in ("separate", "joined", "computed"):
        names = [f"{prefix}{name}" for name in ("query", "key", "value")]
        parts = [linear(g, x, WIDTH, inside, name) for name in names]
        return tuple(_in_heads(g, part, form) for part in parts)
    y = linear(g, x, WIDTH, 3 * inside, f"{prefix}all")
    if form == "split":
        first = g.node("Split", y, g.ints(inside, inside, inside), axis=-1, name=f"{prefix}parts")
        rest = [f"{prefix}key_part", f"{prefix}value_part"]
        g.nodes[-1].output.extend(rest)
        return tuple(_in_heads(g, part, form) for part in (first, *rest))
    y = g.node("Reshape", y, g.ints(0, TOKENS, 3, HEADS, PLACES))
    y = g.node("Transpose", y, perm=[2, 0, 3, 1, 4])
    picks = [g.constant(np.array(index, np.int64)) for index in range(3)]
    return tuple(g.node("Gather", y, pick, axis=0) for pick in picks)


def _in_heads(g: GraphBuilder, x: str, form: str) -> str:
    if form == "joined":  # (tokens, n, width) -> (tokens, n x heads, places)
        y = g.node("Transpose", x, perm=[1, 0, 2])
        y = g.node("Reshape", y, g.ints(TOKENS, -1, PLACES))
        return g.node("Transpose", y, perm=[1, 0, 2])
    shape = g.ints(-1, TOKENS, HEADS, PLACES)
    if form == "computed":
        batch = g.node("Gather", g.node("Shape", x), g.ints(0))
        shape = g.node("Concat", batch, g.ints(TOKENS, HEADS, PLACES), axis=0)
    return g.node("Transpose", g.node("Reshape", x, shape), perm=[0, 2, 1, 3])


def _together(g: GraphBuilder, mixed: str, form: str) -> str:
    if form == "joined":
        y = g.node("Transpose", mixed, perm=[1, 0, 2])
        y = g.node("Reshape", y, g.ints(TOKENS, -1, HEADS * PLACES))
        return g.node("Transpose", y, perm=[1, 0, 2])
    y = g.node("Transpose", mixed, perm=[0, 2, 1, 3])
    return g.node("Reshape", y, g.ints(-1, TOKENS, HEADS * PLACES))
