"""The power of the peak against that of the error."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.measurement import Interval
from tinystudio.metrics.image_pairs import image_pairs
from tinystudio.metrics.metric import Bounds, Metric, Outputs
from tinystudio.metrics.spreads import mean_interval

MOST_DB = 100.0  # of images that are the same: infinite decibels have no mean


class Psnr(Metric):
    """Peak signal-to-noise ratio in decibels: the power of the peak against that of the error.

    10 log10(peak² / mean squared error) of every image, and the mean over the images. The peak is
    1: images from 0 to 1. Equal images count 100 dB.
    """

    id: ClassVar[str] = "psnr"
    title: ClassVar[str] = "PSNR (peak 1)"
    unit: ClassVar[str] = "dB"
    higher_is_better: ClassVar[bool] = True
    bounds: ClassVar[Bounds] = (-np.inf, MOST_DB)
    classifies: ClassVar[bool] = False
    needs: ClassVar[str] = "labels that are images from 0 to 1, of the outputs' shape"
    peak: ClassVar[float] = 1.0

    def per_sample(self, outputs: Outputs, truth: Array) -> Array:
        """Return each image's ratio in decibels."""
        images, wanted = image_pairs(outputs, truth, self.peak)
        error = np.square(images - wanted).mean(axis=(1, 2, 3), dtype=np.float64)
        least = self.peak**2 / 10 ** (MOST_DB / 10)
        return np.asarray(10 * np.log10(self.peak**2 / np.maximum(error, least)))

    def interval(self, outputs: Outputs, truth: Array) -> Interval:
        """Return the interval of the mean."""
        return mean_interval(self.per_sample(outputs, truth), self.bounds)

    def small_loss(self, score: float) -> float:
        """Return half a decibel, which is hard to see."""
        return 0.5


class Psnr255(Psnr):
    """Peak signal-to-noise ratio in decibels of images from 0 to 255: the peak is 255."""

    id: ClassVar[str] = "psnr-255"
    title: ClassVar[str] = "PSNR (peak 255)"
    needs: ClassVar[str] = "labels that are images from 0 to 255, of the outputs' shape"
    peak: ClassVar[float] = 255.0
