"""Log-mel bands are those of the sources: checked against the definitions, written out plainly."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tinystudio.core.log_mel import FLOOR, LogMel


def sound(count: int = 3, samples: int = 900) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 0.1, (count, samples)).astype(np.float32)


def test_energy_is_that_of_a_plain_fourier_transform() -> None:
    mel, x = LogMel(8000, 10, 128, 50), sound()
    n, k = np.arange(128), np.arange(65)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * n / 128)
    wave = np.exp(-2j * np.pi * np.outer(k, n) / 128)
    frame = x[1, 100:228] * hann
    expected = np.log(np.maximum(mel.filters @ np.abs(wave @ frame) ** 2, FLOOR))
    assert np.allclose(mel.of(x)[1, :, 2], expected, atol=1e-4)


@pytest.mark.parametrize("centre", [False, True])
def test_frames_are_those_of_torch(centre: bool) -> None:
    mel, x = LogMel(8000, 10, 128, 50, centre=centre), sound()
    window = torch.hann_window(128)
    spectra = torch.stft(
        torch.from_numpy(x), 128, 50, window=window, center=centre, return_complex=True
    )
    energy = np.maximum(mel.filters @ (spectra.abs() ** 2).numpy(), FLOOR)
    assert np.allclose(mel.of(x), np.log(energy), atol=1e-3)


@pytest.mark.parametrize("centre", [False, True])
def test_the_fewest_samples_for_so_many_frames_make_them(centre: bool) -> None:
    mel = LogMel(8000, 10, 128, 50, centre=centre)
    for frames in range(2, 9):
        fewest = mel.samples(frames)
        assert mel.frames(fewest) == mel.of(sound(1, fewest)).shape[2] == frames
        assert mel.frames(fewest - 1) == frames - 1


def test_htk_bands_meet_at_equal_steps_of_mel() -> None:
    filters = LogMel(16000, 20, 4096, 160).filters
    hz = np.arange(2049) * 16000 / 4096
    peaks = 2595 * np.log10(1 + hz[filters.argmax(axis=1)] / 700)
    assert np.allclose(np.diff(peaks), peaks[-1] / 20, rtol=0.05)


def test_slaney_bands_have_an_area_of_one_and_are_even_below_1000_hz() -> None:
    filters = LogMel(16000, 40, 8192, 160, scale="slaney").filters
    assert np.allclose(filters.sum(axis=1) * 16000 / 8192, 1, atol=0.02)
    hz = (np.arange(4097) * 16000 / 8192)[filters.argmax(axis=1)]
    steps = np.diff(hz[hz < 950])
    assert np.allclose(steps, steps.mean(), atol=4)


def test_decibels_are_ten_times_the_decimal_logarithm() -> None:
    x = sound()
    natural, decibel = (
        LogMel(8000, 10, 128, 50, unit=unit).of(x) for unit in ("natural", "decibel")
    )
    assert np.allclose(decibel, natural * 10 / np.log(10), atol=1e-3)


def test_silence_has_a_logarithm() -> None:
    assert np.allclose(LogMel(8000, 10, 128, 50).of(np.zeros((1, 400))), np.log(FLOOR))
