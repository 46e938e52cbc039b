"""What every gallery task promises, checked on every task there is."""

from __future__ import annotations

import numpy as np
import pytest
from example_networks import run
from part_promises import check_words, loaded_by
from PIL import Image

from tinystudio.core.data import SPLITS, Dataset, Samples
from tinystudio.gallery import find_task, gallery
from tinystudio.gallery.task import AREAS, GalleryTask
from tinystudio.graph.opening import open_network
from tinystudio.metrics import find_metric

EVERY = pytest.mark.parametrize("task", gallery().values(), ids=gallery())


@pytest.fixture(scope="module")
def datasets() -> dict[str, Dataset]:
    return {name: task.dataset() for name, task in gallery().items()}


def rows(samples: Samples) -> set[bytes]:
    return {b"".join(x[n].tobytes() for x in samples.inputs) for n in range(len(samples))}


def guessed(data: Dataset, samples: Samples) -> float:
    """Return what one scores who answers the same every time, or changes nothing."""
    metric = find_metric(data.metric)
    assert samples.labels is not None
    if not data.classes:
        return metric.score(samples.inputs, samples.labels)
    counts = np.bincount(samples.labels, minlength=len(data.classes))
    answers = np.tile(counts.astype(np.float32), (len(samples), 1))
    return metric.score((answers,), samples.labels)


@EVERY
class TestEveryTask:
    def test_it_says_what_it_is_about_and_whose_it_is(self, task: GalleryTask) -> None:
        check_words(task)
        assert task.area in AREAS
        assert task.question.endswith("?")
        assert task.look_at
        assert task.licence
        assert task.source
        assert find_task(f"gallery:{task.id}") is task

    def test_its_picture_is_small_and_of_the_shape_of_a_card(self, task: GalleryTask) -> None:
        with Image.open(task.picture_path) as picture:
            assert picture.size == (400, 225)
        assert task.picture_path.stat().st_size < 100_000

    def test_no_sample_is_in_two_splits(
        self, task: GalleryTask, datasets: dict[str, Dataset]
    ) -> None:
        data = datasets[task.id]
        ids = [set(data.split(name).ids.tolist()) for name in ("train", "validation", "test")]
        assert not (ids[0] & ids[1] or ids[0] & ids[2] or ids[1] & ids[2])
        assert set(data.calibration.ids.tolist()) <= ids[0]
        held_out = rows(data.test)
        assert not held_out & rows(data.train)
        assert not held_out & rows(data.validation)

    def test_every_split_has_samples_with_known_classes(
        self, task: GalleryTask, datasets: dict[str, Dataset]
    ) -> None:
        data = datasets[task.id]
        for name in SPLITS:
            samples = data.split(name)
            assert len(samples) >= 20
            assert len(samples.ids) == len(samples)
            assert samples.labels is not None
            if data.classes:
                assert set(np.unique(samples.labels)) <= set(range(len(data.classes)))
            assert all(np.isfinite(x).all() for x in samples.inputs)

    def test_its_data_are_the_same_at_every_call(
        self, task: GalleryTask, datasets: dict[str, Dataset]
    ) -> None:
        again = task.dataset()
        assert again.fingerprint == datasets[task.id].fingerprint != ""
        assert np.array_equal(again.test.ids, datasets[task.id].test.ids)

    def test_its_network_opens_and_answers_far_better_than_chance(
        self, task: GalleryTask, datasets: dict[str, Dataset]
    ) -> None:
        data = datasets[task.id]
        network = open_network(task.network_path)
        some = data.test.take(np.random.default_rng(0).permutation(len(data.test))[:300])
        outputs = tuple(run(network, some.inputs))
        assert some.labels is not None
        metric = find_metric(data.metric)
        assert metric.score(outputs, some.labels) > guessed(data, some) + (
            0.15 if metric.unit == "%" else 5
        )


def test_importing_their_files_loads_no_engine_library() -> None:
    modules = ", ".join(type(task).__module__ for task in gallery().values())
    assert loaded_by(f"import {modules}") == set()
