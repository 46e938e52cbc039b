"""Downloaded recordings as a data set: each is one sample, cut or filled up to the window."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from tinystudio.core.data import Dataset, Preprocessing
from tinystudio.core.sound_form import (
    SoundForm,
    SoundSettings,
    settled_features,
    settled_window,
)
from tinystudio.core.wav_files import NotReadable, read_header, read_samples, resampled
from tinystudio.datasets.format import Request
from tinystudio.downloads.listing import Listing, Made, Rows, assembled


@dataclass(frozen=True)
class Recording:
    """One WAV file of an archive: its number in the listing, its name, and all its bytes."""

    number: int
    name: str
    data: bytes


def sound_dataset(
    title: str,
    request: Request,
    listing: Listing,
    rate: int,
    recordings: Callable[[Collection[int]], Iterator[Recording]],
) -> Dataset:
    """Return recordings as the waveform or as log-mel bands, one second unless said otherwise.

    `recordings` yields those of the numbers that are wanted.
    `rate`: of the files, samples per second. A file's sound beyond the window is left out.
    """
    form = _form(request, rate)

    def rows(wanted: Collection[int]) -> Rows:
        for recording in recordings(wanted):
            try:
                sound = read_samples(recording.data)
                own_rate = read_header(recording.data).rate
            except NotReadable as trouble:
                raise ValueError(f"{recording.name} {trouble}") from None
            sound = resampled(sound.mean(axis=0, keepdims=True), own_rate, form.settings.rate)
            cut = form.filled(sound)[:, : form.window]
            yield recording.number, form.prepared(cut[None])[0]

    made = Made(form.shape, rows, form.settings.model_dump(), Preprocessing(note=form.note))
    return assembled(title, request, listing, made)


def _form(request: Request, rate: int) -> SoundForm:
    given, sample = request.settings, request.wanted.sample
    assert isinstance(given, SoundSettings)
    settings = given.model_copy(update=settled_features(given, given.rate or rate, sample))
    window = settled_window(settings, settings.rate, sample, request.error)
    known = settings.model_copy(update={"window_ms": 1000 * window / settings.rate})
    form = SoundForm(known, channels=1, window=window, axes=len(sample))
    form.check(request.error)
    return form
