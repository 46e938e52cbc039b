"""The three large figures."""

from __future__ import annotations

import pytest
from gui_examples import ORIGINAL, figures
from pytestqt.qtbot import QtBot

from tinystudio.gui.panels.figures import FiguresPanel


@pytest.fixture
def panel(qtbot: QtBot) -> FiguresPanel:
    shown = FiguresPanel()
    qtbot.addWidget(shown)
    shown.show()
    return shown


def test_a_variants_figures_come_with_change_and_verdict(panel: FiguresPanel) -> None:
    panel.show_variant("INT8", figures(0.879, 71_000, 0.041, ORIGINAL), ORIGINAL)
    assert panel._accuracy.text() == "87.8 %"
    assert panel._accuracy.change_text() == "−0.6 tie"
    assert (panel._size.text(), panel._size.change_text()) == ("71 kB", "10.1× smaller")
    assert (panel._latency.text(), panel._latency.change_text()) == ("41 µs", "4.10× faster")
    assert "649 samples of validation" in panel._status.text()
    assert "90\u00a0% interval" in panel._status.text()
    assert "faster. VNNI" in panel._status.text()


def test_what_a_technique_gains_over_its_control_is_said_first(panel: FiguresPanel) -> None:
    panel.show_variant("distil", figures(), ORIGINAL, "gains +1.12 points over its plain control")
    assert panel._status.text().startswith("Gains +1.12 points over its plain control.\n")
    panel.set_compact(True)
    assert panel._status.text().startswith("Gains +1.12 points over its plain control.\n")


def test_a_loss_is_marked_by_a_sign_and_a_word_besides_its_colour(panel: FiguresPanel) -> None:
    panel.show_variant("all", figures(0.5, 71_000, 0.3, ORIGINAL), ORIGINAL)
    assert panel._accuracy.change_text().startswith("▼")
    assert "worse" in panel._accuracy.change_text()
    assert "slower" in panel._latency.change_text()


def test_the_original_is_compared_with_nothing(panel: FiguresPanel) -> None:
    panel.show_variant("original", ORIGINAL, None)
    assert panel._accuracy.change_text() == ""
    assert panel._size.change_text() == ""
    assert panel._latency.change_text() == ""


def test_a_preview_is_marked_and_shows_no_latency(panel: FiguresPanel) -> None:
    panel.show_preview("half", figures(0.87, 90_000, None, ORIGINAL, samples=500), ORIGINAL)
    assert panel._status.text().startswith("○ preview on 500 samples · original 88.4")
    assert panel._status.text().endswith(
        "on the same samples · 90\u00a0% interval 84.7\u00a0…\u00a089.1 · not timed."
    )
    assert panel._latency.text() == "–"
    assert panel._latency.change_text() == "not timed"
    panel.tell_awaited("all")
    assert panel._status.text() == "Still of half: the preview of all waits."


def test_warnings_are_shown_and_go_away(panel: FiguresPanel) -> None:
    panel.show_variant("x", figures(warnings=("Its outputs have collapsed.",)), None)
    assert panel._warning.isVisible()
    assert "collapsed" in panel._warning.text()
    panel.show_variant("y", figures(), None)
    assert not panel._warning.isVisible()


def test_without_a_model_the_panel_says_what_to_do(panel: FiguresPanel) -> None:
    panel.show_nothing()
    assert panel._accuracy.text() == "–"
    assert "Open a model" in panel._status.text()


def test_what_is_below_stays_in_place_while_figures_come_and_go(
    qtbot: QtBot, panel: FiguresPanel
) -> None:
    panel.resize(344, 10)
    heights = []
    for show in (
        panel.show_nothing,
        lambda: panel.show_preview("half", figures(0.85, 200_000, None, ORIGINAL), ORIGINAL),
        lambda: panel.show_variant("half", figures(0.85, 200_000, 0.1, ORIGINAL), ORIGINAL),
        lambda: panel.show_variant("original", ORIGINAL),
    ):
        show()
        heights.append(panel.sizeHint().height())
    assert len(set(heights)) == 1


@pytest.mark.parametrize("is_low", [False, True], ids=["high", "low"])
def test_a_preview_after_a_variant_of_which_more_is_said_moves_nothing(
    panel: FiguresPanel, is_low: bool
) -> None:
    panel.resize(344, 10)
    panel.set_compact(is_low)
    gain = "+9.92 points over its random control, in one pair: repeat it to see whether it holds"
    warned = figures(
        0.85,
        200_000,
        0.1,
        ORIGINAL,
        warnings=("Its outputs have collapsed.",),
        verdict_reason=LONG,
        size_bytes_status="stale",
    )
    panel.show_variant("half", warned, ORIGINAL, gain)
    high = panel.heightForWidth(344)
    panel.show_preview("half", figures(0.85, 200_000, None, ORIGINAL), ORIGINAL)
    assert panel.heightForWidth(344) == high
    panel.show_variant("half", figures(0.85, 200_000, 0.1, ORIGINAL), ORIGINAL)
    assert panel.heightForWidth(344) < high


LONG = (
    "No difference in time that could be told apart from chance. It does 39 % fewer"
    " multiplications, which does not show."
)


def test_where_the_window_is_low_the_verdict_is_short_and_the_whole_is_in_the_tooltip(
    panel: FiguresPanel,
) -> None:
    panel.resize(344, 10)
    high = panel.heightForWidth(344)
    panel.set_compact(True)
    heights = []
    for reason in ("", "Timed again.", LONG):
        shown = figures(0.85, 200_000, 0.168, ORIGINAL, verdict_reason=reason)
        panel.show_variant("half", shown, ORIGINAL)
        heights.append(panel.heightForWidth(344))
    assert max(heights) == min(heights) < high
    assert "apart from chance." in panel._status.text()
    assert "multiplications" not in panel._status.text()
    assert "multiplications, which does not show." in panel._status.toolTip()
    panel.set_compact(False)
    assert "multiplications" in panel._status.text()
    assert panel._status.toolTip() == ""
