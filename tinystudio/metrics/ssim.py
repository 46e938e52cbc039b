"""How alike the structure of images is."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from tinystudio.core.data import Array
from tinystudio.core.measurement import Interval
from tinystudio.metrics.image_pairs import image_pairs
from tinystudio.metrics.metric import Bounds, Metric, Outputs, misfit
from tinystudio.metrics.spreads import mean_interval

WINDOW, DEVIATION = 11, 1.5  # pixels
K1, K2 = 0.01, 0.03
AT_ONCE = 32  # images: five blurred copies of each are held


class Ssim(Metric):
    """How alike the structure of two images is: 1 is the same, 0 nothing in common.

    Structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004): means, variances and covariance
    under a Gaussian window of 11 pixels with deviation 1.5, K1 = 0.01, K2 = 0.03, averaged over
    every place where the window lies inside the image, over channels and over images. The peak is
    1: images from 0 to 1.
    """

    id: ClassVar[str] = "ssim"
    title: ClassVar[str] = "SSIM (peak 1)"
    unit: ClassVar[str] = ""
    higher_is_better: ClassVar[bool] = True
    bounds: ClassVar[Bounds] = (-1.0, 1.0)
    classifies: ClassVar[bool] = False
    needs: ClassVar[str] = "labels that are images from 0 to 1, at least 11 x 11"
    peak: ClassVar[float] = 1.0

    def per_sample(self, outputs: Outputs, truth: Array) -> Array:
        """Return each image's mean similarity."""
        images, wanted = image_pairs(outputs, truth, self.peak)
        if min(wanted.shape[2:]) < WINDOW:
            raise misfit(
                f"The images are {wanted.shape[2]} x {wanted.shape[3]}; the window of SSIM takes "
                f"{WINDOW} x {WINDOW}.",
                "Choose the metric psnr.",
            )
        starts = range(0, len(wanted), AT_ONCE)
        parts = [
            _similarity(images[at : at + AT_ONCE], wanted[at : at + AT_ONCE], self.peak)
            for at in starts
        ]
        return np.concatenate(parts)

    def interval(self, outputs: Outputs, truth: Array) -> Interval:
        """Return the interval of the mean."""
        return mean_interval(self.per_sample(outputs, truth), self.bounds)


class Ssim255(Ssim):
    """How alike the structure of two images from 0 to 255 is: SSIM with the peak 255."""

    id: ClassVar[str] = "ssim-255"
    title: ClassVar[str] = "SSIM (peak 255)"
    needs: ClassVar[str] = "labels that are images from 0 to 255, at least 11 x 11"
    peak: ClassVar[float] = 255.0


def _similarity(x: Array, y: Array, peak: float) -> Array:
    """Return the similarity of images (n, channels, height, width), (n,)."""
    x, y = x.astype(np.float64), y.astype(np.float64)
    first, second = (K1 * peak) ** 2, (K2 * peak) ** 2
    mean_x, mean_y = _blurred(x), _blurred(y)
    variances = _blurred(x * x) - mean_x**2 + _blurred(y * y) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    alike = (2 * mean_x * mean_y + first) * (2 * covariance + second)
    return np.asarray(
        (alike / ((mean_x**2 + mean_y**2 + first) * (variances + second))).mean(axis=(1, 2, 3))
    )


def _blurred(images: Array) -> Array:
    """Return weighted means under the window, wherever it lies inside."""
    at = np.arange(WINDOW) - WINDOW // 2
    weights = np.exp(-(at**2) / (2 * DEVIATION**2))
    weights /= weights.sum()
    rows = images.shape[2] - WINDOW + 1
    down = sum(w * images[:, :, k : k + rows] for k, w in enumerate(weights))
    columns = images.shape[3] - WINDOW + 1
    return np.asarray(sum(w * down[..., k : k + columns] for k, w in enumerate(weights)))
