"""Each data set is read from files of its true form, with splits that leak nothing."""

from __future__ import annotations

import numpy as np
import pytest
from download_examples import WRITERS, put, read

from tinystudio.core.data import SPLITS, Dataset, Wanted
from tinystudio.core.errors import UserError
from tinystudio.downloads import download_state, downloads, find_download, read_download


def sizes(dataset: Dataset) -> tuple[int, int, int]:
    return len(dataset.train), len(dataset.validation), len(dataset.test)


def groups(dataset: Dataset) -> list[set[object]]:
    every = (dataset.train, dataset.validation, dataset.test)
    return [set(np.asarray(part.groups).tolist()) for part in every]


def check_disjoint(parts: list[set[object]]) -> None:
    assert all(parts)
    assert sum(map(len, parts)) == len(set.union(*parts))


@pytest.mark.parametrize("id", WRITERS)
def test_it_is_read_the_same_at_every_call_and_for_every_split(id: str) -> None:
    put(id)
    first, again = read(id), read(id)
    assert first.fingerprint == again.fingerprint
    for name in SPLITS:
        (x,), labels = first.split(name).inputs, first.split(name).labels
        assert x.dtype == np.float32
        assert np.isfinite(x).all()
        assert len(x) == len(labels) > 0
        assert not first.classes or labels.max() < len(first.classes)


@pytest.mark.parametrize("id", WRITERS)
def test_a_damaged_file_is_an_error_that_says_how_to_fetch_it_again(id: str) -> None:
    folder = put(id)
    for file in downloads()[id].files:
        whole = (folder / file.name).read_bytes()
        (folder / file.name).write_bytes(whole[: len(whole) // 2].ljust(len(whole), b"\0"))
    with pytest.raises(UserError) as raised:
        read(id)
    assert f"tinystudio download {id} --again" in raised.value.hint


def test_digits_come_as_the_network_wants_them() -> None:
    put("mnist")
    dataset = read("mnist", 1, 28, 28)
    assert sizes(dataset) == (24, 6, 10)
    assert dataset.test.inputs[0].shape == (10, 1, 28, 28)
    # Each digit's first pixel is its label: pictures and labels have stayed together.
    for part in (dataset.train, dataset.validation, dataset.test):
        np.testing.assert_allclose(part.inputs[0][:, 0, 0, 0] * 255, part.labels, atol=1e-4)
    assert read("mnist", 32, 32, 3).test.inputs[0].shape == (10, 32, 32, 3)
    plain = read("mnist", settings="?normalization=none")
    np.testing.assert_allclose(plain.test.inputs[0][:, 0, 0, 0], plain.test.labels)


def test_the_published_test_stays_whole_and_in_its_order() -> None:
    put("mnist")
    assert read("mnist", seed=5).test.labels.tolist() == list(range(10))


def test_the_binary_version_of_cifar_has_its_planes_in_place() -> None:
    put("cifar-10")
    dataset = read("cifar-10", 3, 32, 32, settings="?normalization=none")
    assert sizes(dataset) == (32, 8, 10)
    x, labels = dataset.test.inputs[0], dataset.test.labels
    assert (x[:, 0] == labels[:, None, None]).all()
    assert (x[:, 1] == 100).all()
    assert (x[:, 2] == 200).all()


def test_medical_pictures_keep_their_three_splits() -> None:
    put("pneumonia-mnist")
    put("blood-mnist")
    assert sizes(read("pneumonia-mnist")) == (40, 8, 12)
    assert read("pneumonia-mnist").train.inputs[0].shape == (40, 1, 28, 28)
    assert read("blood-mnist").train.inputs[0].shape == (40, 3, 28, 28)


def test_words_are_split_by_speaker_as_the_lists_say() -> None:
    put("speech-commands")
    dataset = read("speech-commands")
    assert dataset.classes == ("no", "yes")
    assert groups(dataset) == [{c * 8 for c in "abcd"}, {"e" * 8}, {"f" * 8}]
    assert sizes(dataset) == (16, 4, 4)
    x, labels = dataset.test.inputs[0], dataset.test.labels
    assert x.shape == (4, 1, 16000)
    # A second's spectrum has its top at the tone: 300 Hz is "yes", 800 Hz is "no".
    tops = np.abs(np.fft.rfft(x[:, 0])).argmax(axis=1)
    assert [top > 500 for top in tops] == [label == 0 for label in labels]


def test_words_become_the_bands_that_the_network_wants() -> None:
    put("speech-commands")
    assert read("speech-commands", 1, 40, 98).train.inputs[0].shape == (16, 1, 40, 98)
    slow = read("speech-commands", settings="?rate=8000")
    assert slow.train.inputs[0].shape == (16, 1, 8000)


def test_digits_are_split_by_speaker() -> None:
    put("spoken-digits")
    dataset = read("spoken-digits")
    assert groups(dataset)[1:] == [{"yweweler"}, {"lucas"}]
    check_disjoint(groups(dataset))
    assert dataset.test.inputs[0].shape == (3, 1, 8000)  # cut to, and filled up to, a second


def test_people_of_the_telephone_are_in_one_split_each() -> None:
    put("uci-har")
    dataset = read("uci-har", 9, 128)
    check_disjoint(groups(dataset))
    assert groups(dataset)[2] == {2, 4}
    x = dataset.test.inputs[0]
    assert x.shape == (12, 9, 128)
    np.testing.assert_allclose(x.mean(axis=(0, 2)), np.arange(9), atol=0.05)
    assert dataset.test.labels.tolist() == [0, 1, 2, 3, 4, 5] * 2
    assert read("uci-har", 128, 9).test.inputs[0].shape == (12, 128, 9)
    scaled = read("uci-har", settings="?normalization=standard").train.inputs[0]
    np.testing.assert_allclose(scaled.std(axis=(0, 2)), 1, atol=0.1)


def test_pictures_of_one_sign_stay_together() -> None:
    put("traffic-signs")
    dataset = read("traffic-signs", settings="?normalization=none")
    assert dataset.train.inputs[0].shape == (24, 3, 32, 32)
    check_disjoint(groups(dataset))
    assert dataset.test.labels.tolist() == [0, 14, 0, 14]
    assert dataset.test.inputs[0][:, 0, 5, 5].tolist() == [0, 1, 2, 3]
    red = dataset.train.inputs[0][:, 0, 5, 5]
    assert red.tolist() == [10.0 * label for label in dataset.train.labels]


def test_engines_are_judged_by_how_far_the_flights_left_are_off() -> None:
    put("engines")
    dataset = read("engines", 24, 30)
    check_disjoint(groups(dataset))
    assert dataset.metric == "mean-absolute-error"
    assert dataset.test.inputs[0].shape == (3, 24, 30)
    assert dataset.test.labels.tolist() == [112, 98, 125]  # the last is capped
    every = np.concatenate([dataset.train.labels, dataset.validation.labels])
    # Engines of 40 to 45 flights have 11 to 16 windows of 30, the last with none left.
    assert sorted(every)[-1] == 15
    assert (every == 0).sum() == 6
    assert read("engines", 24, 20).test.inputs[0].shape == (3, 24, 20)
    with pytest.raises(UserError, match="no engine has 200"):
        read("engines", settings="?window=200")


def test_a_heart_is_in_millivolts_and_no_patient_in_two_splits() -> None:
    put("ecg")
    dataset = read("ecg", 12, 1000)
    check_disjoint(groups(dataset))
    assert sizes(dataset) == (16, 2, 2)  # the records of two groups and of none are left out
    x, labels = dataset.test.inputs[0], dataset.test.labels
    np.testing.assert_allclose(x, np.broadcast_to((labels + 1)[:, None, None], x.shape))
    assert [dataset.classes[label] for label in labels] == ["NORM", "MI"] or labels[0] == 1


def test_only_faultless_products_are_learned_from() -> None:
    put("mvtec-bottle")
    dataset = read("mvtec-bottle", settings="?normalization=none")
    assert dataset.train.labels.tolist() == [0] * 6
    for part in (dataset.validation, dataset.test):
        assert sorted(part.labels) == [0, 0, 1, 1, 1]
        red = part.inputs[0][:, 0, 60, 60]
        assert red.tolist() == [200.0 * label for label in part.labels]


def test_somebody_is_there_where_a_person_covers_half_a_percent() -> None:
    put("visual-wake-words")
    dataset = read("visual-wake-words", settings="?normalization=none")
    assert dataset.classes == ("nobody", "person")
    assert sizes(dataset) == (16, 4, 20)
    assert dataset.test.inputs[0].shape == (20, 3, 96, 96)
    assert dataset.test.labels.tolist() == [1, 0, 0, 0] * 5
    np.testing.assert_allclose(dataset.test.inputs[0][:, 0, 9, 9], np.arange(20) * 10, atol=3)


def test_the_small_part_of_it_is_cut_by_label() -> None:
    put("visual-wake-words-small")
    assert sizes(read("visual-wake-words-small")) == (12, 4, 4)


def test_classes_have_the_numbers_that_the_model_gives_them() -> None:
    put("pneumonia-mnist")
    plain = read("pneumonia-mnist")
    wanted = Wanted(((None, 1, 28, 28),), classes=("Pneumonia", "Normal"))
    turned = read_download("download:pneumonia-mnist", 0, wanted)
    assert plain.classes == ("normal", "pneumonia")
    assert [name.lower() for name in turned.classes] == ["pneumonia", "normal"]
    assert (turned.test.labels == 1 - plain.test.labels).all()
    said = read("pneumonia-mnist", settings="?classes=pneumonia%2Cnormal")
    assert (said.test.labels == turned.test.labels).all()


def test_products_are_judged_by_what_the_network_puts_out() -> None:
    put("mvtec-bottle")
    shape = (None, 3, 32, 32)
    for outputs, metric in (((), "anomaly-auc"), ((shape,), "anomaly-auc"),
                            (((None, 2),), "accuracy")):  # fmt: skip
        found = read_download("download:mvtec-bottle", 0, Wanted((shape,), outputs))
        assert found.metric == metric
    asked = read("mvtec-bottle", settings="?metric=balanced-accuracy")
    assert (asked.metric, asked.settings["metric"]) == ("balanced-accuracy",) * 2


@pytest.mark.parametrize("id", WRITERS)
def test_a_few_of_each_class_are_read_for_a_look(id: str) -> None:
    put(id)
    few, every = read_download(f"download:{id}", 0, most=3), read(id)
    whole = {}
    for part in (every.train, every.validation, every.test):
        whole |= dict(
            zip(part.ids.tolist(), zip(part.inputs[0], part.labels, strict=True), strict=True)
        )
    kinds = len({float(label) for _, label in whole.values()})
    for part in (few.train, few.validation, few.test):
        assert 0 < len(part) <= 3 * kinds
        # They are the very samples that a whole reading has under these numbers.
        for number, x, label in zip(part.ids, part.inputs[0], part.labels, strict=True):
            np.testing.assert_array_equal(x, whole[number][0])
            assert label == whole[number][1]


def test_what_has_not_been_downloaded_is_an_error_that_says_how() -> None:
    with pytest.raises(UserError, match="has not been downloaded") as raised:
        download_state("download:mnist?width=32")
    assert "tinystudio download mnist" in raised.value.hint
    with pytest.raises(UserError, match="no data set 'nothing'"):
        find_download("download:nothing")


def test_an_unknown_setting_is_an_error() -> None:
    put("mnist")
    with pytest.raises(UserError, match="sizes"):
        read("mnist", settings="?sizes=3")
