"""All node cases of every claimed operator: the outputs are those of the ONNX specification."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from gradient_cases import Case, all_cases, claimed_cases, close, stored_cases

from tinystudio.graph.gradients.claims import unclaimed
from tinystudio.graph.gradients.rules import RULES
from tinystudio.graph.gradients.written_out import WRITTEN_OUT
from tinystudio.graph.network import Network

# Cases that are not met, and why.
_RANDOM = "drops random elements: no two programs draw the same ones"
_HALF = "two of 192 numbers in half precision differ in their last bit (4.9e-4 for 4.7e-1)"
NOT_MET = {
    "test_training_dropout_default": _RANDOM,
    "test_training_dropout_default_mask": _RANDOM,
    "test_training_dropout": _RANDOM,
    "test_training_dropout_mask": _RANDOM,
    "test_attention_4d_causal_fp16": _HALF,
    "test_attention_4d_causal_fp16_expanded": _HALF,
}
# Number types that no torch tensor computes with.
TYPES = ("float8", "float4", "uint64", "object", "other things than tensors")


def not_met(cases: Sequence[Case]) -> dict[str, str]:
    """Return the cases with other outputs than they should have, and what is wrong."""
    wrong = {}
    for case in cases:
        try:
            for got, wanted in zip(case.result(), case.outputs, strict=True):
                close(got, wanted, case.rtol, case.atol)
        except (AssertionError, RuntimeError, TypeError, ValueError, IndexError) as error:
            wrong[case.name] = f"{type(error).__name__}: {error}"
    return wrong


def test_outputs_are_those_of_the_specification() -> None:
    wrong = not_met(claimed_cases())
    assert {name: text for name, text in wrong.items() if name not in NOT_MET} == {}
    assert set(wrong) == set(NOT_MET), "the table names cases that are met"


def test_every_case_of_a_claimed_operator_runs_but_for_types_torch_does_not_have() -> None:
    claimed = {*RULES, *WRITTEN_OUT}
    left_out = []
    for case in all_cases():
        network = Network.of(case.model)
        reasons = unclaimed(network)
        if reasons and {node.op_type for node in network.nodes} <= claimed:
            reason = next(iter(reasons.values()))
            if not any(kind in reason for kind in TYPES):
                left_out.append((case.name, reason))
    assert left_out == []


def test_layers_that_older_versions_of_torch_exported_give_what_they_gave() -> None:
    assert not_met(stored_cases()) == {}


def test_many_cases_run() -> None:
    assert len(claimed_cases()) > 1450
    assert len(stored_cases()) > 120


@pytest.mark.parametrize("operator", sorted({*RULES, *WRITTEN_OUT} - {"Scatter", "GlobalLpPool"}))
def test_every_claimed_operator_has_a_case(operator: str) -> None:
    # Scatter is ScatterElements under its old name; GlobalLpPool has a test of its own.
    assert any(node.op_type == operator for case in claimed_cases() for node in case.network.nodes)
