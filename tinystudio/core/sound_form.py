"""How recordings become a network's input: the waveform, or log-mel bands of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from tinystudio.core.class_order import classes_setting
from tinystudio.core.data import Array, Sizes
from tinystudio.core.image_form import Refuse
from tinystudio.core.log_mel import LogMel
from tinystudio.core.params import Params, choice, integer, number, switch

USUAL_WINDOW_MS = 1000.0  # where neither settings nor network tell
LONGEST_WINDOW_MS = 60_000
USUAL_MELS = 40
FFT_MS, HOP_MS = 25, 10  # usual for speech; the FFT size is the next power of two
CHANNELS = (1, 2)  # of a raw input; more are bands


class SoundSettings(Params):
    """How recordings become the network's input."""

    rate: int = integer(
        0, title="Rate", unit="Hz", ge=0, le=192_000,
        help="Samples per second. 0: as the files; files of another rate are then refused.",
    )  # fmt: skip
    window_ms: float = number(
        0.0, title="Window", unit="ms", ge=0, le=LONGEST_WINDOW_MS, step=10,
        help="How long one sample is. 0: as the model wants it, else a second.",
    )  # fmt: skip
    features: Literal["guess", "raw", "log-mel"] = choice(
        "guess", title="Features",
        titles={"guess": "as the model wants them", "raw": "the waveform", "log-mel": "log-mel"},
        help="The waveform from -1 to 1, or the logarithm of the energy in mel bands.",
    )  # fmt: skip
    mels: int = integer(
        0, title="Bands", ge=0, le=256,
        help="How many mel bands. 0: as the model wants it, else 40.",
    )  # fmt: skip
    fft: int = integer(
        0, title="FFT size", ge=0, le=8192,
        help="Samples in one spectrum. 0: the power of two from 25 ms on.", advanced=True,
    )  # fmt: skip
    hop: int = integer(
        0, title="Hop", ge=0, le=8192,
        help="Samples from one spectrum to the next. 0: 10 ms.", advanced=True,
    )  # fmt: skip
    mel_scale: Literal["htk", "slaney"] = choice(
        "htk", title="Mel scale", advanced=True,
        titles={"htk": "HTK (torchaudio)", "slaney": "Slaney (librosa)"},
        help="Which bands; Slaney's filters have an area of 1 each.",
    )  # fmt: skip
    log: Literal["natural", "decibel"] = choice(
        "natural", title="Logarithm", titles={"natural": "natural", "decibel": "decibel"},
        help="Of the energy, which is taken as 1e-10 at least.", advanced=True,
    )  # fmt: skip
    centre: bool = switch(
        False, title="Centred frames", advanced=True,
        help="Frames centred at multiples of the hop, the ends mirrored, as librosa's default.",
    )  # fmt: skip
    axes: Literal["bands-first", "time-first"] = choice(
        "bands-first", title="Order of axes", advanced=True,
        titles={"bands-first": "bands, time", "time-first": "time, bands"},
        help="Which axis of the log-mel bands comes first.",
    )  # fmt: skip
    classes: str = classes_setting()


@dataclass(frozen=True)
class SoundForm:
    """The settings with nothing left open; `axes`: of one sample of the network, 0: not known."""

    settings: SoundSettings
    channels: int
    window: int  # samples
    axes: int

    @cached_property
    def mel(self) -> LogMel | None:
        """Return what makes the bands; None for the waveform."""
        it = self.settings
        if it.features == "raw":
            return None
        return LogMel(it.rate, it.mels, it.fft, it.hop, it.mel_scale, it.log, it.centre)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of one sample."""
        if self.mel is None:
            flat = self.axes == 1 and self.channels == 1
            return (self.window,) if flat else (self.channels, self.window)
        bands = (self.settings.mels, self.mel.frames(self.window))
        shape = bands if self.settings.axes == "bands-first" else bands[::-1]
        return (1, *shape) if self.axes == 3 else shape

    @property
    def note(self) -> str:
        """Return in words what is done to a recording."""
        it = self.settings
        if self.mel is None:
            return f"waveform at {it.rate} Hz, from -1 to 1"
        return (
            f"log-mel at {it.rate} Hz: {it.mels} bands ({it.mel_scale}), FFT {it.fft} (Hann), "
            f"hop {it.hop}, {it.log} logarithm of energy{', centred' if it.centre else ''}"
        )

    def filled(self, sound: Array) -> Array:
        """Return sound (channels, frames) with silence behind it, where it is short of a window."""
        short = self.window - sound.shape[1]
        return np.pad(sound, ((0, 0), (0, short))) if short > 0 else sound

    def prepared(self, cut: Array) -> Array:
        """Return windows (n, channels, window) as the network wants them."""
        if self.mel is None:
            return cut.reshape(len(cut), *self.shape)
        bands = self.mel.of(cut[:, 0])
        if self.settings.axes == "time-first":
            bands = bands.swapaxes(1, 2)
        return bands.reshape(len(bands), *self.shape)

    def check(self, refuse: Refuse) -> None:
        """Raise `UserError` where a window is shorter than one spectrum."""
        if self.mel is not None and self.mel.frames(self.window) < 1:
            raise refuse(
                f"A window of {self.window} samples is shorter than one spectrum of "
                f"{self.settings.fft}.",
                "Set a longer window or a smaller FFT size.",
            )


def settled_features(given: SoundSettings, rate: int, sample: Sizes) -> dict[str, int | str]:
    """Return rate, features and bands as the settings say, else as `sample` wants them."""
    features = given.features
    if features == "guess":
        is_bands = len(sample) == 3 or (len(sample) == 2 and sample[0] not in CHANNELS)
        features = "log-mel" if is_bands else "raw"
    bands = sample[-2:] if given.axes == "bands-first" else sample[-2:][::-1]
    wanted = bands[0] if len(bands) == 2 and features == "log-mel" else 0
    mels = wanted if isinstance(wanted, int) and 0 < wanted <= 256 else USUAL_MELS
    usual = 2 ** int(np.ceil(np.log2(max(2, rate * FFT_MS / 1000))))
    return {
        "rate": rate,
        "features": features,
        "mels": given.mels or mels,
        "fft": given.fft or min(usual, 8192),
        "hop": given.hop or max(1, round(rate * HOP_MS / 1000)),
    }


def settled_window(settings: SoundSettings, longest: int, sample: Sizes, refuse: Refuse) -> int:
    """Return the window in samples: as set, as the network wants it, or a second at most.

    `longest`: of the recordings, in samples at the rate of the settings.
    """
    most = settings.rate * LONGEST_WINDOW_MS // 1000
    if settings.window_ms:
        return max(1, round(settings.window_ms * settings.rate / 1000))
    bands_first = settings.features == "raw" or settings.axes == "bands-first"
    wanted = (sample[-1] if bands_first else sample[-2]) if sample else None
    if isinstance(wanted, int) and wanted > 0:
        mel = LogMel(
            settings.rate, settings.mels, settings.fft, settings.hop, centre=settings.centre
        )
        window = wanted if settings.features == "raw" else mel.samples(wanted)
        if not 0 < window <= most:
            detail = f"The model wants windows of {window / settings.rate:.0f} s."
            raise refuse(detail, "Set window_ms, or another rate or hop.")
        return window
    return min(longest, round(settings.rate * USUAL_WINDOW_MS / 1000))
