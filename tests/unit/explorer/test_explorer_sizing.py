"""The bytes of a choice's file, known to the byte before it is made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from explorer_examples import made_file, random_choice, subject_on
from graph_building import GraphBuilder
from graph_random_networks import networks
from hypothesis import given, settings
from hypothesis import strategies as st
from level_examples import CASES, Case, case, noise

from tinystudio.core.reporter import Silent
from tinystudio.explorer.building import Builder, Subject
from tinystudio.explorer.folder import DatabaseFolder
from tinystudio.explorer.sizing import SizeModel
from tinystudio.explorer.space import Choice, Space
from tinystudio.graph.network import Network

EVERY = pytest.mark.parametrize("name", CASES)
_KNOWN: dict[str, tuple[Subject, SizeModel, SizeModel]] = {}


def models(name: str, tested: Case | None = None) -> tuple[Subject, SizeModel, SizeModel]:
    """Return a subject with its sizes before and after INT8 is known; made once."""
    if name not in _KNOWN:
        tested = tested or case(name)
        subject = subject_on(tested.network, tested.samples)
        builder = Builder(subject, DatabaseFolder(Path("unused")), Silent(), lambda _: None)
        floats = builder._sizes()
        _KNOWN[name] = subject, floats, builder._int8_sizes(floats)
    return _KNOWN[name]


def without_int8(space: Space, choice: Choice) -> Choice:
    """Return the choice with the last few-bit level where it had INT8."""
    found = choice.copy()
    for node, precision in space.precisions(choice).items():
        found[space.layer_index[node]] -= int(precision == "w8a8")
    return found


def predicted(model: SizeModel, space: Space, choice: Choice) -> int:
    return int(model.file_bytes(space, choice)[0])


@EVERY
@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000))
def test_floats_and_few_bits_are_known_to_the_byte(name: str, seed: int) -> None:
    subject, model, _ = models(name)
    space = subject.space
    choice = without_int8(space, random_choice(space, np.random.default_rng(seed)))
    if choice.any():
        assert predicted(model, space, choice) == len(made_file(subject.levels, space, choice))


@EVERY
def test_every_level_alone_is_known_to_the_byte(name: str) -> None:
    subject, model, _ = models(name)
    space = subject.space
    for axis, count in enumerate(space.sizes):
        choice = space.original
        choice[axis] = count - 1
        choice = without_int8(space, choice)
        assert predicted(model, space, choice) == len(made_file(subject.levels, space, choice))


@EVERY
def test_the_original_is_its_own_file(name: str) -> None:
    subject, model, _ = models(name)
    assert predicted(model, subject.space, subject.space.original) == len(case(name).network.data)


@EVERY
@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10_000))
def test_int8_is_known_within_a_few_hundredths(name: str, seed: int) -> None:
    subject, _, model = models(name)
    space = subject.space
    choice = random_choice(space, np.random.default_rng(seed))
    if choice.any():
        true = len(made_file(subject.levels, space, choice))
        layers = list(space.precisions(choice).values()).count("w8a8")
        # These files are a few kilobytes: two conversions more or less are some 300 bytes.
        assert abs(predicted(model, space, choice) - true) <= max(0.01 * true, 400 * layers)


def test_of_a_larger_network_int8_is_known_within_a_hundredth() -> None:
    g = GraphBuilder(0)
    x = g.node("Relu", g.conv(g.input("n", 3, 6, 6), 3, 48, (3, 3)))
    x = g.node("Relu", g.conv(x, 48, 64, (3, 3)))
    x = g.node("Relu", g.conv(x, 64, 64, (3, 3)))
    x = g.node("ReduceMean", x, axes=[2, 3], keepdims=0)
    tested = Case(g.network(g.gemm(x, 64, 10, transB=1)), noise((3, 6, 6), 32))
    subject, _, model = models("larger", tested)
    space, draw = subject.space, np.random.default_rng(0)
    for _ in range(12):
        choice = random_choice(space, draw)
        choice[: len(space.groups)] //= 3
        true = len(made_file(subject.levels, space, choice))
        assert predicted(model, space, choice) == pytest.approx(true, rel=0.01)


def test_layers_that_are_barely_worth_storing_are_known_when_narrowed() -> None:
    """A first layer of 72 weights has fewer than are worth storing once it is narrowed."""
    g = GraphBuilder(0)
    x = g.node("Relu", g.conv(g.input("n", 1, 6, 6), 1, 8, (3, 3)))
    x = g.node("Relu", g.conv(x, 8, 8, (3, 3)))
    x = g.node("ReduceMean", x, axes=[2, 3], keepdims=0)
    tested = Case(g.network(g.gemm(x, 8, 10, transB=1)), noise((1, 6, 6)))
    subject, model, _ = models("digits", tested)
    space = subject.space
    for precision in ("w8", "w4"):
        for keep in ({}, {"conv0": space.groups[0].levels[-1]}):
            choice = space.choice(keep, {"conv0": precision})  # type: ignore[dict-item]
            assert choice is not None
            assert predicted(model, space, choice) == len(made_file(subject.levels, space, choice))


@EVERY
def test_many_choices_at_once_are_as_each_alone(name: str) -> None:
    subject, _, model = models(name)
    draw = np.random.default_rng(0)
    choices = np.stack([random_choice(subject.space, draw) for _ in range(20)])
    together = model.file_bytes(subject.space, choices)
    assert together.tolist() == [predicted(model, subject.space, item) for item in choices]


@EVERY
def test_a_layers_bytes_have_its_axes_and_shrink_along_them(name: str) -> None:
    subject, _, model = models(name)
    space = subject.space
    for at, layer in enumerate(space.layers):
        table = model.layer_bytes(space, at)
        assert table.shape[2] == len(layer.precisions)
        assert (np.diff(table, axis=0) <= 0).all()
        assert (np.diff(table, axis=1) <= 0).all()
        assert table[0, 0, 0] >= table[0, 0, layer.precisions.index("w8")]


def test_a_size_model_goes_to_json_and_back() -> None:
    _, _, model = models("residual")
    assert SizeModel.model_validate_json(model.model_dump_json()) == model


@settings(max_examples=15, deadline=None)
@given(networks(), st.integers(0, 10_000))
def test_of_networks_of_any_form_the_bytes_are_known(tested: Network, seed: int) -> None:
    sizes = tuple(size for size in tested.inputs[0].shape if isinstance(size, int))
    subject = subject_on(tested, noise(sizes, 16))
    space = subject.space
    model = Builder(subject, DatabaseFolder(Path("unused")), Silent(), lambda _: None)._sizes()
    choice = without_int8(space, random_choice(space, np.random.default_rng(seed)))
    if choice.any():
        assert predicted(model, space, choice) == len(made_file(subject.levels, space, choice))
