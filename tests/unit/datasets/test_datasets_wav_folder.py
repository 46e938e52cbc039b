"""A folder of recordings becomes windows in four splits, or a sentence that names the file."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wav_examples import tone, wav_folder, write_wav

from tinystudio.core.data import Dataset, Wanted
from tinystudio.core.errors import UserError
from tinystudio.core.wav_files import NotReadable, read_header, read_samples, resampled
from tinystudio.datasets import read_dataset


def complaint(root: Path, settings: str = "", wanted: Wanted | None = None) -> str:
    with pytest.raises(UserError) as caught:
        read_dataset(f"{root}{settings}", 0, wanted)
    assert caught.value.title == f"{root.name} was not read as data"
    assert caught.value.hint
    return caught.value.detail


def wanting(*shape: int | str | None) -> Wanted:
    return Wanted(inputs=(("n", *shape),))


def loudness(dataset: Dataset) -> list[set[tuple[int, float]]]:
    """Return which recordings (by label and loudness) each split has."""
    found = []
    for part in (dataset.train, dataset.validation, dataset.test):
        peaks = np.round(np.abs(part.inputs[0]).max(axis=-1).reshape(len(part)), 1)
        found.append(set(zip(np.asarray(part.labels).tolist(), peaks.tolist(), strict=True)))
    return found


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_numbers_of_every_width_come_back(tmp_path: Path, width: int, channels: int) -> None:
    sound = np.stack([tone(100, 500, 8000, 0.9 - 0.4 * at) for at in range(channels)], axis=1)
    path = write_wav(tmp_path / "a.wav", sound, width=width)
    assert np.allclose(read_samples(path), sound.T, atol=1.5 * 2.0 ** (1 - 8 * width) + 1e-6)


@pytest.mark.parametrize(("rate", "wanted"), [(8000, 16000), (16000, 8000), (44100, 16000)])
def test_resampling_keeps_what_both_rates_can_hold(rate: int, wanted: int) -> None:
    seconds = 0.5
    before = tone(440, int(rate * seconds), rate)[None]
    after = resampled(before, rate, wanted)
    assert np.allclose(after, tone(440, int(wanted * seconds), wanted)[None], atol=1e-3)


def test_resampling_down_leaves_out_what_the_lower_rate_cannot_hold() -> None:
    assert np.abs(resampled(tone(6000, 8000, 16000)[None], 16000, 8000)).max() < 1e-3


def test_windows_are_cut_by_file_so_that_no_recording_is_in_two_splits(tmp_path: Path) -> None:
    dataset = read_dataset(f"{wav_folder(tmp_path)}?window_ms=25&stride_ms=12.5", 0)
    assert dataset.train.inputs[0].shape[1:] == (1, 200)
    assert sum(map(len, (dataset.train, dataset.validation, dataset.test))) == 12 * 9
    met = loudness(dataset)
    assert sum(len(some) for some in met) == len(set.union(*met)) == 12
    assert dataset.classes == ("high", "low")
    assert np.array_equal(np.asarray(dataset.train.groups), dataset.train.ids // 9)


def test_a_window_holds_what_the_recording_has_there(tmp_path: Path) -> None:
    dataset = read_dataset(f"{wav_folder(tmp_path)}?window_ms=25&stride_ms=12.5", 0)
    test = dataset.test
    for window, number, label in zip(test.inputs[0], test.ids, test.labels, strict=True):
        file, at = divmod(int(number), 9)
        name = ("high", "low")[label]
        sound = read_samples(tmp_path / name / f"p{file % 6}_{name}.wav")
        assert np.array_equal(window, sound[:, 100 * at : 100 * at + 200])


def test_files_of_one_speaker_stay_together(tmp_path: Path) -> None:
    root = wav_folder(tmp_path)
    dataset = read_dataset(f"{root}?group=first", 0)
    speakers = [{round(peak, 1) for _, peak in some} for some in loudness(dataset)]
    assert sum(len(some) for some in speakers) == len(set.union(*speakers)) == 6
    assert set(np.asarray(dataset.train.groups)) <= {f"p{number}" for number in range(6)}


def test_names_without_parts_cannot_be_grouped(tmp_path: Path) -> None:
    root = wav_folder(tmp_path)
    write_wav(root / "low" / "plain.wav", tone(200, 1000, 8000))
    assert "low/plain.wav has no parts" in complaint(root, "?group=second")


def test_folders_of_splits_are_kept(tmp_path: Path) -> None:
    for split in ("train", "val", "test"):
        wav_folder(tmp_path / split, files=2)
    dataset = read_dataset(tmp_path, 0)
    assert [len(part) for part in (dataset.train, dataset.validation, dataset.test)] == [4, 4, 4]


def test_short_recordings_are_filled_with_silence(tmp_path: Path) -> None:
    dataset = read_dataset(wav_folder(tmp_path), 0, wanting(1, 1200))
    assert dataset.test.inputs[0].shape[1:] == (1, 1200)
    assert not dataset.test.inputs[0][:, :, 1000:].any()


@pytest.mark.parametrize(
    ("sample", "expected"),
    [((800,), (800,)), ((1, 800), (1, 800)), ((20, 9), (20, 9)), ((1, 20, 9), (1, 20, 9)),
     ((1, 20, None), (1, 20, 10)), ((None,), (1000,))],
)  # fmt: skip
def test_the_network_decides_windows_and_features(
    tmp_path: Path, sample: tuple[int | None, ...], expected: tuple[int, ...]
) -> None:
    dataset = read_dataset(wav_folder(tmp_path), 0, wanting(*sample))
    assert dataset.test.inputs[0].shape[1:] == expected
    assert dataset.settings["features"] == ("log-mel" if 20 in sample else "raw")


def test_time_can_come_before_bands(tmp_path: Path) -> None:
    root = wav_folder(tmp_path)
    one = read_dataset(f"{root}?features=log-mel&mels=20", 0).test.inputs[0]
    other = read_dataset(f"{root}?features=log-mel&axes=time-first", 0, wanting(10, 20))
    assert np.array_equal(one.swapaxes(1, 2), other.test.inputs[0])


def test_channels_are_mixed_or_kept(tmp_path: Path) -> None:
    for name in ("a", "b"):
        for number in range(3):
            sides = np.stack([tone(100, 400, 8000), np.zeros(400)], axis=1)
            write_wav(tmp_path / name / f"{number}.wav", sides)
    mixed = read_dataset(tmp_path, 0).test.inputs[0]
    kept = read_dataset(f"{tmp_path}?channels=keep", 0).test.inputs[0]
    assert (mixed.shape[1:], kept.shape[1:]) == ((1, 400), (2, 400))
    assert np.allclose(mixed[:, 0], kept.mean(axis=1), atol=1e-6)
    write_wav(tmp_path / "b" / "mono.wav", tone(100, 400, 8000))
    assert "b/mono.wav has 1 channels" in complaint(tmp_path, "?channels=keep")


def test_other_rates_are_refused_or_resampled(tmp_path: Path) -> None:
    root = wav_folder(tmp_path)
    write_wav(root / "low" / "other.wav", tone(200, 2000, 16000), 16000)
    assert "low/other.wav has 16000 samples per second" in complaint(root)
    dataset = read_dataset(f"{root}?rate=8000", 0)
    assert dataset.train.inputs[0].shape[1:] == (1, 1000)


def test_settings_are_told_and_lead_to_the_same_data(tmp_path: Path) -> None:
    root = wav_folder(tmp_path)
    first = read_dataset(root, 0, wanting(1, 20, 9))
    words = "&".join(f"{name}={value}" for name, value in sorted(first.settings.items()))
    assert first.settings["mels"] == 20
    again = read_dataset(f"{root}?{words}", 0, wanting(1, 20, 9))
    assert (again.fingerprint, again.settings) == (first.fingerprint, first.settings)


def test_a_window_shorter_than_a_spectrum_is_refused(tmp_path: Path) -> None:
    root = wav_folder(tmp_path)
    assert "shorter than one spectrum" in complaint(root, "?features=log-mel&window_ms=5")


def test_a_model_that_wants_minutes_is_refused(tmp_path: Path) -> None:
    assert "wants windows of 125 s" in complaint(wav_folder(tmp_path), "", wanting(1, 1_000_000))


def broken(root: Path, change: bytes, at: int) -> Path:
    path = root / "low" / "p3_low.wav"
    data = bytearray(path.read_bytes())
    data[at : at + len(change)] = change
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("change", "at", "words"),
    [
        (b"RIFX", 0, "is no WAV file of whole numbers"),
        (struct.pack("<H", 3), 20, "is no WAV file of whole numbers"),  # floating point
        (struct.pack("<H", 0), 22, "is no WAV file"),  # no channels
        (struct.pack("<I", 0), 24, "has a header that cannot be"),  # no rate
        (struct.pack("<I", 2**31), 40, "is cut short"),  # more than there is
        (struct.pack("<I", 0), 40, "has no samples"),
    ],
)
def test_a_wrong_header_is_named(tmp_path: Path, change: bytes, at: int, words: str) -> None:
    broken(wav_folder(tmp_path), change, at)
    assert f"low/p3_low.wav {words}" in complaint(tmp_path)


def test_a_recording_that_ends_too_early_is_named(tmp_path: Path) -> None:
    root = wav_folder(tmp_path)
    path = root / "low" / "p3_low.wav"
    path.write_bytes(path.read_bytes()[:-100])
    assert "low/p3_low.wav is cut short" in complaint(root)


@pytest.mark.parametrize("length", range(0, 60, 3))
def test_any_beginning_of_a_file_is_refused_or_read(tmp_path: Path, length: int) -> None:
    path = write_wav(tmp_path / "a.wav", tone(100, 500, 8000))
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(NotReadable):
        read_header(path)
        read_samples(path)


def test_one_class_and_too_few_recordings_are_refused(tmp_path: Path) -> None:
    root = wav_folder(tmp_path, files=1)
    assert "too few samples" in complaint(root)
    for path in (root / "low").iterdir():
        path.unlink()
    assert "class folder low has no file" in complaint(root)
    (root / "low").rmdir()
    assert "only one class folder, high" in complaint(root)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 60), st.binary(min_size=1, max_size=4)), max_size=4),
    st.integers(0, 400),
)
def test_any_damage_is_read_or_refused_with_the_name(
    tmp_path: Path, changes: list[tuple[int, bytes]], cut: int
) -> None:
    root = tmp_path / "sounds"
    if not root.exists():
        wav_folder(root, files=3, frames=200)
    path = write_wav(root / "low" / "odd_low.wav", tone(100, 200, 8000))
    data = bytearray(path.read_bytes())
    for at, change in changes:
        data[at : at + len(change)] = change
    path.write_bytes(data[: len(data) - cut])
    try:
        read_dataset(f"{root}?window_ms=10", 0)
    except UserError as error:
        assert "low/odd_low.wav" in error.detail
