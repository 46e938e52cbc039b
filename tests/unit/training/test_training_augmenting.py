"""Samples varied by their kind; every one stays what it was."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from tinystudio.training.augmenting import Augment
from tinystudio.training.data_kind import data_kind

IMAGES = torch.arange(6 * 2 * 16 * 16, dtype=torch.float32).reshape(6, 2, 16, 16)
SEQUENCES = torch.randn(6, 3, 40, generator=torch.Generator().manual_seed(0))


def drawn(augment: Augment, batch: Tensor, seed: int = 0) -> Tensor:
    return augment(batch, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("shape", "kind"),
    [((5, 1, 28, 28), "images"), ((5, 6, 200), "sequences"), ((5, 30), "tables")],
)
def test_the_kind_of_data_is_told_by_its_rank(shape, kind) -> None:
    assert data_kind((np.zeros(shape, np.float32),)) == kind


def test_whole_numbers_and_several_inputs_are_left_alone() -> None:
    image = np.zeros((2, 1, 28, 28), np.float32)
    assert data_kind((image.astype(np.int64),)) == "tables"
    assert data_kind((image, image)) == "tables"


@pytest.mark.parametrize(
    ("augment", "batch"),
    [(Augment("images", True), IMAGES), (Augment("sequences"), SEQUENCES)],
    ids=["images", "sequences"],
)
def test_the_same_seed_varies_the_same_way_and_another_differently(augment, batch) -> None:
    assert torch.equal(drawn(augment, batch), drawn(augment, batch))
    assert not torch.equal(drawn(augment, batch), drawn(augment, batch, 1))
    assert drawn(augment, batch).shape == batch.shape


def test_a_shifted_image_has_only_numbers_of_its_own_channel() -> None:
    for before, after in zip(IMAGES, drawn(Augment("images"), IMAGES), strict=True):
        for mine, its in zip(before, after, strict=True):
            assert set(its.flatten().tolist()) <= set(mine.flatten().tolist())
            assert abs(float(its[8, 8] - mine[8, 8])) <= 16 * 1 + 1  # a tenth of 16 is 1 each way


def test_images_are_mirrored_only_where_that_is_allowed() -> None:
    ramps = torch.arange(32.0).expand(64, 1, 32, 32).contiguous()
    rises = drawn(Augment("images"), ramps).diff(dim=3) >= 0
    assert bool(rises.all())
    falls = (drawn(Augment("images", flips=True), ramps).diff(dim=3) < 0).any(3).any(2).flatten()
    assert 16 < int(falls.sum()) < 48


def test_sequences_keep_their_course() -> None:
    after = drawn(Augment("sequences"), torch.sin(torch.arange(200.0) / 40).expand(8, 3, 200))
    before = torch.sin(torch.arange(200.0) / 40)
    for row in after.reshape(-1, 200):
        assert float(torch.corrcoef(torch.stack((before, row)))[0, 1]) > 0.6


@pytest.mark.parametrize("shape", [(4, 30), (4, 3, 3, 3), (4, 2, 5)])
def test_what_is_too_small_to_shift_keeps_its_place(shape) -> None:
    kind = {2: "tables", 3: "sequences", 4: "images"}[len(shape)]
    batch = torch.ones(shape)
    batch[..., 0] = 5
    after = drawn(Augment(kind), batch)
    assert bool((after[..., 0] > after[..., 1]).all())
