"""Images that a network puts out beside those that they should be."""

from __future__ import annotations

import numpy as np

from tinystudio.core.data import Array
from tinystudio.metrics.metric import Outputs, misfit
from tinystudio.metrics.number_pairs import number_pairs

MOST_CHANNELS = 4  # along the last axis: then it is one of channels
OVER_PEAK = 1.5  # times the peak that labels may reach by overshoot; beyond, they are on another


def image_pairs(outputs: Outputs, truth: Array, peak: float) -> tuple[Array, Array]:
    """Return outputs and truth as (n, channels, height, width).

    Understood are (n, height, width), (n, channels, height, width) and, where the last axis has no
    more than four entries and the second has more, (n, height, width, channels). Raises `UserError`
    where they are none of these, or where the labels are on another scale than `peak`.
    """
    shape = truth.shape if truth.ndim >= outputs[0].ndim else outputs[0].shape
    if len(shape) not in (3, 4):
        raise misfit(
            f"The labels have the shape {truth.shape}; those of images are "
            "(samples, height, width) or (samples, channels, height, width).",
            "Choose the metric mean-absolute-error or r2.",
        )
    answers, wanted = (item.reshape(shape) for item in number_pairs(outputs, truth))
    most = float(np.abs(wanted).max(initial=0.0))
    if most > OVER_PEAK * peak:
        raise misfit(
            f"The labels reach {most:.4g}, but the peak is {peak:g}.",
            "Choose the metric with the peak 255, or scale labels and outputs to 0..1.",
        )
    return _channels_first(answers), _channels_first(wanted)


def _channels_first(images: Array) -> Array:
    if images.ndim == 3:
        return images[:, None]
    if images.shape[-1] <= MOST_CHANNELS < images.shape[1]:
        return np.moveaxis(images, -1, 1)
    return images
