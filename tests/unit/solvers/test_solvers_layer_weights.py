"""Weights at every level: slicing a ready entry is the same as making it without the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from example_networks import run
from hypothesis import given, settings
from hypothesis import strategies as st
from level_examples import CASES, case

from tinystudio.core.cache import Cache
from tinystudio.core.data import Array
from tinystudio.graph.coupling import couple
from tinystudio.graph.surgery import keep_channels
from tinystudio.solvers.channel_study import ChannelStudy
from tinystudio.solvers.channel_units import out_channels, rebuilt, surviving
from tinystudio.solvers.layer_weights import LayerWeights
from tinystudio.solvers.layers import Layer
from tinystudio.solvers.levels import Levels, storable
from tinystudio.solvers.moments import Moments

NARROW = [name for name in CASES if name not in ("lstm", "gru")]
EVERY = pytest.mark.parametrize("name", NARROW)
PRECISIONS = pytest.mark.parametrize("bits", [None, 8, 4, 3])
_LEVELS: dict[str, Levels] = {}


def study(name: str) -> ChannelStudy:
    """Return the study of a case, made once: its moments serve every test."""
    if name not in _LEVELS:
        _LEVELS[name] = case(name).levels(small=False)
    return _LEVELS[name].study


def some_units(tested: ChannelStudy, seed: int) -> dict[str, Array]:
    """Return random units of every group, at least one of each part."""
    rng, kept = np.random.default_rng(seed), {}
    for group in tested.groups:
        count = int(rng.integers(1, group.channels + 1))
        units = np.sort(rng.choice(group.channels, count, replace=False))
        kept[group.id] = group.complete(units)
    return kept


def without_rows(
    layer: Layer, weight: Array, moments: Moments, stays: Array
) -> tuple[Layer, Array, Moments]:
    """Return a layer as if the rows that go had never been there. One block, or blocks alike."""
    if layer.op == "ConvTranspose":
        cut = np.compress(stays, weight, axis=1)
        return replace(layer, shape=cut.shape), cut, moments
    cut = np.compress(stays, weight, axis=layer.out_axis)
    blocks = layer.blocks
    if blocks > 1:
        per_block = stays.reshape(blocks, -1).sum(axis=1)
        alive = np.flatnonzero(per_block)
        moments = Moments(
            moments.count, moments.mean[alive], moments.variance[alive],
            None if moments.covariance is None else moments.covariance[alive],
        )  # fmt: skip
        blocks = len(alive)
    return replace(layer, shape=cut.shape, blocks=blocks), cut, moments


@EVERY
@PRECISIONS
@pytest.mark.parametrize("seed", [0, 1])
def test_slicing_an_entry_is_making_it_without_the_rows(
    name: str, bits: int | None, seed: int
) -> None:
    tested = study(name)
    masks = surviving(tested.coupling, some_units(tested, seed))
    for node, layer in tested.known_layers.items():
        mask = masks.get((layer.weight, layer.axis))
        rows = masks.get((layer.weight, layer.out_axis))
        if rows is None or (layer.op == "ConvTranspose" and layer.blocks > 1):
            continue
        moments = tested._known_moments()[node]
        weight = tested.network.weights[layer.weight]
        entry = tested.weights.entry(node, mask, bits)
        smaller, cut, fewer = without_rows(layer, weight, moments, rows)
        alone = tested.network.with_weights({layer.weight: cut})
        made = LayerWeights(alone, {node: smaller}, lambda n=node, m=fewer: {n: m}, Cache(), "k")
        again = made.entry(node, mask, bits)
        sliced = np.compress(rows, layer.weight_of(entry.matrices), axis=layer.out_axis)
        assert np.allclose(sliced, smaller.weight_of(again.matrices), rtol=1e-5, atol=1e-6)
        if entry.codes is not None and again.codes is not None:
            codes = np.compress(rows, layer.weight_of(entry.codes), axis=layer.out_axis)
            assert np.array_equal(codes, smaller.weight_of(again.codes))
        if layer.op != "ConvTranspose":
            assert np.allclose(entry.shift.ravel()[rows], again.shift.ravel(), atol=1e-6)


@EVERY
@PRECISIONS
def test_choices_compose_whatever_else_is_chosen(name: str, bits: int | None) -> None:
    """A layer's weights depend on the inputs it keeps alone, not on what other groups do."""
    tested = study(name)
    kept = some_units(tested, 3)
    nodes = {} if bits is None else dict.fromkeys(storable(tested.network), bits)
    whole = tested.at_levels(kept, nodes, mend=False)
    for group in tested.groups:
        alone = tested.at_levels({group.id: kept[group.id]}, nodes, mend=False)
        for slot in group.consumers:
            mine, other = whole.network.weights[slot.weight], alone.network.weights[slot.weight]
            if mine.shape[slot.axis] != other.shape[slot.axis]:
                continue  # another group is read along the same axis
            layer = tested.known_layers.get(slot.node)
            if layer is None or slot.axis != layer.axis or layer.blocks > 1:
                continue
            rows = surviving(tested.coupling, kept).get((layer.weight, layer.out_axis))
            if rows is not None and len(rows) == other.shape[layer.out_axis]:
                other = np.compress(rows, other, axis=layer.out_axis)
            assert np.allclose(mine, other, rtol=1e-5, atol=1e-6)


@EVERY
def test_what_is_kept_whole_and_in_float_is_not_touched(name: str) -> None:
    tested = study(name)
    made = tested.at_levels({}, {}, mend=False)
    assert made.codes == {}
    for weight in tested.network.weights:
        assert np.array_equal(made.network.weights[weight], tested.network.weights[weight])


@EVERY
def test_solved_again_the_cut_is_nearer_than_without(name: str) -> None:
    tested, inputs = study(name), case(name).samples.inputs
    counts = {group.id: max(2, group.channels // 2) for group in tested.groups}
    kept = tested.best(tested.orders("obs"), counts)
    truth = run(tested.network, inputs)[0]
    mended = run(tested.at_levels(kept, {}).network, inputs)[0]
    bare = run(keep_channels(tested.network, kept), inputs)[0]
    assert np.square(mended - truth).mean() < np.square(bare - truth).mean()


@EVERY
@pytest.mark.parametrize("bits", [8, 4])
def test_codes_times_a_factor_per_channel_are_the_weights(name: str, bits: int) -> None:
    tested = study(name)
    nodes = [node for node in storable(tested.network) if node in tested.known_layers]
    made = tested.at_levels(some_units(tested, 4), dict.fromkeys(nodes, bits))
    for node in nodes:
        layer = tested.known_layers[node]
        weight, codes = made.network.weights[layer.weight], made.codes[layer.weight]
        assert weight.shape == codes.shape
        spans = range(1, weight.ndim) if layer.op == "ConvTranspose" else (layer.out_axis,)
        axes = tuple(axis for axis in range(weight.ndim) if axis not in spans)
        size = np.where(codes == 0, np.nan, codes.astype(float))
        factor = weight / size
        spread = np.nanmax(factor, axis=axes) - np.nanmin(factor, axis=axes)
        assert np.nanmax(spread / np.abs(np.nanmean(factor, axis=axes))) < 1e-4
        assert (weight[codes == 0] == 0).all()


def test_every_entry_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    tested = case("residual").levels(small=False).study
    made: list[tuple[str, int | None]] = []
    real = LayerWeights._make

    def counted(self: LayerWeights, node: str, mask: Array | None, bits: int | None):
        made.append((node, bits))
        return real(self, node, mask, bits)

    monkeypatch.setattr(LayerWeights, "_make", counted)
    mask = np.arange(12) < 7
    for _ in range(3):
        tested.weights.entry("conv2", mask, 4)
        tested.weights.entry("conv2", mask)
    assert sorted(made, key=str) == [("conv2", 4), ("conv2", None)]
    tested.weights.entry("conv2", ~mask, 4)
    assert len(made) == 4


def test_the_moments_are_asked_for_only_when_an_entry_has_to_be_made() -> None:
    tested = study("plain")
    asked = []

    def moments() -> Mapping[str, Moments]:
        asked.append(1)
        return tested._known_moments()

    weights = LayerWeights(tested.network, tested.known_layers, moments, Cache(), "k")
    assert not asked
    weights.entry("conv3", None, 8)
    weights.entry("conv3", None, 8)
    assert len(asked) <= 2  # the few-bit entry and the float one that it is made from


def test_without_samples_kept_weights_stay_and_few_bits_go_to_the_nearest() -> None:
    tested = case("plain").levels(calibrated=False, small=False).study
    mask = np.arange(12) % 2 == 0
    entry, layer = tested.weights.entry("conv3", mask), tested.known_layers["conv3"]
    old = layer.matrices(tested.network.weights[layer.weight])
    columns = layer.columns(np.flatnonzero(mask))[0]
    assert np.array_equal(entry.matrices[0][:, columns], old[0][:, columns].astype("f4"))
    assert not entry.shift.any()


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(NARROW), st.integers(0, 10_000))
def test_the_rebuilt_weights_have_the_shapes_of_the_cut(name: str, seed: int) -> None:
    tested = study(name)
    kept = some_units(tested, seed)
    masks = surviving(couple(tested.network), kept)
    made = rebuilt(tested.network, tested.weights, tested.known_layers, masks, {})
    cut = keep_channels(tested.network, kept)
    for weight, array in made.weights.items():
        assert array.shape == cut.weights[weight].shape
    for node, shift in made.shifts.items():
        assert len(shift.shift) == out_channels(tested.known_layers[node], masks).sum()


@pytest.mark.parametrize("name", CASES)
def test_the_width_of_a_layer_is_that_of_its_matrices(name: str) -> None:
    tested = study(name)
    for layer in tested.known_layers.values():
        matrices = layer.matrices(tested.network.weights[layer.weight])
        assert (len(matrices), matrices.shape[2]) == (layer.blocks, layer.width)
