"""Images and sequences are predicted in the unit of their metric, and what is kept is bounded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from example_networks import run
from explorer_examples import build, finish, subject_on
from shaped_networks import denoiser, images, next_word, sequences

from tinystudio.core.data import Samples
from tinystudio.explorer.database import load_database
from tinystudio.explorer.estimating import (
    CHECKED_AT_MOST,
    FEWEST_KEPT,
    MOST_KEPT_BYTES,
    affordable_samples,
)
from tinystudio.explorer.hypervolume import Plane
from tinystudio.explorer.subject import Subject
from tinystudio.graph.network import Network
from tinystudio.measure.truth import with_truth
from tinystudio.metrics import find_metric


def subject(tested: Network, samples: Samples, metric: str) -> Subject:
    judged = find_metric(metric)
    made = subject_on(tested, samples)
    truth = with_truth(samples, judged, lambda: tuple(run(tested, samples.inputs)))
    return Subject(
        original=tested, levels=made.levels, space=made.space, samples=truth, metric=judged,
        seed=0, staircase=None, finish=finish,
    )  # fmt: skip


@pytest.mark.parametrize("metric", ["psnr", "output-agreement", "perplexity", "agreement"])
def test_a_choice_is_predicted_near_what_it_scores(metric: str, tmp_path: Path) -> None:
    is_image = metric in ("psnr", "output-agreement")
    tested, samples = (denoiser(), images(48)) if is_image else (next_word(), sequences(120))
    asked = subject(tested, samples, metric)
    told, _ = build(asked, tmp_path, timed=False, measured=10)
    found, draw, space = told[-1], np.random.default_rng(3), asked.space
    errors, inside = [], 0
    for _ in range(10):
        choice = np.array([draw.integers(0, size) for size in space.sizes], np.int16)
        made = asked.levels.network(space.kept(choice), space.precisions(choice))
        assert asked.samples.labels is not None
        true = asked.metric.score(tuple(run(made, asked.samples.inputs)), asked.samples.labels)
        point = found.predictor.predict(choice)
        slack = 1e-4 * abs(true)  # a measured choice is run in other batches
        inside += point.interval[0] - slack <= true <= point.interval[1] + slack
        errors.append((abs(point.score - true), abs(true - found.original_score)))
    off, moved = np.array(errors).mean(axis=0)
    assert off < 0.5 * moved
    assert inside >= 7
    assert len(found.front) > 3
    plane = Plane.of_sizes(found)  # what a search adds is counted from guessing on
    assert plane.height(found.original_score) > moved
    again = load_database(next(tmp_path.glob("database-*.json")))
    assert again.metric == metric


def test_what_is_kept_of_images_is_bounded() -> None:
    space = subject(denoiser(), images(8), "psnr").space
    few, many = (affordable_samples(denoiser(), space, size) for size in (4_096, 1))
    assert few < many
    for outputs in (4_096, 20_000):
        kept = affordable_samples(denoiser(), space, outputs)
        assert kept >= FEWEST_KEPT
        assert 4 * outputs * kept * (sum(space.sizes) + CHECKED_AT_MOST) <= MOST_KEPT_BYTES
    assert affordable_samples(denoiser(), space, 10_000_000) == 0
