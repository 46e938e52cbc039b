"""Running only what comes after a change gives what running everything gives."""

from __future__ import annotations

import numpy as np
import pytest
from level_examples import CASES, case

from tinystudio.core.reporter import Silent
from tinystudio.explorer import suffixes
from tinystudio.explorer.changes import single_choices
from tinystudio.explorer.spaces import space_of
from tinystudio.explorer.suffixes import Suffixes
from tinystudio.measure.running import outputs_of


@pytest.mark.parametrize("name", CASES)
def test_every_level_run_from_where_it_begins_gives_the_whole_networks_outputs(name: str) -> None:
    example = case(name)
    levels = example.levels()
    space, base = space_of(levels, 8), levels.study.network
    tested = Suffixes(base, example.samples, Silent())
    starts = set()
    for _, choice in single_choices(space):
        kept, precisions = space.kept(choice), space.precisions(choice)
        if "w8a8" in precisions.values():
            continue
        nodes = {node for node, precision in precisions.items() if precision != "float"}
        for axis, group in enumerate(space.groups):
            if choice[axis]:
                nodes |= {slot.node for slot in levels.study.coupling.group(group.id).slots}
        start = tested.start_of(nodes)
        starts.add(start)
        network = levels.in_float(kept, precisions)
        (found, *_) = tested.outputs(network, start)
        (expected, *_) = outputs_of(network.data, example.samples, Silent())
        assert np.allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert len(starts) > 1


def test_what_flows_in_is_worked_out_once_for_levels_that_begin_at_one_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    example = case("plain")
    levels = example.levels()
    walked: list[tuple[str, ...]] = []
    whole = suffixes.stream_activations

    def counted(network, tensors, samples, reporter):
        walked.append(tuple(tensors))
        return whole(network, tensors, samples, reporter)

    monkeypatch.setattr(suffixes, "stream_activations", counted)
    tested = Suffixes(levels.study.network, example.samples, Silent())
    for _ in range(3):
        tested.outputs(levels.study.network, 1)
    assert len(walked) == 1


def test_tensors_too_large_to_keep_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    example = case("plain")
    network = example.levels().study.network
    monkeypatch.setattr(suffixes, "MOST_BYTES", 10)
    tested = Suffixes(network, example.samples, Silent())
    (found, *_) = tested.outputs(network, 1)
    (expected, *_) = outputs_of(network.data, example.samples, Silent())
    assert np.array_equal(found, expected)
