"""Networks of images and sequences are trained by what they are judged by."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from example_networks import run
from shaped_networks import denoiser, images, next_word, noisy, sequences

from tinystudio.core.cache import Cache
from tinystudio.core.data import Samples
from tinystudio.core.reporter import Silent
from tinystudio.graph.network import Network
from tinystudio.metrics import find_metric
from tinystudio.techniques import find_technique
from tinystudio.techniques.technique import Context, Outcome
from tinystudio.training.objectives import Objective


def trained(technique: str, tested: Network, samples: Samples, metric: str, **more) -> Outcome:
    original = denoiser() if tested.outputs[0].shape[-1] == 16 else next_word()
    context = Context(original, samples, "data", 0, Silent(), Cache(), samples, metric)
    part = find_technique(technique)
    return part.apply(tested, part.params(epochs=6, rate=0.02, held_out=0.2, **more), context)


def score(tested: Network, samples: Samples, metric: str) -> float:
    judged = find_metric(metric)
    truth = judged.truth(samples)
    assert truth is not None
    return judged.score(tuple(run(tested, samples.inputs)), truth)


@pytest.mark.parametrize("technique", ["fine-tuning", "distillation"])
@pytest.mark.parametrize("metric", ["perplexity", "macro-f1"])
def test_every_step_of_a_sequence_is_learned(technique: str, metric: str) -> None:
    worse, unseen = noisy(next_word(), 0.6), sequences(120, seed=2)
    done = trained(technique, worse, sequences(240), metric)
    before, after = (score(item, unseen, metric) for item in (worse, done.network))
    assert (after < 0.8 * before) if metric == "perplexity" else (after > before + 0.02)
    assert any(find_metric(metric).name in note for note in done.notes)


@pytest.mark.parametrize("technique", ["fine-tuning", "distillation"])
def test_images_are_learned_by_their_numbers(technique: str) -> None:
    worse, unseen = noisy(denoiser(), 0.2), images(40, seed=2)
    done = trained(technique, worse, images(96), "psnr")
    assert score(done.network, unseen, "psnr") > score(worse, unseen, "psnr") + 3
    assert any("dB before" in note for note in done.notes)


def test_what_rebuilds_learns_from_its_inputs() -> None:
    given = images(96)
    samples = replace(given, labels=(np.arange(96) % 4 == 0).astype(np.int64))
    done = trained("fine-tuning", noisy(denoiser(), 0.2), samples, "anomaly-auc")
    assert any("mean absolute error on what was held out" in note for note in done.notes)
    assert any("of 72 training samples" in note for note in done.notes)


def test_without_labels_the_original_is_learned_from() -> None:
    bare = replace(sequences(120), labels=None)
    worse = noisy(next_word(), 0.6)
    done = trained("distillation", worse, bare, "agreement")
    wanted, before, after = (
        run(item, bare.inputs)[0].argmax(axis=-1) for item in (next_word(), worse, done.network)
    )
    assert (after == wanted).mean() > (before == wanted).mean() + 0.1


@pytest.mark.parametrize("response", ["response", "decoupled", "relational"])
def test_the_loss_of_steps_is_that_of_as_many_samples(response: str) -> None:
    torch.manual_seed(0)
    answers, teacher = torch.randn(6, 3, 4), torch.randn(6, 3, 4)
    labels, everything = torch.randint(0, 4, (6, 3)), torch.arange(6)
    whole = Objective(True, labels, teacher, response=response)
    flat = Objective(True, labels.reshape(-1), teacher.reshape(18, 4), response=response)
    found = whole.loss(answers, everything)
    assert found.item() == pytest.approx(flat.loss(answers.reshape(18, 4), torch.arange(18)).item())
