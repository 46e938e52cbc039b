"""Windows of recordings: how long, in what layout, cut from which stretch, made ready how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinystudio.core.assembling import rounded
from tinystudio.core.data import Array, Preprocessing, Sizes, Wanted
from tinystudio.core.errors import UserError

USUAL_WINDOW = 128  # rows, where neither settings nor network tell
NAMED = 8  # channels in an error
CHUNK = 1024  # windows


@dataclass(frozen=True)
class WindowForm:
    """`shape` is of one sample as the network wants it; `window` and `stride` count rows."""

    channels: int
    window: int
    stride: int
    layout: str  # "channels-first" or "time-first"
    shape: tuple[int, ...]

    def shaped(self, windows: Array) -> Array:
        """Return windows (n, channels, time) as the network wants them, (n, *shape)."""
        first = self.layout == "channels-first"
        ordered = windows if first else np.moveaxis(windows, 1, 2)
        return np.ascontiguousarray(ordered).reshape(len(windows), *self.shape)


def window_form(
    channels: Sequence[str], given: tuple[int, int, str], wanted: Wanted, title: str
) -> WindowForm:
    """Settle window, stride and layout, 0 or "guess" where open, by what the network wants.

    Raises `UserError`, titled so, where it wants another number of channels.
    """
    window, stride, layout = given
    count, sample = len(channels), wanted.sample
    if len(sample) == 1:
        return _flat(channels, given, sample[0], title)
    plain = [size for size in sample if size != 1]
    if len(plain) < 2 and len(sample) > 1:  # one channel, or one row
        plain = list(sample[-2:])
    if len(plain) != 2:
        plain = [None, None]
    if layout == "guess":
        layout = "time-first" if _is_time_first(plain, count) else "channels-first"
    of_channels, of_time = plain if layout == "channels-first" else plain[::-1]
    if isinstance(of_channels, int) and of_channels != count:
        raise _other_channels(channels, str(of_channels), title)
    rows = window or (of_time if isinstance(of_time, int) and of_time > 0 else USUAL_WINDOW)
    pair = (count, rows) if layout == "channels-first" else (rows, count)
    return WindowForm(count, rows, stride or rows, layout, _with_ones(pair, sample))


def _flat(
    channels: Sequence[str], given: tuple[int, int, str], size: int | str | None, title: str
) -> WindowForm:
    """Settle the form for a network that takes all numbers of a window in one row."""
    window, stride, layout = given
    count = len(channels)
    if isinstance(size, int) and size % count:
        raise _other_channels(channels, f"a divisor of {size}", title)
    rows = window or (size // count if isinstance(size, int) else USUAL_WINDOW)
    order = "time-first" if layout == "guess" else layout
    return WindowForm(count, rows, stride or rows, order, (rows * count,))


def _is_time_first(plain: Sequence[int | str | None], count: int) -> bool:
    return plain[1] == count and plain[0] != count


def _with_ones(pair: tuple[int, int], sample: Sizes) -> tuple[int, ...]:
    """Return the two sizes with the axes of size 1 that the network has besides."""
    if len(sample) <= 2:
        return pair
    left, spare = list(pair), len(sample) - 2
    shape: list[int] = []
    for size in sample:
        is_spare = size == 1 and spare > 0 and (not left or left[0] != 1)
        spare -= is_spare
        shape.append(1 if is_spare or not left else left.pop(0))
    return tuple(shape) if not left else pair


def _other_channels(channels: Sequence[str], wanted: str, title: str) -> UserError:
    named = ", ".join(channels[:NAMED]) + (", …" if len(channels) > NAMED else "")
    return UserError(
        title,
        f"The model takes {wanted} channels; the recordings have {len(channels)}: {named}.",
        "Name those that it takes, in its order: channels=x,y,z.",
    )


@dataclass(frozen=True)
class Windows:
    """All windows of stretches (rows, channels); nothing is copied before they are taken."""

    stretches: Sequence[Array]
    form: WindowForm
    stretch_of: Array  # (n,)
    starts: Array  # (n,) row within its stretch

    @classmethod
    def of(cls, stretches: Sequence[Array], form: WindowForm) -> Windows:
        """Cut stretches; what fills no window is left out."""
        counts = [
            max(0, 1 + (len(item) - form.window) // form.stride)
            if len(item) >= form.window else 0
            for item in stretches
        ]  # fmt: skip
        stretch_of = np.repeat(np.arange(len(counts)), counts)
        starts = [form.stride * np.arange(count) for count in counts]
        joined = np.concatenate(starts) if starts else np.zeros(0, np.int64)
        return cls(stretches, form, stretch_of, joined)

    def __len__(self) -> int:
        return len(self.starts)

    def taken(self, indices: Array) -> Array:
        """Return these windows as they were recorded, (n, channels, time) float32."""
        rows = self.form.window
        found = np.empty((len(indices), self.form.channels, rows), np.float32)
        for place, index in enumerate(indices):
            start = int(self.starts[index])
            found[place] = self.stretches[int(self.stretch_of[index])][start : start + rows].T
        return found


def standardized(
    windows: Windows, train: Array, given: str, wanted: Wanted
) -> tuple[Preprocessing, str]:
    """Return what makes windows ready, and the setting as it came out.

    "guess": by mean and scale that the network's file says, where it has them for each channel.
    """
    count = windows.form.channels
    if given == "guess" and len(wanted.mean) in (1, count) and any(s != 1 for s in wanted.scale):
        note = "(x - mean) / scale for each channel, as the model's file says"
        return Preprocessing(wanted.mean, wanted.scale, note), "guess"
    if given != "training":
        return Preprocessing(note="none: the numbers as they were recorded"), "none"
    total, squares, seen = np.zeros(count), np.zeros(count), 0
    first = windows.taken(train[:1]).astype(np.float64).mean(axis=(0, 2), keepdims=True)
    for start in range(0, len(train), CHUNK):
        # From near the mean, so that squares of large offsets take no digits away.
        values = windows.taken(train[start : start + CHUNK]).astype(np.float64) - first
        total += values.sum(axis=(0, 2))
        squares += (values**2).sum(axis=(0, 2))
        seen += values.shape[0] * values.shape[2]
    mean = total / seen
    scale = np.sqrt(np.maximum(squares / seen - mean**2, 0))
    scale[scale == 0] = 1.0
    note = "(x - mean) / scale for each channel, taken from the training windows"
    return Preprocessing(rounded(mean + first[0, :, 0]), rounded(scale), note), "training"
