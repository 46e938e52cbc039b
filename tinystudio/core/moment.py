"""Where a training stands at one moment: a point of its curves."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


def epoch_text(epoch: float) -> str:
    """Return how many epochs these are, e.g. "3.4"."""
    return f"{round(epoch, 2):g}"


class Moment(BaseModel):
    """What has been learned after `epoch` of `epochs` walks through the training samples.

    `loss` is the mean over the epoch so far. `score` is that of `metric` on the samples that
    were held out, None where none are or where the epoch is not at its end. `is_best`: no moment
    before was better, and these weights are kept. `start_kept`: none was better than the start,
    whose weights are kept; said once, with the last moment. `training` names the training within
    its job.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    epoch: float
    epochs: float
    loss: float | None = None  # None before the first step
    score: float | None = None
    metric: str = ""
    is_best: bool = False
    start_kept: bool = False
    is_over: bool = False  # nothing more comes: done, or stopped early
    seconds_left: float | None = None
    training: str = ""
