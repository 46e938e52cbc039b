"""A table becomes four splits, or a sentence that names line and column."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tinystudio.core.data import Dataset, Wanted
from tinystudio.core.errors import UserError
from tinystudio.datasets import read_dataset

HEAD = "width,height,label\n"


def rows(count: int = 30) -> str:
    return "".join(f"{n}.5,{n * 2},{('apple', 'pear')[n % 2]}\n" for n in range(count))


def read(folder: Path, text: str | bytes, settings: str = "", name: str = "t.csv") -> Dataset:
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return read_dataset(f"{folder / name}{settings}", 0)


def complaint(folder: Path, text: str | bytes, settings: str = "") -> str:
    with pytest.raises(UserError) as caught:
        read(folder, text, settings)
    assert caught.value.title == "t.csv was not read as data"
    assert caught.value.hint
    return caught.value.detail


def everything(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return all inputs and labels in the order of the file."""
    parts = (dataset.train, dataset.validation, dataset.test)
    order = np.argsort(np.concatenate([part.ids for part in parts]))
    x = np.concatenate([part.inputs[0] for part in parts])[order]
    return x, np.concatenate([np.asarray(part.labels) for part in parts])[order]


def test_rows_are_cut_60_20_20_with_classes_by_name(tmp_path: Path) -> None:
    dataset = read(tmp_path, HEAD + rows())
    assert [len(part) for part in (dataset.train, dataset.validation, dataset.test)] == [18, 6, 6]
    assert (dataset.classes, dataset.metric) == (("apple", "pear"), "accuracy")
    x, y = everything(dataset)
    assert x.dtype == np.float32
    assert x[3].tolist() == [3.5, 6]
    assert y[:4].tolist() == [0, 1, 0, 1]


def test_what_was_guessed_is_told(tmp_path: Path) -> None:
    told = read(tmp_path, HEAD + rows()).settings
    assert (told["separator"], told["header"], told["target"]) == ("comma", "yes", "label")
    assert (told["decimal"], told["task"]) == ("point", "classes")


@pytest.mark.parametrize(("mark", "name"), [(";", "semicolon"), ("\t", "tab"), ("|", "pipe")])
def test_separators_are_guessed_and_can_be_set(tmp_path: Path, mark: str, name: str) -> None:
    text = (HEAD + rows()).replace(",", mark)
    expected = everything(read(tmp_path, HEAD + rows()))[0]
    for setting in ("", f"?separator={name}"):
        dataset = read(tmp_path, text, setting)
        assert dataset.settings["separator"] == name
        assert np.array_equal(everything(dataset)[0], expected)


def test_a_tsv_has_tabs(tmp_path: Path) -> None:
    dataset = read(tmp_path, (HEAD + rows()).replace(",", "\t"), name="t.tsv")
    assert dataset.settings["separator"] == "tab"


def test_decimal_commas_are_read_beside_semicolons(tmp_path: Path) -> None:
    text = "a;b;y\n" + "".join(f"{n},25;{n};{n % 2}\n" for n in range(20))
    assert everything(read(tmp_path, text))[0][3].tolist() == [3.25, 3]


def test_decimal_points_are_read_beside_semicolons(tmp_path: Path) -> None:
    text = "a;b;y\n" + "".join(f"{n}.25;{n};{n % 2}\n" for n in range(20))
    assert everything(read(tmp_path, text))[0][3].tolist() == [3.25, 3]


def test_without_header_columns_have_numbers(tmp_path: Path) -> None:
    dataset = read(tmp_path, rows())
    assert dataset.settings["target"] == "column 3"
    assert len(everything(dataset)[0]) == 30


def test_a_header_of_numbers_can_be_set(tmp_path: Path) -> None:
    text = "1,2,3\n" + rows()
    assert len(everything(read(tmp_path, text, "?header=yes"))[0]) == 30


def test_fractions_are_amounts_judged_by_the_mean_absolute_error(tmp_path: Path) -> None:
    text = "a,price\n" + "".join(f"{n},{n}.5\n" for n in range(30))
    dataset = read(tmp_path, text)
    assert (dataset.metric, dataset.classes) == ("mean-absolute-error", ())
    assert everything(dataset)[1][:3].tolist() == [0.5, 1.5, 2.5]


def test_whole_numbers_are_classes_as_the_network_counts(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{n},{2 * (n % 2)}\n" for n in range(30)))
    alone = read_dataset(tmp_path / "t.csv", 0)
    assert alone.classes == ("0", "2")
    assert set(everything(alone)[1].tolist()) == {0, 1}
    three = read_dataset(tmp_path / "t.csv", 0, Wanted(outputs=(("n", 3),)))
    assert three.classes == ("0", "1", "2")
    assert set(everything(three)[1].tolist()) == {0, 2}


def test_one_output_for_many_whole_numbers_means_amounts(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{n},{n % 9}\n" for n in range(30)))
    dataset = read_dataset(tmp_path / "t.csv", 0, Wanted(outputs=(("n", 1),)))
    assert dataset.metric == "mean-absolute-error"
    assert np.asarray(dataset.test.labels).shape == (6, 1)
    assert read_dataset(tmp_path / "t.csv", 0).metric == "accuracy"


def test_inputs_get_the_axes_that_the_network_has(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(HEAD + rows())
    dataset = read_dataset(tmp_path / "t.csv", 0, Wanted(inputs=(("n", 1, 2),)))
    assert dataset.test.inputs[0].shape == (6, 1, 2)


def test_features_are_fed_in_the_order_given(tmp_path: Path) -> None:
    dataset = read(tmp_path, HEAD + rows(), "?features=height%2C%22width%22")
    assert everything(dataset)[0][3].tolist() == [6, 3.5]


def test_columns_can_be_left_out(tmp_path: Path) -> None:
    dataset = read(tmp_path, HEAD + rows(), "?left_out=height")
    assert everything(dataset)[0].shape == (30, 1)


def test_text_columns_are_one_input_per_category_of_the_training_rows(tmp_path: Path) -> None:
    text = "colour,size,y\n" + "".join(
        f"{('red', 'green', 'blue')[n % 3]},{n},{n % 2}\n" for n in range(30)
    )
    dataset = read(tmp_path, text)
    x, _ = everything(dataset)
    assert x[0].tolist() == [0, 0, 1, 0]
    assert x[1].tolist() == [0, 1, 0, 1]
    assert "colour=blue, colour=green, colour=red, size" in dataset.preprocessing.note


def test_a_category_that_training_has_not_met_is_all_zeros(tmp_path: Path) -> None:
    text = "a,b,y\n" + "".join(f"t{n},{n},{n % 2}\n" for n in range(20))
    dataset = read(tmp_path, text)
    assert dataset.train.inputs[0].shape[1] == len(dataset.train) + 1
    assert not dataset.test.inputs[0][:, :-1].any()


def test_text_columns_can_be_refused(tmp_path: Path) -> None:
    text = "colour,y\n" + "".join(f"red,{n % 2}\n" for n in range(20))
    assert complaint(tmp_path, text, "?text_columns=refuse") == "Line 2: colour is 'red', a text."


@pytest.mark.parametrize("word", ["", "NA", "nan", "null", "?"])
def test_missing_values_are_refused_with_line_and_column(tmp_path: Path, word: str) -> None:
    text = HEAD + rows() + f"1,{word},pear\n"
    assert complaint(tmp_path, text) == "Line 32: height is missing."


def test_missing_values_are_filled_by_the_median_of_the_training_rows(tmp_path: Path) -> None:
    lines = [f"{n},{n % 2}" for n in range(30)]
    lines[7] = ",1"
    dataset = read(tmp_path, "a,y\n" + "\n".join(lines), "?missing=median")
    train = [n for n in dataset.train.ids if n != 7]
    assert everything(dataset)[0][7, 0] == np.median(train)


def test_a_missing_target_is_always_refused(tmp_path: Path) -> None:
    text = HEAD + rows() + "1,2,\n"
    assert complaint(tmp_path, text, "?missing=median") == "Line 32: label is missing."


def test_a_word_among_numbers_is_a_mistake(tmp_path: Path) -> None:
    text = HEAD + rows() + "1,2O,pear\n"
    assert complaint(tmp_path, text) == "Line 32: height is '2O', not a number."


def test_numbers_too_large_are_named(tmp_path: Path) -> None:
    assert "Line 32: width is too large" in complaint(tmp_path, HEAD + rows() + "1e39,2,pear\n")


def test_standardization_is_of_the_training_rows_and_saved(tmp_path: Path) -> None:
    text = "colour,a,y\n" + "".join(f"{('r', 'g')[n % 2]},{n * n},{n % 2}\n" for n in range(40))
    dataset = read(tmp_path, text, "?standardize=training")
    train = dataset.train.inputs[0]
    assert np.allclose(train[:, 2].mean(), 0, atol=1e-4)
    assert np.allclose(train[:, 2].std(), 1, atol=1e-4)
    assert set(train[:, 0].tolist()) == {0.0, 1.0}
    assert dataset.preprocessing.mean[:2] == (0.0, 0.0)
    assert dataset.preprocessing.mean[2] == pytest.approx(np.mean(dataset.train.ids**2.0), rel=1e-5)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 6), min_size=24, max_size=60), st.integers(0, 5))
def test_no_group_is_in_two_splits(tmp_path: Path, people: list[int], seed: int) -> None:
    people = [*range(7), *people]
    text = "who,a,y\n" + "".join(f"p{p},{n},{n % 2}\n" for n, p in enumerate(people))
    (tmp_path / "t.csv").write_text(text)
    dataset = read_dataset(f"{tmp_path / 't.csv'}?group=who", seed)
    parts = (dataset.train, dataset.validation, dataset.test)
    met = [{people[n] for n in part.ids} for part in parts]
    assert sum(len(some) for some in met) == len(set.union(*met)) == 7
    assert dataset.test.inputs[0].shape[1] == 1  # the group is not fed
    told = [set(np.asarray(part.groups).tolist()) for part in parts]
    assert told == [{f"p{person}" for person in some} for some in met]


def test_ragged_rows_are_named_by_their_line(tmp_path: Path) -> None:
    text = HEAD + '1,"two\nlines",x\n' + "1,2\n"
    assert complaint(tmp_path, text) == "Line 4 has 2 cells, line 1 has 3."


def test_a_quotation_mark_that_never_closes_is_named(tmp_path: Path) -> None:
    assert "Line 32 is not in the form of a table" in complaint(tmp_path, HEAD + rows() + '1,"2,x')


def test_text_that_is_not_utf_8_is_named_and_can_be_read_by_its_encoding(tmp_path: Path) -> None:
    text = "a,b,label\n" + "".join(f"{n},1,{('né', 'là')[n % 2]}\n" for n in range(20))
    data = text.encode("windows-1252")
    assert "Line 2 is not utf-8 text (byte 0xE9)" in complaint(tmp_path, data)
    assert read(tmp_path, data, "?encoding=windows-1252").classes == ("là", "né")


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    dataset = read(tmp_path, b"\xef\xbb\xbf" + (HEAD + rows()).encode(), "?target=width")
    assert dataset.settings["target"] == "width"


def test_one_class_three_rows_and_nothing_are_refused(tmp_path: Path) -> None:
    assert "only one class, 'x'" in complaint(tmp_path, "a,y\n1,x\n2,x\n3,x\n4,x\n")
    assert "too few samples" in complaint(tmp_path, "a,y\n1,x\n2,x\n3,z\n")
    assert complaint(tmp_path, "") == "It is empty."
    assert "a header and no rows" in complaint(tmp_path, "a,y\n", "?header=yes")


def test_a_single_column_leaves_nothing_to_feed(tmp_path: Path) -> None:
    assert "No column is left" in complaint(tmp_path, "y\n" + "a\nb\n" * 9)


def test_columns_that_are_not_there_are_named_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no column 'weight'.*width, height, label"):
        read(tmp_path, HEAD + rows(), "?target=weight")


def test_a_column_cannot_be_fed_and_told(tmp_path: Path) -> None:
    assert "'label' is a feature, and" in complaint(
        tmp_path, HEAD + rows(), "?features=width%2Clabel"
    )


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    assert "two columns 'a'" in complaint(tmp_path, "a,a,y\n1,2,x\n3,4,z\n", "?header=yes")


def test_settings_change_the_fingerprint_and_the_seed_the_cut(tmp_path: Path) -> None:
    first = read(tmp_path, HEAD + rows())
    assert read(tmp_path, HEAD + rows()).fingerprint == first.fingerprint
    assert read(tmp_path, HEAD + rows(), "?left_out=width").fingerprint != first.fingerprint
    assert read_dataset(tmp_path / "t.csv", 1).fingerprint != first.fingerprint


CELLS = st.one_of(
    st.floats(-1e6, 1e6).map(repr), st.integers(-99, 99).map(str), st.sampled_from(["", "x", "ü"])
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=12), st.sampled_from(",;\t|"))
def test_any_table_is_read_or_refused(tmp_path: Path, cells: list[list[str]], mark: str) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=mark).writerows(cells)
    try:
        dataset = read(tmp_path, written.getvalue(), "?missing=median")
    except UserError as error:
        assert "t.csv" in error.title
    else:
        assert np.isfinite(dataset.train.inputs[0]).all()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(data)
    try:
        read_dataset(tmp_path / "t.csv", 0)
    except UserError as error:
        assert "t.csv" in error.title
