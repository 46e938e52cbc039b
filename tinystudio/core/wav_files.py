"""Reads WAV files: whole-numbered PCM of 8, 16, 24 or 32 bits, any number of channels."""

from __future__ import annotations

import io
import struct
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tinystudio.core.data import Array

# What the standard library is known to raise on damaged files.
_DAMAGE = (wave.Error, EOFError, RuntimeError, ValueError, ZeroDivisionError, struct.error)
LONGEST_BYTES = 2**30  # of one recording: it is read in one piece


class NotReadable(Exception):  # noqa: N818 - what it says is no fault of the program
    """Says in a few words what is wrong with a file, e.g. "is cut short"."""


@dataclass(frozen=True)
class WavHeader:
    """What a file says of itself; a frame has one number per channel."""

    rate: int
    channels: int
    width: int  # bytes of one number
    frames: int


def read_header(source: Path | bytes) -> WavHeader:
    """Return what a file, or its content, says of itself; raises `NotReadable`."""
    return _read(source, with_samples=False)[0]


def read_samples(source: Path | bytes) -> Array:
    """Return a recording as (channels, frames) in -1..1, float32; raises `NotReadable`."""
    header, data = _read(source, with_samples=True)
    return np.ascontiguousarray(_numbers(data, header.width).reshape(-1, header.channels).T)


def _read(source: Path | bytes, with_samples: bool) -> tuple[WavHeader, bytes]:
    try:
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        opened = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
        with opened as file, wave.open(file) as recording:
            header = WavHeader(
                recording.getframerate(), recording.getnchannels(),
                recording.getsampwidth(), recording.getnframes(),
            )  # fmt: skip
            _check(header, size)
            data = recording.readframes(header.frames) if with_samples else b""
    except _DAMAGE as error:
        reason = str(error) or "it ends too early"
        raise NotReadable(f"is no WAV file of whole numbers ({reason})") from None
    except OSError as error:
        raise NotReadable(f"could not be read ({error.strerror or error})") from None
    if with_samples and len(data) != header.frames * header.channels * header.width:
        raise NotReadable("is cut short")
    return header, data


def _check(header: WavHeader, size: int) -> None:
    if header.rate <= 0 or header.channels <= 0 or header.width not in (1, 2, 3, 4):
        raise NotReadable(
            f"has a header that cannot be: {header.rate} Hz, {header.channels} channels, "
            f"{8 * header.width} bits"
        )
    if header.frames == 0:
        raise NotReadable("has no samples")
    length = header.frames * header.channels * header.width
    if length > size:
        raise NotReadable("is cut short")
    if length > LONGEST_BYTES:
        raise NotReadable(f"has more than {LONGEST_BYTES / 1e9:.1f} GB")


def _numbers(data: bytes, width: int) -> Array:
    if width == 1:  # alone without a sign
        return (np.frombuffer(data, np.uint8).astype(np.float32) - 128) / 128
    if width == 3:
        parts = np.frombuffer(data, np.uint8).reshape(-1, 3)
        whole = np.zeros((len(parts), 4), np.uint8)
        whole[:, 1:] = parts  # as the upper bytes of 32 bits, so that the sign is in place
        return (whole.reshape(-1).view("<i4") / 2.0**31).astype(np.float32)
    kind, scale = ("<i2", 2.0**15) if width == 2 else ("<i4", 2.0**31)
    return (np.frombuffer(data, kind) / scale).astype(np.float32)


def resampled(samples: Array, rate: int, wanted: int) -> Array:
    """Return (channels, frames) at another rate, by Fourier transform.

    The spectrum is cut off (or filled with zeros) at half of the lower rate: the ideal low-pass
    of a recording that is taken to repeat itself.
    """
    if rate == wanted:
        return samples
    frames = samples.shape[1]
    count = resampled_length(frames, rate, wanted)
    spectrum = np.fft.rfft(samples.astype(np.float64), axis=1)
    kept = np.zeros((len(samples), count // 2 + 1), np.complex128)
    both = min(kept.shape[1], spectrum.shape[1])
    kept[:, :both] = spectrum[:, :both]
    if count < frames and count % 2 == 0:
        # At exactly half of the new rate, only the real part can be told.
        kept[:, -1] = kept[:, -1].real
    sound: Array = np.fft.irfft(kept, count, axis=1) * (count / frames)
    return sound.astype(np.float32)


def resampled_length(frames: int, rate: int, wanted: int) -> int:
    """Return how many frames a recording has at another rate."""
    return max(1, round(frames * wanted / rate))
