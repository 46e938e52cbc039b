"""Figures in words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gui_examples import ORIGINAL, figures
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLocale

from tinystudio.core.measurement import Measurement
from tinystudio.gui import wording
from tinystudio.gui.number_marks import as_typed, grouped, unbroken
from tinystudio.gui.plots.log_axis import label
from tinystudio.gui.wording import Tone


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (9_840, "9.8 kB"), (71_234, "71 kB"), (190_400, "190 kB"),
     (999_990, "1.0 MB"), (1_250_000_000, "1.2 GB")],
)  # fmt: skip
def test_a_size_has_two_digits_and_a_unit(size: int, text: str) -> None:
    assert wording.size_text(size) == text


@pytest.mark.parametrize(
    ("latency", "text"),
    [(0.0409, "41 µs"), (0.0098, "9.8 µs"), (0.99999, "1.0 ms"), (12.4, "12 ms"), (1500, "1.5 s")],
)
def test_a_time_has_two_digits_and_a_unit(latency: float, text: str) -> None:
    assert wording.latency_text(latency) == text


@given(st.floats(1e-9, 1e9))
def test_rounding_keeps_the_value_within_five_percent(value: float) -> None:
    assert float(wording.rounded(value)) == pytest.approx(value, rel=0.05 + 1e-9)


@given(st.integers(1, 5_000_000_000))
def test_a_size_is_never_shown_with_four_digits_before_its_unit(size: int) -> None:
    number, unit = wording.size_text(size).split()
    assert float(number) < 1000
    scale = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]
    assert float(number) * scale == pytest.approx(size, rel=0.06)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(4.83, "4.8 s"), (22, "22 s"), (70, "1 min 10 s"), (60, "1 min"), (7500, "2 h 5 min")],
)
def test_a_duration_reads_as_one_says_it(seconds: float, text: str) -> None:
    assert wording.duration_text(seconds) == text


def test_a_change_within_the_paired_interval_is_a_tie() -> None:
    change = wording.score_change(figures(0.879, original=ORIGINAL))
    assert change.text.startswith("−0.")
    assert change.text.endswith("tie")
    assert change.tone is Tone.SAME


def test_a_change_beyond_the_paired_interval_is_worse() -> None:
    change = wording.score_change(figures(0.80, original=ORIGINAL))
    assert change.text.endswith("worse")
    assert change.tone is Tone.BAD


def test_where_lower_is_better_a_fall_is_better() -> None:
    error = Measurement(
        metric="mean-absolute-error", score=0.5, score_status="measured", higher_is_better=False,
        score_change=-0.25, score_tied=False,
    )  # fmt: skip
    assert wording.score_change(error).tone is Tone.GOOD
    assert wording.score_text(error) == "0.500"
    assert "%" not in wording.tie_sentence(error).text


def test_faster_is_said_only_where_the_verdict_says_so() -> None:
    fast = figures(latency=0.041, original=ORIGINAL)
    assert wording.speed_change(fast).text == "4.10× faster"
    unsure = fast.model_copy(update={"verdict": "same"})
    assert wording.speed_change(unsure).text == "same speed"
    unknown = fast.model_copy(update={"verdict": "unknown"})
    assert "faster" not in wording.speed_change(unknown).text


def test_the_speeds_interval_is_that_of_how_many_times_as_fast() -> None:
    fast = figures(latency=0.042, original=ORIGINAL)
    low, high = map(float, wording.speed_interval_text(fast).split(" … "))
    assert low < 4.0 < high


def test_a_slower_variant_is_worded_as_slower_in_both_places() -> None:
    slow = figures(latency=0.336, original=ORIGINAL)
    assert wording.speed_change(slow).text == "2.00× slower"
    low, high = map(float, wording.speed_interval_text(slow).split(" … "))
    assert low < 2.0 < high


@pytest.mark.parametrize(
    ("size", "text"),
    [(100, "10.0× smaller"), (1000, "same size"), (1100, "1.10× larger"), (None, "")],
)
def test_a_size_is_compared_in_times(size: int | None, text: str) -> None:
    assert wording.size_change(size, 1000).text == text


def test_an_estimated_figure_carries_its_mark() -> None:
    assert wording.status_mark("estimated").strip() == "est."
    assert wording.status_mark("measured") == ""


@pytest.mark.parametrize(
    ("metric", "title", "axis"),
    [
        ("accuracy", "accuracy", "accuracy (%)"),
        ("macro-f1", "macro F1", "macro F1 (%)"),
        ("psnr", "PSNR (peak 1)", "PSNR (peak 1, dB)"),
        ("r2", "R²", "R²"),
        ("perplexity", "perplexity", "perplexity (lower is better)"),
        ("mean-absolute-error", "mean absolute error", "mean absolute error (lower is better)"),
        ("agreement", "same answers as the original", "same answers as the original (%)"),
        ("of-a-later-version", "of a later version", "of a later version"),
    ],
)
def test_a_metric_has_its_name_and_its_axis(metric: str, title: str, axis: str) -> None:
    assert wording.metric_title(metric) == title
    assert wording.axis_title(Measurement(metric=metric)) == axis


def test_decibels_are_lost_and_won_in_decibels() -> None:
    found = Measurement(
        metric="psnr", score=33.951, score_status="measured", score_interval=(33.9, 34.004),
        score_change=-0.12, score_change_interval=(-0.2, -0.05), score_tied=False,
    )  # fmt: skip
    assert wording.score_text(found) == "33.95 dB"
    assert wording.score_interval_text(found) == "33.90 … 34.00"
    assert wording.score_change(found).text == "−0.120 dB worse"
    assert wording.tie_sentence(found).text == "0.120 dB worse than the original in PSNR (peak 1)"


def test_a_sure_change_that_rounds_to_none_is_not_told_as_none() -> None:
    found = Measurement(
        metric="accuracy", score=0.9, score_status="measured", score_interval=(0.89, 0.91),
        score_change=-0.0004, score_change_interval=(-0.0006, -0.0002), score_tied=False,
    )  # fmt: skip
    assert wording.score_change(found).text == "under 0.1 worse"


def test_a_lower_perplexity_is_better() -> None:
    found = Measurement(
        metric="perplexity", score=3.4, score_status="measured", higher_is_better=False,
        score_change=-0.2, score_change_interval=(-0.3, -0.1), score_tied=False,
    )  # fmt: skip
    assert wording.score_change(found) == wording.Judged("−0.200 better", Tone.GOOD)
    assert wording.tie_sentence(found).text == "0.200 better than the original in perplexity"


@pytest.fixture
def german() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    yield
    QLocale.setDefault(before)


@pytest.mark.usefixtures("german")
def test_numbers_are_written_as_the_country_writes_them() -> None:
    assert wording.rounded(9.84) == "9,8"
    assert wording.size_text(1_480_000) == "1,5 MB"
    assert wording.signed(-0.5) == "−0,5"
    assert wording.times(1.5) == "1,50×"
    assert wording.duration_text(4.8) == "4,8 s"
    assert grouped(1_200) == "1.200"
    assert label(0.5) == "0,5"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("0,5", "0.5"),
        ("0.5", "0.5"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1 200", "1200"),
        ("1,200,000", "1200000"),
        ("2,000", "2000"),
        ("0,125", "0.125"),
        ("1,25", "1.25"),
    ],
)
def test_a_number_is_understood_with_either_mark(typed: str, meant: str) -> None:
    assert as_typed(typed) == meant


def test_no_line_ends_between_a_number_and_its_unit() -> None:
    shown = unbroken("at 91.8 % of 26 kB in 8.2 µs, 500 samples and 5 sure")
    assert shown == "at 91.8\u00a0% of 26\u00a0kB in 8.2\u00a0µs, 500 samples and 5 sure"
