"""Recurrent layers are weighed and solved again like others."""

from __future__ import annotations

import numpy as np
import pytest
from level_examples import case, levels_of

from tinystudio.core.data import Array
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.measure.running import outputs_of
from tinystudio.solvers.channel_study import ChannelStudy
from tinystudio.solvers.recurrences import recurrences

NAMES = pytest.mark.parametrize("name", ["lstm", "gru", "both_directions"])


def study(name: str) -> ChannelStudy:
    tested = case(name)
    return levels_of(tested.network, tested.samples).study


def answers(network: Network, name: str) -> Array:
    return outputs_of(network.data, case(name).samples, Silent())[0]


def halved(tested: ChannelStudy, importance: str = "obs") -> dict[str, Array]:
    counts = {group.id: group.channels // 2 for group in tested.groups}
    return tested.best(tested.orders(importance), counts)  # type: ignore[arg-type]


@NAMES
def test_both_matrices_of_a_layer_are_there_with_their_moments(name: str) -> None:
    tested = study(name)
    found = recurrences(tested.network)
    for key, item in found.items():
        shape = tested.network.weights[item.weight].shape
        assert item.weight_of(item.matrices(tested.network.weights[item.weight])).shape == shape
        assert tested._moments[key].mean.shape == (item.blocks, shape[2])
    assert len(found) == 2 * len({item.node for item in found.values()})


@NAMES
def test_solving_again_brings_the_answers_nearer(name: str) -> None:
    tested = study(name)
    whole, kept = answers(tested.network, name), halved(tested)
    errors = [
        np.square(answers(tested.cut(kept, resolve=resolve, mend=False), name) - whole).mean()
        for resolve in (True, False)
    ]
    assert errors[0] < errors[1]


@NAMES
def test_units_that_answers_do_not_need_go_first(name: str) -> None:
    tested = study(name)
    whole = answers(tested.network, name)
    errors = {
        importance: np.square(
            answers(tested.cut(halved(tested, importance), resolve=True, mend=True), name) - whole
        ).mean()
        for importance in ("obs", "random")
    }
    assert errors["obs"] < errors["random"]


def test_the_mean_of_what_every_gate_sees_is_kept() -> None:
    tested = study("both_directions")
    kept = {"first": np.array([0, 2, 5, 6])}  # of both directions; the second layer reads them
    cut = tested.cut(kept, resolve=True, mend=False)
    mean = tested._moments["second/W"].mean[0]
    stays = np.concatenate([kept["first"], kept["first"] + 8])
    before, after = (gates(network, "second") for network in (tested.network, cut))
    np.testing.assert_allclose(
        after[0] @ mean[stays] + after[1], before[0] @ mean + before[1], rtol=0, atol=1e-5
    )


def gates(network: Network, node: str) -> tuple[Array, Array]:
    """Return W and its bias of a layer in one direction."""
    _, w, _, b = network.node(node).input[:4]
    return network.weights[w][0], network.weights[b][0, : network.weights[w].shape[1]]
