"""Which operators have a rule, and which of them pass a gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tinystudio.graph.gradients import (
    activations,
    arithmetic,
    convolutions,
    indexing,
    linear,
    making,
    normalization,
    pooling,
    quantization,
    recurrent,
    reductions,
    resizing,
    shaping,
)
from tinystudio.graph.gradients.node import Node, Run

Rule = Callable[[Node], Run]

FAMILIES: Mapping[str, Mapping[str, Rule]] = MappingProxyType(
    {
        "convolution": convolutions.RULES,
        "linear": linear.RULES,
        "normalization": normalization.RULES,
        "activation": activations.RULES,
        "arithmetic": arithmetic.RULES,
        "shape": shaping.RULES,
        "making": making.RULES,
        "indexing": indexing.RULES,
        "pooling": pooling.RULES,
        "reduction": reductions.RULES,
        "recurrent": recurrent.RULES,
        "resizing": resizing.RULES,
        "quantization": quantization.RULES,
    }
)
RULES: Mapping[str, Rule] = MappingProxyType(
    {operator: rule for family in FAMILIES.values() for operator, rule in family.items()}
)

_FLAT = (
    "Sign Floor Ceil Round IsNaN IsInf Equal Greater GreaterOrEqual Less LessOrEqual And Or "
    "Xor Not Shape Size Constant ArgMax ArgMin Hardmax ConstantOfShape EyeLike Range "
    "DynamicQuantizeLinear"
)
# Operators that run, but whose outputs are steps, places or plans: no gradient comes through.
WITHOUT_GRADIENT = frozenset(_FLAT.split())
