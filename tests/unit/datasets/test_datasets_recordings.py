"""Sensor recordings are cut into windows; no person and no recording is in two splits."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from tinystudio.core.data import Dataset, Wanted
from tinystudio.core.errors import UserError
from tinystudio.core.name_patterns import NamePattern
from tinystudio.datasets import read_dataset

PEOPLE, ROWS = 6, 40
LABELS = ("rest", "run")


def signal(person: int, label: int, rows: int = ROWS) -> np.ndarray:
    """Return (rows, 3): a channel that names the person, one that counts rows, one of the label."""
    at = np.arange(rows)
    return np.stack([np.full(rows, 100 * person + label), at, np.sin(at * (label + 1))], axis=1)


def lines(values: np.ndarray, head: str = "x,y,z", time_step: float | None = None) -> str:
    body = [",".join(f"{value:.6g}" for value in row) for row in values]
    if time_step is not None:
        head = f"time,{head}"
        body = [f"{at * time_step:.4f},{row}" for at, row in enumerate(body)]
    return "\n".join([head, *body]) + "\n"


def folder_of_classes(root: Path, **extra: float) -> Path:
    for person, label in itertools.product(range(PEOPLE), range(2)):
        path = root / LABELS[label] / f"p{person}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(lines(signal(person, label), **extra))
    return root


def long_table(path: Path) -> Path:
    rows = ["time,subject,activity,x,y,z"]
    for person, label in itertools.product(range(PEOPLE), range(2)):
        rows += [
            f"{at},p{person},{LABELS[label]}," + ",".join(f"{value:.6g}" for value in row)
            for at, row in enumerate(signal(person, label))
        ]
    path.write_text("\n".join(rows) + "\n")
    return path


def parts(dataset: Dataset) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    found = (dataset.train, dataset.validation, dataset.test)
    return [(part.inputs[0], part.labels, part.groups) for part in found]


def check_groups(dataset: Dataset) -> None:
    named = [set(groups.tolist()) for _, _, groups in parts(dataset)]
    assert all(not one & other for one, other in itertools.combinations(named, 2))
    assert all(named)


def wanting(*sample: int | str, outputs: int = 2) -> Wanted:
    return Wanted(inputs=(("n", *sample),), outputs=(("n", outputs),))


def test_a_folder_per_class_is_cut_into_windows_of_the_network(tmp_path: Path) -> None:
    dataset = read_dataset(folder_of_classes(tmp_path), 0, wanting(3, 10))
    assert dataset.classes == LABELS
    assert sum(len(x) for x, _, _ in parts(dataset)) == PEOPLE * 2 * 4
    for x, labels, _ in parts(dataset):
        assert x.shape[1:] == (3, 10)
        assert (x[:, 0, 0] % 100 == labels).all()
        assert (np.diff(x[:, 1], axis=1) == 1).all()  # rows in a row
    check_groups(dataset)
    assert (dataset.settings["window"], dataset.settings["layout"]) == (10, "channels-first")
    assert dataset.settings["channels"] == "x,y,z"


def test_time_goes_where_the_network_has_it(tmp_path: Path) -> None:
    root = folder_of_classes(tmp_path)
    first = read_dataset(root, 0, wanting(3, 10)).test.inputs[0]
    last = read_dataset(root, 0, wanting(10, 3)).test.inputs[0]
    np.testing.assert_array_equal(np.moveaxis(last, 1, 2), first)
    assert read_dataset(root, 0, wanting(1, 3, 10)).test.inputs[0].shape[1:] == (1, 3, 10)
    assert read_dataset(root, 0, wanting(3, 1, 10)).test.inputs[0].shape[1:] == (3, 1, 10)
    flat = read_dataset(root, 0, wanting(30)).test.inputs[0]
    np.testing.assert_array_equal(flat, last.reshape(len(last), 30))


def test_windows_overlap_by_the_stride(tmp_path: Path) -> None:
    dataset = read_dataset(f"{folder_of_classes(tmp_path)}?window=20&stride=5", 0)
    assert sum(len(x) for x, _, _ in parts(dataset)) == PEOPLE * 2 * 5
    check_groups(dataset)


def test_names_say_label_and_subject_and_nobody_is_in_two_splits(tmp_path: Path) -> None:
    for person, label, take in itertools.product(range(PEOPLE), range(2), range(2)):
        path = tmp_path / f"p{person}_{LABELS[label]}_{take}.csv"
        path.write_text(lines(signal(person, label)))
    reference = f"{tmp_path}?names=%7Bsubject%7D_%7Blabel%7D_%2A&window=10"
    dataset = read_dataset(reference, 0)
    check_groups(dataset)
    for x, labels, groups in parts(dataset):
        assert [f"p{int(value) // 100}" for value in x[:, 0, 0]] == groups.tolist()
        assert (x[:, 0, 0] % 100 == labels).all()


def test_where_a_column_is_the_label_folders_are_persons(tmp_path: Path) -> None:
    for person, label in itertools.product(range(PEOPLE), range(2)):
        path = tmp_path / f"p{person}" / f"{label}.csv"
        path.parent.mkdir(exist_ok=True)
        rows = lines(signal(person, label)).splitlines()
        body = [f"{row},{LABELS[label]}" for row in rows[1:]]
        path.write_text("\n".join([f"{rows[0]},activity", *body]))
    dataset = read_dataset(f"{tmp_path}?window=10", 0)
    assert dataset.classes == LABELS
    check_groups(dataset)
    for x, labels, groups in parts(dataset):
        assert [f"p{int(value) // 100}" for value in x[:, 0, 0]] == groups.tolist()
        assert (x[:, 0, 0] % 100 == labels).all()


def test_one_long_table_is_a_recording_where_the_network_wants_windows(tmp_path: Path) -> None:
    path = long_table(tmp_path / "long.csv")
    dataset = read_dataset(path, 0, wanting(3, 10))
    assert dataset.format == "recordings"
    assert dataset.classes == LABELS
    check_groups(dataset)
    told = dataset.settings
    assert (told["label"], told["subject"], told["time"]) == ("activity", "subject", "time")
    for x, labels, groups in parts(dataset):
        assert [f"p{int(value) // 100}" for value in x[:, 0, 0]] == groups.tolist()
        assert (x[:, 0] % 100 == labels[:, None]).all()  # no window crosses a change
    assert read_dataset(path, 0, wanting(3)).format == "table"
    asked = read_dataset(f"{path}?format=recordings&window=8", 0)
    assert asked.train.inputs[0].shape[1:] == (3, 8)


def test_a_long_table_without_subjects_is_cut_by_recording(tmp_path: Path) -> None:
    path = long_table(tmp_path / "long.csv")
    path.write_text(path.read_text().replace("subject", "mark").replace(",p", ","))
    dataset = read_dataset(f"{path}?channels=x,y,z", 0, wanting(3, 10))
    check_groups(dataset)
    # Stretches end where the label changes; every one is a recording of its own.
    assert len({name for _, _, groups in parts(dataset) for name in groups.tolist()}) == PEOPLE * 2


def test_windows_end_where_time_jumps(tmp_path: Path) -> None:
    root = folder_of_classes(tmp_path, time_step=0.02)
    whole = read_dataset(f"{root}?window=10", 0)
    path = root / "rest" / "p0.csv"
    rows = path.read_text().splitlines()
    path.write_text("\n".join(rows[:16] + rows[31:]) + "\n")  # 15 rows, then 10 after a gap
    cut = read_dataset(f"{root}?window=10", 0)
    before, after = (sum(len(x) for x, _, _ in parts(item)) for item in (whole, cut))
    assert before - after == 2
    assert all((np.diff(x[:, 1], axis=1) == 1).all() for x, _, _ in parts(cut))


def test_standardization_is_of_the_training_windows(tmp_path: Path) -> None:
    root = folder_of_classes(tmp_path)
    raw = read_dataset(f"{root}?window=10", 0)
    ready = read_dataset(f"{root}?window=10&standardize=training", 0)
    x = ready.train.inputs[0].astype(np.float64)
    np.testing.assert_allclose(x.mean(axis=(0, 2)), 0, atol=1e-4)
    np.testing.assert_allclose(x.std(axis=(0, 2)), 1, atol=1e-4)
    np.testing.assert_allclose(
        ready.preprocessing.mean, raw.train.inputs[0].mean(axis=(0, 2)), rtol=1e-4
    )
    said = Wanted(inputs=(("n", 3, 10),), mean=(1.0, 2.0, 3.0), scale=(2.0, 2.0, 2.0))
    noted = read_dataset(root, 0, said)
    np.testing.assert_allclose(
        noted.test.inputs[0][:, 0], (raw.test.inputs[0][:, 0] - 1) / 2, rtol=1e-6
    )


def test_folders_of_splits_are_kept(tmp_path: Path) -> None:
    folder_of_classes(tmp_path / "train")
    folder_of_classes(tmp_path / "test")
    dataset = read_dataset(f"{tmp_path}?window=10", 0)
    assert len(dataset.test) == PEOPLE * 2 * 4
    assert {name.split("/")[0] for name in dataset.test.groups.tolist()} == set(LABELS)


def test_classes_follow_the_model(tmp_path: Path) -> None:
    root = folder_of_classes(tmp_path)
    plain = read_dataset(f"{root}?window=10", 0)
    other = read_dataset(f"{root}?window=10", 0, Wanted(classes=("Run", "Rest")))
    assert other.classes == ("run", "rest")
    np.testing.assert_array_equal(other.test.labels, 1 - plain.test.labels)
    np.testing.assert_array_equal(other.test.inputs[0], plain.test.inputs[0])


@pytest.mark.parametrize(
    ("settings", "wanted", "words"),
    [
        ("?window=41", Wanted(), "the longest has 40"),
        ("", wanting(6, 10), "The model takes 6 channels; the recordings have 3: x, y, z"),
        ("?label=what", Wanted(), "no column 'what'"),
        ("?names=%7Bwho%7D", Wanted(), "no field {who}"),
        ("?names=%7Blabel%7D_%2A", Wanted(), "of another form"),
        ("?channels=x,y,w", Wanted(), "no column 'w'"),
    ],
)
def test_what_does_not_fit_is_told(
    tmp_path: Path, settings: str, wanted: Wanted, words: str
) -> None:
    with pytest.raises(UserError) as found:
        read_dataset(f"{folder_of_classes(tmp_path)}{settings}", 0, wanted)
    assert words in found.value.detail


def test_a_wrong_cell_is_told_with_file_line_and_column(tmp_path: Path) -> None:
    root = folder_of_classes(tmp_path)
    path = root / "run" / "p3.csv"
    rows = path.read_text().splitlines()
    rows[4] = "1,oops,2"
    path.write_text("\n".join(rows))
    with pytest.raises(UserError) as found:
        read_dataset(f"{root}?window=10", 0)
    assert found.value.title.startswith("run/p3.csv")
    assert "Line 5: y is 'oops'" in found.value.detail


def test_where_nothing_says_the_label_the_settings_are_named(tmp_path: Path) -> None:
    for person in range(PEOPLE):
        (tmp_path / f"p{person}.csv").write_text(lines(signal(person, 0)))
    with pytest.raises(UserError, match="was not read") as found:
        read_dataset(tmp_path, 0)
    assert "label=activity" in found.value.hint


@pytest.mark.parametrize(
    ("pattern", "name", "said"),
    [
        ("{label}/*", "run/a/b.csv", {"label": "run"}),
        ("{subject}_{label}_*", "x/p1_run_2.csv", {"subject": "p1", "label": "run"}),
        ("*/{label}-{subject}", "a/run-p1.csv", {"label": "run", "subject": "p1"}),
        ("{label}", "run.csv", {"label": "run"}),
        ("a.{label}", "axrun.csv", None),
    ],
)
def test_patterns_of_names(pattern: str, name: str, said: dict[str, str] | None) -> None:
    assert NamePattern(pattern).read(Path(name)) == said


@pytest.mark.parametrize("pattern", ["", "*", "{label}_{label}", "{label", "{}"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        NamePattern(pattern)
