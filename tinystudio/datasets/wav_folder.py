"""Recordings in one folder per class: WAV, cut into windows, as they are or as log-mel bands."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from tinystudio.core.assembling import assemble, check_splits
from tinystudio.core.class_folders import (
    ClassFolders,
    class_files,
    folder_state,
    has_class_files,
)
from tinystudio.core.class_order import classes_setting, written
from tinystudio.core.data import Array, Dataset, Preprocessing, Samples
from tinystudio.core.log_mel import LogMel
from tinystudio.core.params import Params, choice, integer, number, switch
from tinystudio.core.stored_rows import Pieces, stored_rows
from tinystudio.core.wav_files import (
    NotReadable,
    WavHeader,
    read_header,
    read_samples,
    resampled,
    resampled_length,
)
from tinystudio.datasets.format import DataFormat, Request

USUAL_WINDOW_MS = 1000.0  # where neither settings nor network tell
LONGEST_WINDOW_MS = 60_000
USUAL_MELS = 40
FFT_MS, HOP_MS = 25, 10  # usual for speech; the FFT size is the next power of two
WINDOWS_AT_ONCE = 64  # overlapping windows of a long recording would fill the memory
CHANNELS = (1, 2)  # of a raw input; more are bands


class WavSettings(Params):
    """How recordings become the network's input."""

    rate: int = integer(
        0, title="Rate", unit="Hz", ge=0, le=192_000,
        help="Samples per second. 0: as the files; files of another rate are then refused.",
    )  # fmt: skip
    window_ms: float = number(
        0.0, title="Window", unit="ms", ge=0, le=LONGEST_WINDOW_MS, step=10,
        help="How long one sample is. 0: as the model wants it, else a second.",
    )  # fmt: skip
    stride_ms: float = number(
        0.0, title="Stride", unit="ms", ge=0, le=LONGEST_WINDOW_MS, step=10,
        help="From the beginning of one window to the next. 0: as long as the window.",
    )  # fmt: skip
    channels: Literal["mix", "keep"] = choice(
        "mix", title="Channels", titles={"mix": "mix to one", "keep": "keep all"},
        help="What is done with stereo. Bands are of the mixed sound.",
    )  # fmt: skip
    features: Literal["guess", "raw", "log-mel"] = choice(
        "guess", title="Features",
        titles={"guess": "as the model wants them", "raw": "the waveform", "log-mel": "log-mel"},
        help="The waveform from -1 to 1, or the logarithm of the energy in mel bands.",
    )  # fmt: skip
    group: Literal["file", "first", "second"] = choice(
        "file", title="Together",
        titles={
            "file": "windows of a file", "first": "files alike up to the first _ or -",
            "second": "files alike in the second part of their name",
        },
        help="What is never in two splits, such as all that one speaker said.",
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


MAKING = set(WavSettings.model_fields) - {"classes"}  # settings that samples depend on


class WavFolder(DataFormat):
    """A folder with one folder of WAV recordings per class, named after the class.

    Classes are numbered as the setting or the model's file says, else by name. Recordings are
    whole-numbered PCM of 8, 16, 24 or 32 bits. Each is cut into windows; a remainder that fills
    none is left out, and a recording shorter than a window is filled up with silence. Splits are
    cut by file (60/20/20, or as folders `train`, `validation`, `test` say), so that no recording is
    in two of them.

    A network of (samples) or (channels, samples) is fed the waveform, one of (bands, frames) or
    (1, bands, frames) log-mel bands, which are computed once and kept in the cache folder.
    """

    id: ClassVar[str] = "wav-folder"
    title: ClassVar[str] = "Folder of recordings by class"
    suffixes: ClassVar[tuple[str, ...]] = (".wav",)
    is_folder: ClassVar[bool] = True
    params: ClassVar[type[WavSettings]] = WavSettings

    def recognizes(self, path: Path) -> bool:
        """Say whether there are recordings in folders below."""
        return has_class_files(path, self.suffixes)

    def state(self, path: Path) -> Hashable:
        """Return what changes with the folders."""
        return folder_state(path)

    def read(self, request: Request) -> Dataset:
        """Cut, or fetch what was cut before; raises `UserError` naming the recording."""
        every = class_files(request.path, self.suffixes, request.title, request.reporter)
        folders = every.few(request.most)
        given = request.settings
        assert isinstance(given, WavSettings)
        # Splits and what is kept are the same in whatever order the classes are numbered.
        named = folders.ordered(given.classes, request.wanted.classes, request.title)
        form = _form(folders, request)
        groups = _groups(folders, form.settings, request)
        parts = folders.cut(request.seed, groups)
        check_splits(parts, request.title, "Add recordings: at least three of each class.")
        windows = {name: _shuffled(form, part, request.seed) for name, part in parts.items()}
        order = np.concatenate(list(windows.values()))
        try:
            kept_by = form.settings.model_dump(include=MAKING)
            key = repr((folders.fingerprint(), kept_by, order.tolist()))
        except OSError as error:
            raise request.error(f"{error.filename}: {error.strerror}.", "Try again.") from None
        stored = stored_rows(
            key, (len(order), *form.shape), lambda: _cut(folders, order, form, request),
            request.reporter,
        )  # fmt: skip
        files = form.file_of[order]
        together = files if groups is None else groups[files]
        samples = Samples((stored.rows,), named.labels[files], order, together)
        train, validation, test = samples.cut([len(part) for part in windows.values()])
        return assemble(
            request.path.name,
            train=train,
            validation=validation,
            test=test,
            seed=request.seed,
            classes=named.classes,
            preprocessing=Preprocessing(note=form.note),
            settings=form.settings.model_dump() | {"classes": written(named.classes)},
            content=stored.content,
        )


@dataclass(frozen=True)
class _Form:
    """The settings with nothing left open, and what follows; `counts` are windows per file."""

    settings: WavSettings
    channels: int
    window: int  # samples
    stride: int
    counts: tuple[int, ...]
    axes: int  # of one sample of the network; 0: not known

    @cached_property
    def mel(self) -> LogMel | None:
        it = self.settings
        if it.features == "raw":
            return None
        return LogMel(it.rate, it.mels, it.fft, it.hop, it.mel_scale, it.log, it.centre)

    @cached_property
    def file_of(self) -> Array:
        """Return which file each window is of."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @cached_property
    def first_of(self) -> Array:
        """Return the number of each file's first window."""
        return np.cumsum([0, *self.counts[:-1]])

    @cached_property
    def shape(self) -> tuple[int, ...]:
        if self.mel is None:
            flat = self.axes == 1 and self.channels == 1
            return (self.window,) if flat else (self.channels, self.window)
        bands = (self.settings.mels, self.mel.frames(self.window))
        shape = bands if self.settings.axes == "bands-first" else bands[::-1]
        return (1, *shape) if self.axes == 3 else shape

    @property
    def note(self) -> str:
        it = self.settings
        if self.mel is None:
            return f"waveform at {it.rate} Hz, from -1 to 1"
        return (
            f"log-mel at {it.rate} Hz: {it.mels} bands ({it.mel_scale}), FFT {it.fft} (Hann), "
            f"hop {it.hop}, {it.log} logarithm of energy{', centred' if it.centre else ''}"
        )

    def windows(self, sound: Array) -> Iterator[Array]:
        """Yield sound (channels, frames) as (n, ...): windows as the network wants them."""
        short = self.window - sound.shape[1]
        if short > 0:
            sound = np.pad(sound, ((0, 0), (0, short)))
        cut = np.lib.stride_tricks.sliding_window_view(sound, self.window, axis=1)
        cut = cut[:, :: self.stride].swapaxes(0, 1)
        for start in range(0, len(cut), WINDOWS_AT_ONCE):
            yield self._prepared(cut[start : start + WINDOWS_AT_ONCE])

    def _prepared(self, cut: Array) -> Array:
        if self.mel is None:
            return cut.reshape(len(cut), *self.shape)
        bands = self.mel.of(cut[:, 0])
        if self.settings.axes == "time-first":
            bands = bands.swapaxes(1, 2)
        return bands.reshape(len(bands), *self.shape)


def _form(folders: ClassFolders, request: Request) -> _Form:
    """Settle what the settings leave open: by the network, else by the files."""
    given = request.settings
    assert isinstance(given, WavSettings)
    headers = [_header(folders, at, request) for at in range(len(folders.files))]
    settings = _settled(given, _rate(folders, headers, given, request), request)
    window = _window(settings, headers, request)
    stride = round(settings.stride_ms * settings.rate / 1000) or window
    lengths = [resampled_length(it.frames, it.rate, settings.rate) for it in headers]
    form = _Form(
        settings.model_copy(
            update={
                "window_ms": 1000 * window / settings.rate,
                "stride_ms": 1000 * stride / settings.rate,
            }
        ),
        channels=_channels(folders, headers, settings, request),
        window=window,
        stride=stride,
        counts=tuple(1 + max(0, length - window) // stride for length in lengths),
        axes=len(request.wanted.sample),
    )
    if form.mel is not None and form.mel.frames(window) < 1:
        raise request.error(
            f"A window of {window} samples is shorter than one spectrum of {settings.fft}.",
            "Set a longer window or a smaller FFT size.",
        )
    return form


def _header(folders: ClassFolders, index: int, request: Request) -> WavHeader:
    request.reporter.check()
    try:
        return read_header(folders.files[index].path)
    except NotReadable as trouble:
        raise request.error(f"{folders.name(index)} {trouble}.", "Repair or remove it.") from None


def _rate(
    folders: ClassFolders, headers: list[WavHeader], given: WavSettings, request: Request
) -> int:
    other = next((at for at, it in enumerate(headers) if it.rate != headers[0].rate), None)
    if given.rate == 0 and other is not None:
        raise request.error(
            f"{folders.name(other)} has {headers[other].rate} samples per second, "
            f"{folders.name(0)} has {headers[0].rate}.",
            f"Set a rate, such as rate={headers[0].rate}: the others are then resampled.",
        )
    return given.rate or headers[0].rate


def _settled(given: WavSettings, rate: int, request: Request) -> WavSettings:
    """Settle features and bands."""
    sample = request.wanted.sample
    features = given.features
    if features == "guess":
        is_bands = len(sample) == 3 or (len(sample) == 2 and sample[0] not in CHANNELS)
        features = "log-mel" if is_bands else "raw"
    bands = sample[-2:] if given.axes == "bands-first" else sample[-2:][::-1]
    wanted = bands[0] if len(bands) == 2 and features == "log-mel" else 0
    mels = wanted if isinstance(wanted, int) and 0 < wanted <= 256 else USUAL_MELS
    usual = 2 ** int(np.ceil(np.log2(max(2, rate * FFT_MS / 1000))))
    settled = {
        "rate": rate,
        "features": features,
        "mels": given.mels or mels,
        "fft": given.fft or min(usual, 8192),
        "hop": given.hop or max(1, round(rate * HOP_MS / 1000)),
    }
    return given.model_copy(update=settled)


def _window(settings: WavSettings, headers: list[WavHeader], request: Request) -> int:
    """Return the window in samples: as set, as the network wants it, or a second at most."""
    most = settings.rate * LONGEST_WINDOW_MS // 1000
    if settings.window_ms:
        return max(1, round(settings.window_ms * settings.rate / 1000))
    sample = request.wanted.sample
    bands_first = settings.features == "raw" or settings.axes == "bands-first"
    wanted = (sample[-1] if bands_first else sample[-2]) if sample else None
    if isinstance(wanted, int) and wanted > 0:
        mel = LogMel(
            settings.rate, settings.mels, settings.fft, settings.hop, centre=settings.centre
        )
        window = wanted if settings.features == "raw" else mel.samples(wanted)
        if not 0 < window <= most:
            detail = f"The model wants windows of {window / settings.rate:.0f} s."
            raise request.error(detail, "Set window_ms, or another rate or hop.")
        return window
    longest = max(resampled_length(it.frames, it.rate, settings.rate) for it in headers)
    return min(longest, round(settings.rate * USUAL_WINDOW_MS / 1000))


def _channels(
    folders: ClassFolders, headers: list[WavHeader], settings: WavSettings, request: Request
) -> int:
    if settings.channels == "mix" or settings.features == "log-mel":
        return 1
    count = headers[0].channels
    other = next((at for at, it in enumerate(headers) if it.channels != count), None)
    if other is not None:
        raise request.error(
            f"{folders.name(other)} has {headers[other].channels} channels, "
            f"{folders.name(0)} has {count}.",
            "Set channels=mix, or give all files as many.",
        )
    return count


def _groups(folders: ClassFolders, settings: WavSettings, request: Request) -> Array | None:
    """Return what stays together by each file's name; None: every file for itself."""
    if settings.group == "file":
        return None
    place, names = (0 if settings.group == "first" else 1), []
    for at, file in enumerate(folders.files):
        parts = re.split("[_-]", file.path.stem)
        if len(parts) < 2:
            detail = f"The name of {folders.name(at)} has no parts with _ or - between them."
            raise request.error(detail, "Rename it, or set group=file.")
        names.append(parts[place])
    return np.array(names)


def _shuffled(form: _Form, files: Array, seed: int) -> Array:
    """Return the numbers of the windows of these files, in random order."""
    starts = [form.first_of[file] + np.arange(form.counts[file]) for file in files]
    return np.random.default_rng(seed).permutation(np.concatenate(starts))


def _cut(folders: ClassFolders, order: Array, form: _Form, request: Request) -> Pieces:
    place_of = np.argsort(order)  # every window has one place
    for index, file in enumerate(folders.files):
        request.reporter.progress(
            index, len(folders.files), f"Cutting recordings of {request.path.name}"
        )
        request.reporter.check()
        first = form.first_of[index]
        places = place_of[first : first + form.counts[index]]
        try:
            sound = read_samples(file.path)
        except NotReadable as trouble:
            raise request.error(
                f"{folders.name(index)} {trouble}.", "Repair or remove it."
            ) from None
        rate = read_header(file.path).rate
        if form.channels == 1 and len(sound) > 1:
            sound = sound.mean(axis=0, keepdims=True)
        for piece in form.windows(resampled(sound, rate, form.settings.rate)):
            request.reporter.check()
            yield places[: len(piece)], piece
            places = places[len(piece) :]
