"""Weights in few bits, in both forms, on every kind of network: the numbers that were chosen."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from example_networks import network, run
from hypothesis import given, settings
from hypothesis import strategies as st
from level_examples import CASES, case
from onnx import helper

from tinystudio.core.reporter import Silent
from tinystudio.graph.decoded_weights import constant_tensors
from tinystudio.graph.facts import facts
from tinystudio.graph.parameters import parameters
from tinystudio.measure.agreement import agreement
from tinystudio.solvers.block_rounding import BlockCodes, rounded_in_blocks
from tinystudio.solvers.code_descent import descended
from tinystudio.solvers.few_bit_weights import FewBits, products_in, with_few_bits
from tinystudio.solvers.levels import base_network, storable
from tinystudio.solvers.stored_blocks import block_length

EVERY = pytest.mark.parametrize("name", CASES)
RNG = np.random.default_rng(0)


def few(base, bits=8, length=16, symmetric=True, products=None):
    way = FewBits(bits, length, symmetric)
    return with_few_bits(base, way, products or {}, {}, Silent().check)


@EVERY
@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("bits", [4, 8])
def test_the_file_is_sound_and_near_the_floats(name: str, symmetric: bool, bits: int) -> None:
    base = base_network(case(name).network, small=bits <= 4)
    made = few(base, bits, symmetric=symmetric)
    onnx.checker.check_model(made.model, full_check=True)
    inputs = case(name).samples.inputs
    for mine, original in zip(run(made, inputs), run(base, inputs), strict=True):
        lost = np.linalg.norm(mine - original) / np.linalg.norm(original)
        assert lost < (0.03 if bits == 8 else 0.4)
    assert {tensor for names in storable(base).values() for tensor in names} <= constant_tensors(
        made
    )
    counts = [sum(array.size for array in parameters(n).values()) for n in (base, made)]
    assert counts[0] == counts[1]
    assert facts(made).macs == facts(base).macs


@EVERY
@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("bits", [4, 8])
def test_products_compute_what_unpacked_weights_do(name: str, symmetric: bool, bits: int) -> None:
    base = base_network(case(name).network, small=True)
    products = dict.fromkeys(products_in(base), "float")
    made, unpacked = few(base, bits, 256, symmetric, products), few(base, bits, 256, symmetric)
    onnx.checker.check_model(made.model, full_check=True)
    assert [n.name for n in made.nodes if n.op_type == "MatMulNBits"] == list(products)
    inputs = case(name).samples.inputs
    for one, other in zip(run(made, inputs), run(unpacked, inputs), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)
    assert facts(made).macs == facts(base).macs


@pytest.mark.parametrize("symmetric", [True, False])
@pytest.mark.parametrize("columns", [5, 16, 40])
def test_a_product_keeps_addend_factors_and_any_length_of_row(symmetric, columns: int) -> None:
    weights = {
        "w": RNG.normal(size=(columns, 13)).astype(np.float32),
        "c": RNG.normal(size=(1, 13)).astype(np.float32),
    }
    gemm = helper.make_node("Gemm", ["x", "w", "c"], ["y"], "gemm", alpha=0.5, beta=2.0)
    base = network([gemm], weights, {"x": ("n", columns)}, {"y": ("n", 13)})
    made = few(base, 8, 16, symmetric, {"gemm": "float"})
    assert [node.op_type for node in made.nodes] == ["MatMulNBits"]
    inputs = [RNG.normal(size=(7, columns)).astype(np.float32)]
    assert agreement(run(base, inputs), run(made, inputs)).sqnr_db > 35


def test_an_addend_that_is_no_row_keeps_a_gemm_out_of_the_kernel() -> None:
    weights = {"w": np.ones((16, 8), np.float32), "c": np.ones((4, 8), np.float32)}
    gemm = helper.make_node("Gemm", ["x", "w", "c"], ["y"], "gemm")
    assert products_in(network([gemm], weights, {"x": (4, 16)}, {"y": (4, 8)})) == ()


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 1000), st.integers(1, 50), st.integers(1, 20), st.booleans(), st.integers(2, 8)
)
def test_rounding_stays_within_half_a_step_and_keeps_zeros(
    seed: int, columns: int, length: int, symmetric: bool, bits: int
) -> None:
    matrices = np.random.default_rng(seed).normal(size=(2, 3, columns))
    matrices[:, :, ::3] = 0
    codes = rounded_in_blocks(matrices, None, bits, length, symmetric)
    assert not codes.weights[:, :, ::3].any()
    # What is cut off at the ends of the grid may lie further away.
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if symmetric else (0, 2**bits - 1)
    inside = (codes.values > low) & (codes.values < high)
    assert (np.abs(codes.weights - matrices) <= codes.scales / 2 + 1e-9)[inside].all()


@pytest.mark.parametrize("symmetric", [True, False])
def test_gptq_changes_the_output_less_than_rounding_to_nearest(symmetric: bool) -> None:
    inputs = RNG.normal(size=(500, 6)) @ RNG.normal(size=(6, 40)) + 0.3 * RNG.normal(size=(500, 40))
    covariance = np.cov(inputs.T)[None]
    matrix = RNG.normal(size=(1, 24, 40))
    lost = [
        float(np.square((rounded.weights - matrix)[0] @ inputs.T).sum())
        for rounded in (
            rounded_in_blocks(matrix, given_covariance, 4, 16, symmetric)
            for given_covariance in (covariance, None)
        )
    ]
    assert lost[0] < 0.5 * lost[1]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 300), st.integers(1, 64))
def test_a_row_is_divided_evenly(row: int, wanted: int) -> None:
    length = block_length(row, wanted)
    assert row % length == 0
    assert 1 <= length <= wanted


def test_four_bits_take_half_the_bytes_of_eight() -> None:
    base = base_network(case("linear").network, small=True)
    sizes = {}
    for bits in (4, 8):
        made = few(base, bits)
        codes = [p for p in made.model.graph.initializer if p.name.startswith("~q")]
        sizes[bits] = sum(len(p.raw_data) for p in codes)
    assert sizes[4] == sizes[8] / 2


def correlated(seed: int, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a matrix (1, rows, columns) and the covariance of its correlated inputs."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(400, 8)) @ rng.normal(size=(8, columns))
    inputs += 0.3 * rng.normal(size=inputs.shape)
    return rng.normal(size=(1, rows, columns)), np.atleast_2d(np.cov(inputs.T))[None]


def lost(matrices: np.ndarray, covariance: np.ndarray, codes: BlockCodes) -> np.ndarray:
    change = codes.weights - matrices
    return ((change @ covariance) * change).sum(axis=2)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 40), st.booleans(), st.integers(2, 5))
def test_changing_single_codes_makes_no_row_worse(
    seed: int, columns: int, symmetric: bool, bits: int
) -> None:
    matrices, covariance = correlated(seed, 6, columns)
    codes = rounded_in_blocks(matrices, None, bits, 16, symmetric)
    better = descended(matrices, covariance, codes, bits, Silent().check)
    low, high = codes.range_of(bits)
    assert low <= better.values.min()
    assert better.values.max() <= high
    # The descent goes by the damped covariance, which differs by a hundredth of its diagonal.
    before, after = (lost(matrices, covariance, item) for item in (codes, better))
    assert (after <= before * 1.02 + 1e-9).all()
