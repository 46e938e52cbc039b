"""The logarithm of sound energy in bands as wide as the ear's: what keyword and sound models see.

Short-time Fourier transform with a Hann window, triangular filters on the mel scale (Davis and
Mermelstein 1980), logarithm. Two scales are in use: HTK's, m = 2595 log10(1 + f / 700)
(O'Shaughnessy 1987; torchaudio's default), and Slaney's, straight up to 1 kHz and logarithmic
above, each filter of area 1 (Auditory Toolbox 1998; librosa's default).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from tinystudio.core.data import Array

FLOOR = 1e-10  # of energy, so that silence has a logarithm
_LINEAR_HZ, _KNEE_HZ, _STEP = 200 / 3, 1000.0, np.log(6.4) / 27  # Slaney's scale


@dataclass(frozen=True)
class LogMel:
    """`centre`: frames are centred at multiples of `hop`, the ends mirrored, as librosa does."""

    rate: int
    mels: int
    fft: int
    hop: int
    scale: Literal["htk", "slaney"] = "htk"
    unit: Literal["natural", "decibel"] = "natural"
    centre: bool = False

    def frames(self, samples: int) -> int:
        """Return how many frames so many samples make."""
        length = samples + 2 * (self.fft // 2) if self.centre else samples
        return max(0, 1 + (length - self.fft) // self.hop)

    def samples(self, frames: int) -> int:
        """Return the fewest samples that make so many frames."""
        length = (frames - 1) * self.hop + self.fft
        return length - 2 * (self.fft // 2) if self.centre else length

    def of(self, sound: Array) -> Array:
        """Return sound (n, samples) as (n, mels, frames)."""
        if self.centre:
            sound = np.pad(sound, ((0, 0), (self.fft // 2, self.fft // 2)), mode="reflect")
        cut = np.lib.stride_tricks.sliding_window_view(sound, self.fft, axis=1)[:, :: self.hop]
        spectrum = np.fft.rfft(cut * self._window, axis=2)
        energy = np.maximum((spectrum.real**2 + spectrum.imag**2) @ self.filters.T, FLOOR)
        logs = np.log(energy) if self.unit == "natural" else 10 * np.log10(energy)
        return logs.transpose(0, 2, 1).astype(np.float32)

    @cached_property
    def _window(self) -> Array:
        return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self.fft) / self.fft)

    @cached_property
    def filters(self) -> Array:
        """Return the weight of every frequency in every band: (mels, fft // 2 + 1)."""
        to_mel, to_hz = (_to_htk, _from_htk) if self.scale == "htk" else (_to_slaney, _from_slaney)
        top = to_mel(np.array(self.rate / 2))
        edges = to_hz(np.linspace(0.0, float(top), self.mels + 2))
        heard = np.arange(self.fft // 2 + 1) * (self.rate / self.fft)
        low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
        rising, falling = (heard - low) / (middle - low), (high - heard) / (high - middle)
        weights = np.maximum(0.0, np.minimum(rising, falling))
        area = 2.0 / (high - low) if self.scale == "slaney" else 1.0
        return np.asarray(weights * area)


def _to_htk(hz: Array) -> Array:
    return np.asarray(2595.0 * np.log10(1.0 + hz / 700.0))


def _from_htk(mel: Array) -> Array:
    return np.asarray(700.0 * (10.0 ** (mel / 2595.0) - 1.0))


def _to_slaney(hz: Array) -> Array:
    knee = _KNEE_HZ / _LINEAR_HZ
    above = knee + np.log(np.maximum(hz, _KNEE_HZ) / _KNEE_HZ) / _STEP
    return np.where(hz < _KNEE_HZ, hz / _LINEAR_HZ, above)


def _from_slaney(mel: Array) -> Array:
    knee = _KNEE_HZ / _LINEAR_HZ
    above = _KNEE_HZ * np.exp(_STEP * (mel - knee))
    return np.where(mel < knee, mel * _LINEAR_HZ, above)
