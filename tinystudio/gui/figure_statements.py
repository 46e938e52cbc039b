"""What is said under the large figures: on what they were taken, and the verdict's reason."""

from __future__ import annotations

from tinystudio.core.measurement import Measurement
from tinystudio.gui import wording
from tinystudio.gui.number_marks import grouped

Statements = tuple[str, ...]  # sentences of their own

# As long as what is usually said of a variant; it decides how much room is kept.
LONGEST_STATUS = (
    "measured on this file · 2,000 samples of validation · 90 % interval 90.0 … 93.1\nverdict:"
    " same. No difference in time that could be told apart from chance. It does 39 % fewer"
    " multiplications, which does not show. The network is so small that most of the time is"
    " likely the call itself."
)
# The same where the window is low: the verdict in a word, and its reason's first sentence. What
# takes most lines depends on where they break.
LONGEST_SHORT_STATUSES = tuple(
    f"2,000 samples of validation · 90 % interval 90.0 … 93.1 · verdict: {verdict}"
    for verdict in (
        "unknown. The timing was too disturbed to judge by; measure again when the machine is"
        " quiet.",
        "same. No difference in time that could be told apart from chance. …",
        "faster. A call takes 30 % less time than the original's. …",
    )
)
# What a preview alone says at most.
PREVIEW_STATUS = (
    "○ preview on 2,000 samples · original 90.0 % on the same samples · 90 % interval 90.0 … 93.1 ·"
    " latency predicted, 10.0 … 12.0 µs"
)


def measured_statements(figures: Measurement) -> Statements:
    """Return on what the figures were taken, then the verdict and its reason."""
    parts = []
    if figures.score is not None:
        parts.append(
            " · ".join(("measured on this file", samples_text(figures), *_interval(figures)))
        )
    parts += _verdict(figures, figures.verdict_reason)
    return tuple(parts) or (wording.NOT_MEASURED,)


def short_statement(figures: Measurement) -> str:
    """Return the same in a line, with no more of the verdict's reason than its first sentence."""
    first, _, more = figures.verdict_reason.partition(". ")
    head = [] if figures.score is None else [samples_text(figures), *_interval(figures)]
    parts = _verdict(figures, f"{first}." if more else first)
    return " · ".join((*head, *parts)) or wording.NOT_MEASURED


def preview_sentence(figures: Measurement) -> str:
    """Return what of a preview is measured, on how many samples, and what is predicted."""
    interval = wording.score_interval_text(figures)
    is_predicted = figures.score_status == "predicted"
    parts = ["○ predicted, not measured yet" if is_predicted else f"○ {preview_words(figures)}"]
    if before := before_words(figures):
        parts.append(before)
    if interval:
        parts.append(f"90 % interval {interval}")
    if figures.latency_interval_ms is not None:
        spread = wording.interval_text(figures.latency_interval_ms)
        parts.append(f"latency predicted, {spread}")
    elif figures.latency_ms is None and not is_predicted:
        parts.append("not timed")
    if figures.compared_with:
        parts.append(f"changes against “{figures.compared_with}”")
    return " · ".join(parts)


def preview_words(figures: Measurement) -> str:
    """Return what a preview's score was measured on."""
    return f"preview on {grouped(figures.samples)} samples"


def before_words(figures: Measurement) -> str:
    """Return the original's score on a preview's samples, which its change is told against."""
    if figures.score is None or figures.score_change is None or figures.compared_with:
        return ""
    before = figures.model_copy(update={"score": figures.score - figures.score_change})
    return f"original {wording.score_text(before)} on the same samples"


def samples_text(figures: Measurement) -> str:
    """Return on how many samples figures were taken, and on which."""
    if figures.split:
        return f"{grouped(figures.samples)} samples of {figures.split}"
    return wording.plural(figures.samples, "sample")


def _interval(figures: Measurement) -> list[str]:
    interval = wording.score_interval_text(figures)
    return [f"90 % interval {interval}"] if interval else []


def _verdict(figures: Measurement, reason: str) -> list[str]:
    parts = [f"verdict: {figures.verdict}. {reason}"] if reason else []
    if figures.conditions.busy:
        parts.append("timed on a busy machine")
    return parts
