"""Which layers convert one tensor for all of them."""

from __future__ import annotations

from explorer_examples import subject_on
from level_examples import case

from tinystudio.explorer.int8_sizes import sharing_layers
from tinystudio.explorer.space import Space
from tinystudio.graph.network import Network


def named(name: str) -> set[frozenset[str]]:
    subject = subject_on(case(name).network, case(name).samples)
    network: Network = subject.levels.study.network
    space: Space = subject.space
    found = sharing_layers(network, space)
    return {frozenset(space.layers[at].node for at in layers) for layers in found}


def test_layers_that_follow_each_other_share_what_is_between_them() -> None:
    assert named("plain") == {frozenset({"conv0", "conv3"})}


def test_queries_keys_and_values_share_what_all_three_read() -> None:
    assert frozenset({"query", "key", "value"}) in named("attending")


def test_layers_with_a_normalization_between_them_share_nothing() -> None:
    assert frozenset({"join", "up"}) not in named("attending")
