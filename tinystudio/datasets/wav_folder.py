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
from tinystudio.core.class_order import written
from tinystudio.core.data import Array, Dataset, Preprocessing, Samples
from tinystudio.core.params import choice, number
from tinystudio.core.sound_form import (
    LONGEST_WINDOW_MS,
    SoundForm,
    SoundSettings,
    settled_features,
    settled_window,
)
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

WINDOWS_AT_ONCE = 64  # overlapping windows of a long recording would fill the memory


class WavSettings(SoundSettings):
    """How folders of recordings become the network's input."""

    stride_ms: float = number(
        0.0, title="Stride", unit="ms", ge=0, le=LONGEST_WINDOW_MS, step=10,
        help="From the beginning of one window to the next. 0: as long as the window.",
    )  # fmt: skip
    channels: Literal["mix", "keep"] = choice(
        "mix", title="Channels", titles={"mix": "mix to one", "keep": "keep all"},
        help="What is done with stereo. Bands are of the mixed sound.",
    )  # fmt: skip
    group: Literal["file", "first", "second"] = choice(
        "file", title="Together",
        titles={
            "file": "windows of a file", "first": "files alike up to the first _ or -",
            "second": "files alike in the second part of their name",
        },
        help="What is never in two splits, such as all that one speaker said.",
    )  # fmt: skip


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
        groups = _groups(folders, request)
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
class _Form(SoundForm):
    """How each file is cut; `counts` are windows per file."""

    stride: int
    counts: tuple[int, ...]

    @cached_property
    def file_of(self) -> Array:
        """Return which file each window is of."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @cached_property
    def first_of(self) -> Array:
        """Return the number of each file's first window."""
        return np.cumsum([0, *self.counts[:-1]])

    def windows(self, sound: Array) -> Iterator[Array]:
        """Yield sound (channels, frames) as (n, ...): windows as the network wants them."""
        cut = np.lib.stride_tricks.sliding_window_view(self.filled(sound), self.window, axis=1)
        cut = cut[:, :: self.stride].swapaxes(0, 1)
        for start in range(0, len(cut), WINDOWS_AT_ONCE):
            yield self.prepared(cut[start : start + WINDOWS_AT_ONCE])


def _form(folders: ClassFolders, request: Request) -> _Form:
    """Settle what the settings leave open: by the network, else by the files."""
    given = request.settings
    assert isinstance(given, WavSettings)
    headers = [_header(folders, at, request) for at in range(len(folders.files))]
    sample = request.wanted.sample
    known = settled_features(given, _rate(folders, headers, given, request), sample)
    settings = given.model_copy(update=known)
    lengths = [resampled_length(it.frames, it.rate, settings.rate) for it in headers]
    window = settled_window(settings, max(lengths), sample, request.error)
    stride = round(settings.stride_ms * settings.rate / 1000) or window
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
        axes=len(sample),
    )
    form.check(request.error)
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


def _groups(folders: ClassFolders, request: Request) -> Array | None:
    """Return what stays together by each file's name; None: every file for itself."""
    settings = request.settings
    assert isinstance(settings, WavSettings)
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
