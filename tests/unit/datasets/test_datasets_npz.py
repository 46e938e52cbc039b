"""An .npz becomes four splits, or a sentence about what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinystudio.core.data import SPLITS, Dataset, Split, Wanted
from tinystudio.core.errors import UserError
from tinystudio.datasets import read_dataset

Arrays = dict[str, Any]


def one_set(count: int = 100) -> Arrays:
    x = np.arange(count * 6, dtype=np.float32).reshape(count, 2, 3)
    return {"x": x, "y": np.arange(count) % 4}


def with_test(train: int = 80, test: int = 25) -> Arrays:
    every = one_set(train + test)
    return {
        "x_train": every["x"][:train],
        "y_train": every["y"][:train],
        "x_test": every["x"][train:],
        "y_test": every["y"][train:],
    }


def read(folder: Path, arrays: Arrays, seed: int = 0) -> Dataset:
    path = folder / "mine.npz"
    np.savez(path, **arrays)
    return read_dataset(path, seed)


def complaint(folder: Path, arrays: Arrays) -> str:
    with pytest.raises(UserError) as caught:
        read(folder, arrays)
    assert caught.value.title == "mine.npz was not read as data"
    assert caught.value.hint
    return caught.value.detail


def test_one_set_is_cut_60_20_20(tmp_path: Path) -> None:
    dataset = read(tmp_path, one_set())
    assert [len(dataset.split(name)) for name in ("train", "validation", "test")] == [60, 20, 20]


def test_no_sample_is_in_two_splits_and_ids_name_rows_of_the_file(tmp_path: Path) -> None:
    arrays = one_set()
    dataset = read(tmp_path, arrays)
    parts = [dataset.split(name) for name in ("train", "validation", "test")]
    assert sorted(np.concatenate([part.ids for part in parts])) == list(range(100))
    for part in parts:
        assert np.array_equal(part.inputs[0], arrays["x"][part.ids])
        assert np.array_equal(np.asarray(part.labels), arrays["y"][part.ids])


def test_test_is_all_of_x_test_in_its_order(tmp_path: Path) -> None:
    arrays = with_test()
    dataset = read(tmp_path, arrays)
    assert np.array_equal(dataset.test.inputs[0], arrays["x_test"])
    assert np.array_equal(np.asarray(dataset.test.labels), arrays["y_test"])
    assert dataset.test.ids.tolist() == list(range(80, 105))


def test_a_fifth_of_x_train_becomes_validation(tmp_path: Path) -> None:
    dataset = read(tmp_path, with_test())
    assert (len(dataset.train), len(dataset.validation)) == (64, 16)
    assert not set(dataset.train.ids) & set(dataset.validation.ids)
    assert set(dataset.calibration.ids) <= set(dataset.train.ids)


def test_the_same_seed_cuts_alike_and_another_otherwise(tmp_path: Path) -> None:
    first, again, other = (read(tmp_path, one_set(), seed) for seed in (3, 3, 4))
    for name in SPLITS:
        assert np.array_equal(first.split(name).ids, again.split(name).ids)
    assert first.fingerprint == again.fingerprint
    assert set(first.test.ids) != set(other.test.ids)
    assert first.fingerprint != other.fingerprint


def test_another_number_in_the_file_is_another_fingerprint(tmp_path: Path) -> None:
    arrays = one_set()
    first = read(tmp_path, arrays).fingerprint
    arrays["x"][50, 0, 0] += 1
    assert read(tmp_path, arrays).fingerprint != first


@pytest.mark.parametrize("form", ["one set", "with test"])
def test_no_group_is_in_two_splits(tmp_path: Path, form: str) -> None:
    names: tuple[Split, ...]
    arrays = one_set() if form == "one set" else with_test()
    groups = np.array([f"person {number // 5}" for number in range(100)])
    if form == "one set":
        names = ("train", "validation", "test")
        arrays["groups"] = groups
    else:
        names = ("train", "validation")
        arrays["groups_train"] = groups[:80]
    dataset = read(tmp_path, arrays)
    people = [set(groups[dataset.split(name).ids]) for name in names]
    assert sum(len(some) for some in people) == len(set.union(*people))
    train = dataset.train
    assert train.groups is not None  # a training that holds samples out asks for them again
    assert np.array_equal(train.groups, groups[train.ids])


def test_classes_are_named_by_the_file_or_by_number(tmp_path: Path) -> None:
    assert read(tmp_path, one_set()).classes == ("0", "1", "2", "3")
    names = np.array(["north", "east", "south", "west"])
    assert read(tmp_path, {**one_set(), "classes": names}).classes == tuple(names)
    as_bytes = names.astype("S")
    assert read(tmp_path, {**one_set(), "classes": as_bytes}).classes == tuple(names)


def test_pixels_become_float32_as_they_are(tmp_path: Path) -> None:
    x = np.full((30, 1, 4, 4), 255, np.uint8)
    dataset = read(tmp_path, {"x": x, "y": np.arange(30) % 2})
    assert dataset.train.inputs[0].dtype == np.float32
    assert dataset.train.inputs[0].max() == 255
    assert "float32" in dataset.preprocessing.note


def test_indices_stay_whole_numbers(tmp_path: Path) -> None:
    x = np.full((30, 8), 2**40 + 1)
    dataset = read(tmp_path, {"x": x, "y": np.arange(30) % 2})
    assert dataset.train.inputs[0].dtype == np.int64
    assert dataset.train.inputs[0].max() == 2**40 + 1


def test_several_inputs_come_in_the_order_of_the_train_arrays(tmp_path: Path) -> None:
    small, large = np.zeros((20, 1), np.float32), np.ones((20, 7), np.float32)
    labels = np.arange(20) % 2
    dataset = read(
        tmp_path,
        {
            "x_train:large": large, "x_train:small": small, "y_train": labels,
            "x_test:small": small, "x_test:large": large, "y_test": labels,
        },
    )  # fmt: skip
    for name in SPLITS:
        assert [x.shape[1] for x in dataset.split(name).inputs] == [7, 1]


def test_labels_in_one_column_are_labels(tmp_path: Path) -> None:
    arrays = one_set()
    dataset = read(tmp_path, {**arrays, "y": arrays["y"][:, None].astype(np.uint8)})
    assert dataset.test.labels is not None
    assert dataset.test.labels.shape == (20,)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"y": None, "labels": np.zeros(100)}, "There is no array 'y'"),
        ({"x": None}, "There is no array 'x'"),
        ({"y": np.arange(99) % 4}, "x has 100 samples and y has 99 labels"),
        ({"y": np.arange(100) - 1}, "labels from -1 to 98"),
        ({"y": np.full(100, 10**12)}, "classes are numbered from 0"),
        ({"y": np.full(100, np.nan)}, "100 samples with NaN"),
        ({"y": np.ones((100, 3), int)}, "one for every place"),
        ({"y": np.eye(100)}, "one label per sample"),
        ({"y": np.array(["cat"] * 100)}, "labels are whole numbers"),
        ({"y": np.zeros(0, int)}, "one label per sample"),
        ({"x": np.zeros((0, 3))}, "x is empty"),
        ({"x": np.zeros((100, 0))}, "x is empty"),
        ({"x": np.float32(3)}, "x is empty"),
        ({"x": np.full((100, 2), np.nan)}, "100 samples with NaN"),
        ({"x": np.full((100, 2), 1e300)}, "NaN or infinite"),
        ({"x": np.zeros((100, 2), complex)}, "complex128"),
        ({"x": np.array([["a"]] * 100)}, "a network takes numbers"),
        ({"x": np.array([[1], [2, 3]] * 50, dtype=object)}, "Python objects"),
        ({"classes": np.array(["only", "two"])}, "label 3, but classes names only 0 to 1"),
        ({"classes": np.arange(4)}, "it names the classes"),
        ({"groups": np.arange(7)}, "groups has the shape (7,)"),
        ({"groups": np.zeros(100)}, "too few samples or groups"),
    ],
)
def test_what_is_wrong_with_the_file_is_said(tmp_path: Path, change: Arrays, words: str) -> None:
    arrays = {name: array for name, array in {**one_set(), **change}.items() if array is not None}
    if "Python objects" in words:
        with pytest.raises(UserError, match=words):
            read(tmp_path, arrays)
    else:
        assert words in complaint(tmp_path, arrays)


def test_test_samples_of_another_shape_are_refused(tmp_path: Path) -> None:
    arrays = with_test()
    arrays["x_test"] = arrays["x_test"][:, :, :2]
    assert "those of x_test (2, 2)" in complaint(tmp_path, arrays)


def test_a_missing_test_input_is_named(tmp_path: Path) -> None:
    arrays = with_test()
    arrays["x_train:extra"] = arrays.pop("x_train")
    assert "There is no array 'x_test:extra'" in complaint(tmp_path, arrays)


def test_when_there_is_no_test_what_is_missing_is_named(tmp_path: Path) -> None:
    arrays = with_test()
    del arrays["x_test"], arrays["y_test"]
    assert "There is no array 'x_test'" in complaint(tmp_path, arrays)


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_samples_are_refused(tmp_path: Path, count: int) -> None:
    assert "too few samples" in complaint(tmp_path, one_set(count))


plain = st.sampled_from(["<f4", "<f8", "<f2", "|u1", "<i8", "<i2", "|b1", "<c8", "<U3", "<M8[s]"])
shapes = st.lists(st.sampled_from([0, 1, 2, 7, 20]), max_size=3).map(tuple)
names = ["x", "y", "x_train", "y_train", "x_test", "y_test", "groups", "classes", "x:a", "other"]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(names), st.tuples(shapes, plain), max_size=6))
def test_any_arrays_are_read_or_refused_in_words(
    tmp_path: Path, declared: dict[str, tuple[tuple[int, ...], str]]
) -> None:
    arrays = {name: np.ones(shape, np.dtype(kind)) for name, (shape, kind) in declared.items()}
    try:
        dataset = read(tmp_path, arrays)
    except UserError as error:
        assert error.detail and error.hint
    else:
        assert all(len(dataset.split(name)) for name in SPLITS)


def wanting(*outputs: tuple[str | int, ...], names: tuple[str, ...] = ()) -> Wanted:
    return Wanted(outputs=outputs, output_names=names)


def saved(folder: Path, **change: np.ndarray) -> Path:
    np.savez(folder / "d.npz", **{**one_set(), **change})
    return folder / "d.npz"


@pytest.mark.parametrize("shape", [(), (1,), (3,), (5, 4), (1, 6, 6)])
def test_amounts_of_any_shape_are_labels(tmp_path: Path, shape: tuple[int, ...]) -> None:
    y = np.random.default_rng(0).normal(size=(100, *shape))
    dataset = read_dataset(saved(tmp_path, y=y), 0, wanting(("n", *(shape or (1,)))))
    assert (dataset.metric, dataset.classes) == ("mean-absolute-error", ())
    assert dataset.settings["task"] == "amounts"
    for name in SPLITS:
        part = dataset.split(name)
        assert part.labels.dtype == np.float32
        np.testing.assert_allclose(part.labels.reshape(len(part), *shape), y[part.ids], rtol=1e-6)


def test_amounts_of_another_shape_than_the_output_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="was not read") as found:
        read_dataset(saved(tmp_path, y=np.random.rand(100, 3)), 0, wanting(("n", 5, 4)))
    assert "the model's output has 5 x 4" in found.value.detail
    open_size = wanting(("n", "boxes", 4))
    boxes = np.random.rand(100, 7, 4)
    assert read_dataset(saved(tmp_path, y=boxes), 0, open_size).test.labels.shape[1:] == (7, 4)


@pytest.mark.parametrize(
    ("y", "output", "task"),
    [
        (np.arange(100) % 4, ("n", 4), "classes"),
        (np.arange(100) % 50, ("n", 1), "amounts"),
        (np.arange(100) % 2, ("n", 1), "classes"),
        ((np.arange(100) % 4).astype(float), ("n", 4), "classes"),
        ((np.arange(100) % 4).astype(float), ("n", 1), "amounts"),
        (np.arange(700).reshape(100, 7) % 9, ("n", 7, 9), "classes"),
        (np.arange(700).reshape(100, 7) % 9, ("n", 7), "amounts"),
        (np.arange(900).reshape(100, 3, 3) % 2, ("n", 2, 3, 3), "classes"),
    ],
)
def test_what_labels_are_follows_from_them_and_the_output(
    tmp_path: Path, y: np.ndarray, output: tuple[str | int, ...], task: str
) -> None:
    dataset = read_dataset(saved(tmp_path, y=y), 0, wanting(output))
    assert dataset.settings["task"] == task
    assert (dataset.test.labels.dtype == np.int64) == (task == "classes")
    assert len(dataset.calibration) > 0


def test_the_task_can_be_set(tmp_path: Path) -> None:
    path = saved(tmp_path)
    assert read_dataset(f"{path}?task=amounts", 0).metric == "mean-absolute-error"
    with pytest.raises(UserError, match="was not read") as found:
        read_dataset(f"{saved(tmp_path, y=np.linspace(0, 1, 100))}?task=classes", 0)
    assert "fractions" in found.value.detail


def test_classes_can_be_put_in_another_order(tmp_path: Path) -> None:
    path = saved(tmp_path, classes=np.array(["a", "b", "c", "d"]))
    plain, other = read_dataset(path, 0), read_dataset(f"{path}?classes=d,a,b,c", 0)
    assert other.classes == ("d", "a", "b", "c")
    np.testing.assert_array_equal(other.test.labels, (plain.test.labels + 1) % 4)


def test_of_several_outputs_the_judged_one_decides(tmp_path: Path) -> None:
    path = saved(tmp_path, y=np.random.default_rng(0).normal(size=(100, 3)))
    wanted = wanting(("n", 7), ("n", 3), names=("scores", "place"))
    with pytest.raises(UserError, match="was not read") as found:
        read_dataset(path, 0, wanted)
    assert "output=NAME" in found.value.hint
    dataset = read_dataset(f"{path}?output=place", 0, wanted)
    assert all(dataset.split(name).judged == "place" for name in SPLITS)
    assert dataset.settings["output"] == "place"
    with pytest.raises(UserError, match="was not read") as found:
        read_dataset(f"{path}?output=other", 0, wanted)
    assert "scores, place" in found.value.hint


def test_samples_need_no_labels(tmp_path: Path) -> None:
    np.savez(tmp_path / "bare.npz", x=np.arange(60.0).reshape(30, 2))
    found = read_dataset(tmp_path / "bare.npz", 0)
    assert [len(found.split(name)) for name in SPLITS] == [18, 18, 6, 6]
    assert all(found.split(name).labels is None for name in SPLITS)
    assert found.settings["task"] == "guess"
    np.savez(tmp_path / "half.npz", x_train=np.ones((9, 2)), x_test=np.ones((3, 2)), y_test=[0] * 3)
    with pytest.raises(UserError, match="y_train"):
        read_dataset(tmp_path / "half.npz", 0)
