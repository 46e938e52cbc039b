"""What differs between files' answers, and which of a file's nodes the runtime's stand for."""

from __future__ import annotations

import numpy as np
import pytest
from example_networks import residual_cnn

from tinystudio.core.reporter import Silent
from tinystudio.measure.answers import answers_of, confusion_matrix, top_confusions
from tinystudio.measure.changed_samples import changed_answers, changed_scores
from tinystudio.measure.running import feed, inlets_of
from tinystudio.measure.runtime_nodes import runtime_nodes
from tinystudio.measure.spreads import BINS, spreads_of

LABELS = np.array([0, 1, 2, 0, 1])


def scores(*classes: int, height: float = 5.0) -> np.ndarray:
    made = np.zeros((len(classes), 3), np.float32)
    made[np.arange(len(classes)), classes] = height
    return made


def test_answers_say_what_was_right_and_how_surely() -> None:
    found = answers_of((scores(0, 1, 1, 0, 1, height=2.0),), LABELS)
    assert found.right[:, 0].tolist() == [True, True, False, True, True]
    assert found.sure is not None
    assert found.sure[0, 0] == pytest.approx(np.exp(2) / (np.exp(2) + 2))


def test_an_answer_that_is_not_finite_is_no_class() -> None:
    made = scores(0, 1, 2, 0, 1)
    made[0] = np.nan
    found = answers_of((made,), LABELS)
    assert found.said[0, 0] == -1
    assert found.sure is not None
    assert found.sure[0, 0] == 0
    assert confusion_matrix(found, LABELS, 3).sum() == len(LABELS) - 1


def test_the_confusion_that_differs_most_comes_first() -> None:
    first = np.array([[9, 4, 0], [0, 9, 1], [0, 0, 9]])
    second = np.array([[9, 4, 0], [0, 6, 4], [0, 0, 9]])
    assert top_confusions([first, second]) == [(1, 2), (0, 1)]


def test_new_mistakes_come_first_the_surest_in_front() -> None:
    first = answers_of((scores(0, 1, 2, 0, 0),), LABELS)  # the last one wrong
    shy, sure = scores(2, 1, 2, 1, 1, height=1.0), scores(2, 1, 2, 1, 1, height=1.0)
    sure[3] *= 9
    found = changed_answers([first, answers_of((shy,), LABELS), answers_of((sure,), LABELS)], 10)
    assert found.kinds == ("new mistake", "new mistake", "mended")
    assert found.places.tolist() == [3, 0, 4]
    assert found.in_all == 3


def test_what_was_mended_keeps_its_share_of_the_room() -> None:
    labels = np.zeros(20, int)
    first = answers_of((scores(*[0] * 10, *[1] * 10),), labels)
    second = answers_of((scores(*[1] * 10, *[0] * 10),), labels)
    found = changed_answers([first, second], 6)
    assert (found.kinds.count("new mistake"), found.kinds.count("mended")) == (4, 2)
    assert found.in_all == 20


def test_where_lower_is_better_a_higher_score_is_worse() -> None:
    found = changed_scores([np.array([1.0, 1.0, 1.0]), np.array([1.0, 3.0, 0.5])], False, 10)
    assert found.places.tolist() == [1, 2]
    assert found.kinds == ("worse", "better")


def test_spreads_share_their_bins_and_know_each_channel() -> None:
    narrow, wide = np.array([[0.0, 1.0], [2.0, 3.0]]), np.array([[-5.0, 5.0]])
    edges, (first, none, second) = spreads_of([narrow, None, wide])
    assert (edges[0], edges[-1], len(edges)) == (-5.0, 5.0, BINS + 1)
    assert none is None
    assert first is not None
    assert second is not None
    assert first.highs.tolist() == [1.0, 3.0]
    assert first.shares.sum() == pytest.approx(1.0)
    assert second.channels == 1


def test_values_that_are_not_finite_have_no_spread() -> None:
    edges, (found,) = spreads_of([np.full((2, 2), np.nan)])
    assert found is None
    assert len(edges) == 0


def test_every_node_of_the_file_is_in_one_of_the_runtime() -> None:
    example = residual_cnn()
    network, samples = example.network, example.test
    found = runtime_nodes(network, feed(inlets_of(network), samples, 0, 1), Silent())
    told = [name for node in found for name in node.nodes]
    assert sorted(told) == sorted(node.name for node in network.nodes)
    for node in found:
        kinds = {network.node(name).op_type for name in node.nodes}
        if node.op == "Conv":  # with what it was fused with, and no other convolution
            assert sum(network.node(name).op_type == "Conv" for name in node.nodes) == 1
            assert kinds <= {"Conv", "Relu", "Add", "BatchNormalization"}
    assert all(node.time_us >= 0 for node in found)
    assert any(len(node.nodes) > 1 for node in found)  # something was fused
