"""Small folders of recordings, of the true format."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np


def tone(hz: float, frames: int, rate: int, loud: float = 0.5) -> np.ndarray:
    """Return a sine in -1..1."""
    return loud * np.sin(2 * np.pi * hz * np.arange(frames) / rate)


def write_wav(path: Path, sound: np.ndarray, rate: int = 8000, width: int = 2) -> Path:
    """Write sound (frames,) or (frames, channels) in -1..1 with so many bytes per number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = np.round(sound * (2 ** (8 * width - 1) - 1)).astype(np.int64)
    if width == 1:
        data = (whole + 128).astype(np.uint8).tobytes()
    elif width == 3:
        parts = whole.astype("<i4").reshape(-1).view(np.uint8).reshape(-1, 4)
        data = np.ascontiguousarray(parts[:, :3]).tobytes()
    else:
        data = whole.astype("<i2" if width == 2 else "<i4").tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if sound.ndim == 1 else sound.shape[1])
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data)
    return path


def wav_folder(root: Path, files: int = 6, frames: int = 1000, rate: int = 8000) -> Path:
    """Write so many recordings of a low and of a high tone."""
    for name, hz in (("high", 1500), ("low", 200)):
        for number in range(files):
            sound = tone(hz, frames, rate, 0.1 + 0.1 * number)
            write_wav(root / name / f"p{number}_{name}.wav", sound, rate)
    return root
