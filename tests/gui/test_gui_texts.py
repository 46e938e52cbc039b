"""Texts can be put in another language, and there is room for longer ones."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import screens
from comparison_examples import comparison
from english_left import english_left
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QTabWidget, QWidget
from pytestqt.qtbot import QtBot
from words import cut_words

from tinystudio.gui import theme
from tinystudio.gui.panels.advice import AdvicePanel
from tinystudio.gui.plots.toolbar import HINT
from tinystudio.gui.stylesheet import stylesheet
from tinystudio.gui.text_size import text_size
from tinystudio.gui.texts import PSEUDO, pseudo, speak, speak_english, tr
from tinystudio.session.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
# What the made-up project and engines of these tests say: no source has it.
MADE_UP = re.compile(
    "VNNI used in 5|Explore Smartwatch|Trust it|conv3 cost"
    "|AVX512-VNNI|All channels are free|[Tt]here is no MatMul|Not measured|The disk is full"
    "|It is in the folder|Dynamic quantization|^Saved|static INT8"
)


@pytest.fixture
def strange(qapp: QApplication) -> Iterator[None]:
    assert speak(qapp, PSEUDO) == PSEUDO
    yield
    speak_english(qapp)


def test_a_text_is_its_own_where_there_is_no_translation() -> None:
    assert tr("Keep") == "Keep"
    assert tr("") == ""


@pytest.mark.usefixtures("strange")
def test_the_pseudo_language_is_longer_and_keeps_what_has_to_stay() -> None:
    assert tr("Measure this recipe") == pseudo("Measure this recipe")
    assert tr("No catalogue has this") == "No catalogue has this"
    assert pseudo("Measure {count} of <b>them</b>").startswith("Méåšûré")
    assert "{count}" in pseudo("Measure {count} of <b>them</b>")
    assert "<b>" in pseudo("Measure {count} of <b>them</b>")
    for text in ("Keep", "Measure this recipe", "Show or hide the model browser."):
        assert 1.3 * len(text) <= len(pseudo(text)) <= 1.5 * len(text) + 1


def test_every_text_that_a_widget_shows_is_marked() -> None:
    found = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "mark_texts.py"), "--check"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, f"run tools/mark_texts.py\n{found.stdout}"


@pytest.mark.usefixtures("strange", "dressed")
def test_in_the_pseudo_language_no_words_are_cut_and_none_are_left_in_english(
    qtbot: QtBot, tmp_path: Path
) -> None:
    filled = screens.fill_window(qtbot, tmp_path)
    screens.lay_out(filled.window)
    said = [w.text() for w in filled.window.findChildren(QPushButton) if w.isVisible()]
    assert pseudo("Measure this recipe") in said
    advice = filled.window.findChild(AdvicePanel)
    qtbot.waitUntil(advice.isVisible)  # else the sides leave it no room
    assert any(label.text() == tr(HINT).format(tr("upper")) for label in shown_labels(filled))
    left: dict[str, str] = {}
    cut = cut_anywhere(filled, lambda window: left.update(english_left(window)))
    assert cut == {}
    for window in further_views(filled):
        left.update(english_left(window))
    told = {text: where for text, where in left.items() if not MADE_UP.search(text)}
    assert told == {}, "these are in no catalogue, or are shown without `tr`"
    filled.window.close()


@pytest.mark.usefixtures("strange")
def test_a_text_that_is_shown_without_being_looked_up_is_noticed(qtbot: QtBot) -> None:
    label = QLabel("Measure this recipe")
    qtbot.addWidget(label)
    label.show()
    assert english_left(label) == {"Measure this recipe": "QLabel"}
    label.setText(tr("Measure this recipe"))
    assert english_left(label) == {}


@pytest.mark.usefixtures("dressed")
def test_in_words_a_third_larger_nothing_is_cut(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    text_size().begin(1.3)
    qapp.setStyleSheet(stylesheet(theme.LIGHT))
    filled = screens.fill_window(qtbot, tmp_path, Settings(text_scale=1.3))
    assert cut_anywhere(filled) == {}
    filled.window.close()


@pytest.mark.usefixtures("strange", "dressed")
def test_words_that_grow_while_one_looks_get_their_room(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    def dress(shown: theme.Theme) -> None:
        qapp.setStyleSheet(stylesheet(shown))

    theme.switch().theme_changed.connect(dress)  # before anything else hears of it
    filled = screens.fill_window(qtbot, tmp_path)
    filled.window.resize(1600, 900)  # longer words that are larger as well need more room
    filled.window.actions_by_id["larger-text"].trigger()
    qtbot.waitUntil(lambda: cut_words(filled.parts.settings) == [], timeout=3000)
    filled.window.close()
    theme.switch().theme_changed.disconnect(dress)


def shown_labels(filled: screens.Filled) -> list[QLabel]:
    return [label for label in filled.window.findChildren(QLabel) if label.isVisible()]


def further_views(filled: screens.Filled) -> Iterator[QWidget]:
    """Bring the views within the views to the front: of plots, of a comparison; then the tour."""
    parts = filled.parts
    parts.compare.panel.show_comparison(comparison())
    for bar in (parts.plots.bar, parts.compare.panel.tabs.tabBar()):
        holder = next(tabs for tabs in parts.window.findChildren(QTabWidget)
                      if tabs.isAncestorOf(bar) and tabs is not bar.parent())  # fmt: skip
        holder.setCurrentIndex(
            next(at for at in range(holder.count()) if holder.widget(at).isAncestorOf(bar))
        )
        for number in range(bar.count()):
            bar.setCurrentIndex(number)
            screens.lay_out(parts.window)
            yield parts.window
    parts.commands.carry_out("guided-tour")
    screens.lay_out(parts.window)
    yield parts.window


def cut_anywhere(
    filled: screens.Filled, look: Callable[[QWidget], object] = lambda _: None
) -> dict[str, list[str]]:
    """Return the cut words of every view, dialog and wizard page that has some.

    `look` is called with each of them.
    """
    found = {}
    for scenes in (screens.views, screens.dialogs):
        for name, window in scenes(filled):
            look(window)
            if cut := cut_words(window):
                found[name] = cut
    return found
