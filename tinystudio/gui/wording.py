"""Figures in words: sizes, times, ratios, changes, verdicts; the same everywhere."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from tinystudio.core.measurement import Interval, Measurement, Status
from tinystudio.gui.number_marks import fixed, grouped, localized
from tinystudio.gui.texts import tr
from tinystudio.metrics import known_metric
from tinystudio.session.baseline import baseline_words
from tinystudio.session.figure_words import times_text
from tinystudio.session.marks import ProjectVariant

MINUS = "−"  # a real minus sign, as wide as a digit
NOT_MEASURED = "not measured yet"
NO_FIGURE = "–"

STARRED, KEPT = "★", "●"

SAME_SIZE = "same size"
SAME_SIZE_WITHIN = 0.005  # closer than half a percent reads as "same size"


class Tone(StrEnum):
    """How a figure's change is to be read; the theme gives each its colour."""

    GOOD = "good"
    SAME = "same"
    BAD = "bad"
    MUTED = "muted"


# A sign beside the colour, so that nobody needs to tell green from red.
SIGNS = {Tone.GOOD: "▲", Tone.SAME: "=", Tone.BAD: "▼", Tone.MUTED: ""}


@dataclass(frozen=True)
class Judged:
    """A change in words, and how to read it."""

    text: str
    tone: Tone


def rounded(value: float, digits: int = 2) -> str:
    """Return `value` with `digits` significant digits, whole digits always kept: 9.8, 71, 190."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else NO_FIGURE
    power = math.floor(math.log10(abs(value)))
    decimals = digits - 1 - power
    if decimals > 0 and round(abs(value), decimals) >= 10 ** (power + 1):
        decimals -= 1  # 9.97 rounds up to 10, which has a digit more before the point
    text = f"{abs(value):.{max(0, decimals)}f}"
    return f"{MINUS if value < 0 and float(text) else ''}{localized(text)}"


def count_text(count: float) -> str:
    """Return a count with its thousands in a letter: 649, 7.8 k, 176 k, 1.2 M."""
    for limit, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if count >= limit * 0.9995:
            return rounded(count / limit) + letter
    return f"{count:.0f}"


def rate_text(count: float) -> str:
    """Return how many there are in a second, to three digits: 649, 7.84 k, 1.20 M."""
    for limit, letter in ((1e6, " M"), (1e3, " k")):
        if count >= limit * 0.9995:
            return rounded(count / limit, 3) + letter
    return rounded(count, 3)


def size_text(size_bytes: float, digits: int = 2) -> str:
    """Return a size in bytes, kB, MB or GB (powers of 1000, as files are sold)."""
    for limit, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size_bytes >= limit * 0.9995:
            return f"{rounded(size_bytes / limit, digits)} {unit}"
    return f"{size_bytes:.0f} B"


def latency_text(latency_ms: float, digits: int = 2) -> str:
    """Return a time in µs, ms or s."""
    if latency_ms >= 999.5:
        return f"{rounded(latency_ms / 1000, digits)} s"
    if latency_ms >= 0.9995:
        return f"{rounded(latency_ms, digits)} ms"
    return f"{rounded(latency_ms * 1000, digits)} µs"


def throughput_lines(figures: Measurement) -> list[str]:
    """Return samples a second for each number of samples a call, and how long preparing takes."""
    mark = status_mark(figures.throughput_status)
    lines = [
        f"{rate_text(item.samples_per_s)} samples/s with {plural(item.batch, 'sample')} a call "
        f"({rate_text(item.interval_per_s[0])} … {rate_text(item.interval_per_s[1])}){mark}"
        for item in figures.throughput
    ]
    if figures.preparing_ms is not None:
        lines.append(f"{latency_text(figures.preparing_ms)} to prepare a sample, not in these")
    return lines


def energy_text(energy_mj: float) -> str:
    """Return an energy in nJ, µJ, mJ or J."""
    for limit, unit in ((1e3, "J"), (1.0, "mJ"), (1e-3, "µJ")):
        if energy_mj >= limit * 0.9995:
            return f"{rounded(energy_mj / limit)} {unit}"
    return f"{rounded(energy_mj * 1e6)} nJ"


def duration_text(seconds: float) -> str:
    """Return how long something takes, as one says it: 4.8 s, 22 s, 1 min 10 s, 2 h 5 min."""
    if seconds < 9.95:
        return f"{fixed(seconds, 1)} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    minutes = round(whole / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def metric_title(metric: str) -> str:
    """Return a metric's name in words."""
    known = known_metric(metric)
    return known.name if known else metric.replace("-", " ")


def axis_title(measurement: Measurement) -> str:
    """Return the caption of an axis of scores, which says where lower is better."""
    unit = score_unit(measurement).strip()
    known = known_metric(measurement.metric)
    notes = [unit] if unit else []
    if known is not None and not known.higher_is_better:
        notes.append("lower is better")
    title = metric_title(measurement.metric)
    if title.endswith(")") and notes:
        return f"{title[:-1]}, {', '.join(notes)})"
    return f"{title} ({', '.join(notes)})" if notes else title


def is_share(measurement: Measurement) -> bool:
    """Say whether the score is a share of samples, shown in percent."""
    return is_share_metric(measurement.metric)


def is_share_metric(metric: str) -> bool:
    """Say whether scores of a metric are shares of samples."""
    known = known_metric(metric)
    return known is not None and known.unit == "%"


def score_factor(measurement: Measurement) -> float:
    """Return by what the score is multiplied to be shown: 100 for shares, else 1."""
    return 100.0 if is_share(measurement) else 1.0


def score_unit(measurement: Measurement) -> str:
    """Return the unit behind a shown score, with its space."""
    known = known_metric(measurement.metric)
    return f" {known.unit}" if known is not None and known.unit else ""


def score_text(measurement: Measurement) -> str:
    """Return the score, e.g. "87.9 %"."""
    if measurement.score is None:
        return NO_FIGURE
    return _score(measurement.score, measurement) + score_unit(measurement)


def score_interval_text(measurement: Measurement) -> str:
    """Return the score's interval, e.g. "85.2 … 90.2", or nothing where there is none."""
    if measurement.score_interval is None:
        return ""
    low, high = (_score(bound, measurement) for bound in measurement.score_interval)
    return f"{low} … {high}"


def score_spread_text(measurement: Measurement) -> str:
    """Return half the interval's width, e.g. "± 2.4"."""
    if measurement.score_interval is None:
        return ""
    low, high = measurement.score_interval
    return f"± {_score((high - low) / 2, measurement)}"


def _score(value: float, measurement: Measurement) -> str:
    shown = value * score_factor(measurement)
    if is_share(measurement):
        return fixed(shown, 1).replace("-", MINUS)
    # Decibels are read from 0.01 on, whatever is before the point.
    return signed(shown, 2).lstrip("+") if score_unit(measurement) else rounded(shown, 3)


def score_change(measurement: Measurement) -> Judged:
    """Return the change against the original on the same samples, e.g. "−0.5 tie"."""
    change = measurement.score_change
    if change is None:
        return Judged("", Tone.MUTED)
    decimals = 1 if is_share(measurement) else 3
    shown = change * score_factor(measurement)
    text = signed(shown, decimals)
    if not measurement.score_tied and abs(shown) < 0.5 * 10**-decimals:
        text = f"under {fixed(10**-decimals, decimals)}"  # a sure change that rounds to none
    if not is_share(measurement):  # shares are told in points, which go without saying
        text += score_unit(measurement)
    if measurement.score_tied:
        return Judged(f"{text} tie", Tone.SAME)
    better = (change > 0) == measurement.higher_is_better
    return Judged(f"{text} {'better' if better else 'worse'}", Tone.GOOD if better else Tone.BAD)


def signed(value: float, decimals: int = 1) -> str:
    """Return a number with its sign, e.g. "+1.0", "−0.5"; zero has none."""
    text = f"{abs(value):.{decimals}f}"
    if not float(text):
        return localized(text)
    return f"{'+' if value > 0 else MINUS}{localized(text)}"


def size_change(size_bytes: float | None, original_bytes: float | None) -> Judged:
    """Return the size against the original's, e.g. "10.1× smaller"."""
    if not size_bytes or not original_bytes:
        return Judged("", Tone.MUTED)
    ratio = size_bytes / original_bytes
    if abs(ratio - 1) < SAME_SIZE_WITHIN:
        return Judged(SAME_SIZE, Tone.SAME)
    if ratio < 1:
        return Judged(f"{times(1 / ratio)} smaller", Tone.GOOD)
    return Judged(f"{times(ratio)} larger", Tone.BAD)


def size_against(size_bytes: float | None, baseline: ProjectVariant | None) -> str:
    """Return how many times smaller, e.g. "4.1× smaller than “INT8”".

    That it is against the original goes without saying, as beside the large figures.
    """
    before = None if baseline is None else baseline.measurement.size_bytes
    change = size_change(size_bytes, before).text
    if not change or baseline is None or baseline.is_original:
        return change
    return f"{change} {'as' if change == SAME_SIZE else 'than'} {baseline_words(baseline)}"


def times(ratio: float) -> str:
    """Return a ratio: "0.83×", "1.04×", "12.2×", "120×"."""
    return localized(times_text(ratio))


def speed_change(measurement: Measurement) -> Judged:
    """Return the speed against the original's; "faster" only where the ratio's interval says so."""
    ratio = measurement.latency_ratio
    match measurement.verdict:
        case "faster" if ratio:
            return Judged(f"{times(1 / ratio)} faster", Tone.GOOD)
        case "slower" if ratio:
            return Judged(f"{times(ratio)} slower", Tone.BAD)
        case "same":
            return Judged("same speed", Tone.SAME)
    if measurement.latency_ms is None:
        return Judged("", Tone.MUTED)
    if ratio and measurement.latency_ratio_status == "predicted":
        return _predicted_speed(ratio, measurement.latency_ratio_interval or (ratio, ratio))
    return Judged("speed not compared", Tone.MUTED)


def _predicted_speed(ratio: float, interval: Interval) -> Judged:
    """Return a predicted ratio in words: no verdict, which is for the stopwatch to give."""
    if interval[0] <= 1 <= interval[1]:
        return Judged("about as fast", Tone.SAME)
    if ratio < 1:
        return Judged(f"{times(1 / ratio)} faster", Tone.GOOD)
    return Judged(f"{times(ratio)} slower", Tone.BAD)


def speed_interval_text(measurement: Measurement) -> str:
    """Return the interval of "how many times as fast", e.g. "4.0 … 4.2"."""
    interval = measurement.latency_ratio_interval
    if interval is None or min(interval) <= 0:
        return ""
    slow, fast = 1 / interval[1], 1 / interval[0]
    if measurement.verdict == "slower" or interval[0] > 1:
        slow, fast = interval
    digits = 2 if fast - slow < 0.15 else 1
    return f"{fixed(slow, digits)} … {fixed(fast, digits)}"


def interval_text(interval: Interval, text_of: str = "latency") -> str:
    """Return an interval of times or sizes, its unit said once where both share it."""
    write = latency_text if text_of == "latency" else size_text
    low, high = write(interval[0], 3), write(interval[1], 3)
    if low.split()[-1] == high.split()[-1]:
        low = low.split()[0]
    return f"{low} … {high}"


def status_mark(status: Status) -> str:
    """Return what stands behind a figure that is not plainly measured, e.g. " est."."""
    marks = {"predicted": "pred.", "estimated": "est.", "stale": "stale"}
    return f" {tr(marks[status])}" if status in marks else ""


def tie_sentence(measurement: Measurement) -> Judged:
    """Return the accuracy's verdict as a sentence without its full stop."""
    name = metric_title(measurement.metric)
    if measurement.score_change is None:
        return Judged("", Tone.MUTED)
    if measurement.score_tied:
        return Judged(f"tied with {_other(measurement)} in {name}", Tone.SAME)
    change = score_change(measurement)
    size = abs(measurement.score_change) * score_factor(measurement)
    better = "better" if change.tone is Tone.GOOD else "worse"
    unit = " points" if is_share(measurement) else score_unit(measurement)
    shown = fixed(size, 1) if is_share(measurement) else rounded(size, 3)
    return Judged(f"{shown}{unit} {better} than {_other(measurement)} in {name}", change.tone)


def _other(measurement: Measurement) -> str:
    return f"“{measurement.compared_with}”" if measurement.compared_with else "the original"


def marks_text(starred: bool, kept: bool) -> str:
    """Return the user's marks on a variant as signs, the same in every list."""
    return f"{STARRED if starred else ''}{KEPT if kept else ''}"


def after_colon(sentence: str) -> str:
    """Return a sentence as it goes on after a colon; a name such as "MatMul" stays as it is."""
    word = sentence.partition(" ")[0]
    return sentence[:1].lower() + sentence[1:] if word[1:].islower() or len(word) == 1 else sentence


def plural(count: int, word: str) -> str:
    """Return a count with its word: "1 point", "3 points"."""
    return f"{grouped(count)} {word}{'' if count == 1 else 's'}"
