"""Everything is found by a few letters, and done by Enter."""

from __future__ import annotations

import pytest
from idle_workers import pruned
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tinystudio.gui.action_table import ACTIONS
from tinystudio.gui.command_palette import NOTHING, CommandPalette
from tinystudio.gui.palette_entries import Entry, matching, why_not
from tinystudio.gui.title_index import TitleIndex
from tinystudio.jobs.recipe import Recipe


def entry(title: str, done: list[str], reason: str = "") -> Entry:
    return Entry(title, "Test", lambda: done.append(title), reason=reason)


@pytest.mark.parametrize(
    ("letters", "first"),
    [
        ("meas", "Measure this recipe"),
        ("mtr", "Measure this recipe"),
        ("exp", "Export…"),
        ("quant", "Add Static quantization"),
        ("sq", "Add Static quantization"),
    ],
)
def test_a_few_letters_mean_what_one_expects(letters: str, first: str) -> None:
    titles = ("Open model…", "Export…", "Measure this recipe", "Add Static quantization",
              "Sort requests", "Empty the recipe")  # fmt: skip
    assert matching([entry(title, []) for title in titles], letters)[0].title == first


def test_letters_that_nothing_has_mean_nothing() -> None:
    assert matching([entry("Export…", [])], "xyz") == []


def test_every_need_of_an_action_has_a_reason_in_words() -> None:
    for spec in ACTIONS:
        assert bool(why_not(spec, set())) == bool(spec.needs), spec.id


def test_enter_does_what_is_chosen_and_closes(qtbot: QtBot) -> None:
    done: list[str] = []
    palette = CommandPalette([entry("Undo", done), entry("Export", done)])
    qtbot.addWidget(palette)
    palette.show()
    qtbot.keyClicks(palette.search, "exp")
    assert [item.title for item in palette.shown] == ["Export"]
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert done == ["Export"]


def test_letters_taken_back_bring_back_what_they_had_ruled_out(qtbot: QtBot) -> None:
    palette = CommandPalette([entry("Undo", []), entry("Export", [])])
    qtbot.addWidget(palette)
    qtbot.keyClicks(palette.search, "zz")
    assert (palette.shown, palette.hint) == ((), NOTHING)
    palette.search.setText("un")
    assert [item.title for item in palette.shown] == ["Undo"]


def test_arrows_choose_while_one_types(qtbot: QtBot) -> None:
    done: list[str] = []
    palette = CommandPalette([entry("One", done), entry("Two", done)])
    qtbot.addWidget(palette)
    palette.show()
    qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert done == ["Two"]


def test_what_cannot_be_done_says_why_and_does_nothing(qtbot: QtBot) -> None:
    done: list[str] = []
    palette = CommandPalette([entry("Export", done, "Open a model first.")])
    qtbot.addWidget(palette)
    palette.show()
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert done == []
    assert palette.isVisible()
    assert palette.hint == "Export: Open a model first."


def test_the_window_lists_actions_techniques_tasks_and_variants(opened, qtbot: QtBot) -> None:
    assembly = opened.assembly
    assembly.studio.open_network("gallery:watch")
    opened.engines.come_up()
    opened.engines.finish_opening()
    qtbot.waitUntil(lambda: assembly.studio.session.selected is not None)
    opened.window.actions_by_id["palette"].trigger()
    palette = assembly.everyone.palette.palette
    assert palette is not None
    titles = {item.title: item for item in assembly.everyone.palette.entries()}
    original = assembly.studio.session.original.title
    assert {"Export…", "Add Channel pruning"} <= titles.keys()
    assert palette.shown[0].title not in (None, "")
    qtbot.keyClicks(palette.search, f"Select {original}")
    assert palette.shown[0].title == f"Select {original}"
    palette.search.clear()
    assert "Open Terrain from a satellite" in titles
    assert titles["Measure this recipe"].reason == "Add a technique first."
    assert titles["Measure this recipe"].keys == "Ctrl+M"
    dynamic = next(title for title in titles if title.startswith("Add Dynamic quantization"))
    assert "MatMul" in titles[dynamic].reason
    qtbot.keyClicks(palette.search, "add channel pr")
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert [step.technique for step in assembly.studio.session.recipe.steps] == ["channel-pruning"]
    assert assembly.everyone.palette.palette is None


def test_a_variant_is_selected_from_the_palette(opened, qtbot: QtBot) -> None:
    assembly = opened.assembly
    assembly.studio.open_network("gallery:watch")
    opened.engines.come_up()
    opened.engines.finish_opening()
    assembly.studio.edit_recipe(pruned(0.5))
    assembly.studio.measure()
    opened.engines.finish_variants(Recipe(), pruned(0.5))
    title = assembly.studio.session.original.title
    opened.window.actions_by_id["palette"].trigger()
    palette = assembly.everyone.palette.palette
    qtbot.keyClicks(palette.search, f"select {title}")
    qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert assembly.studio.session.selected.is_original


KINDS = ("INT8", "low rank")
TITLES = [f"Select channels −{at % 97} %, {KINDS[at % 2]} {at}" for at in range(3000)]


def index_of(titles: list[str]) -> TitleIndex[str]:
    made = TitleIndex(titles, lambda title: title)
    while not made.work(0.01):
        pass
    return made


@pytest.mark.parametrize("query", ["se", "int8", "INT8 2998", "ch12", "lr 7", "42 %", "zz", "%)("])
def test_of_thousands_the_index_finds_what_scoring_each_of_them_does(query: str) -> None:
    entries = [entry(title, []) for title in TITLES]
    wanted = [item.title for item in matching(entries, query)][:60]
    assert len(wanted) > 0 or query in ("zz", "%)(")
    found = [title for _, title in TitleIndexAsEntries().best(query, 60)]
    assert found == wanted


class TitleIndexAsEntries:
    """The letters of an entry hold its kind as well."""

    def best(self, query: str, most: int) -> list[tuple[int, str]]:
        made = TitleIndex(TITLES, lambda title: f"{title} Test")
        assert not made.work(0)
        assert made.best(query, most) == []  # nothing is taken in yet
        while not made.work(0.01):
            pass
        return made.best(query, most)


def test_without_letters_the_first_titles_come_first() -> None:
    assert index_of(TITLES).best(" ", 2) == [(0, TITLES[0]), (0, TITLES[1])]


def test_a_palette_that_opens_early_lists_the_rest_when_it_is_there(qtbot: QtBot) -> None:
    class Slow:
        turns = 0

        def work(self, seconds: float) -> bool:
            self.turns += 1
            return self.turns > 2

        def best(self, query: str, most: int) -> list[tuple[int, Entry]]:
            return [(2000, entry("Late", []))] if self.turns > 2 else []

    palette = CommandPalette([entry("Undo", [])], more=Slow())
    qtbot.addWidget(palette)
    assert [item.title for item in palette.shown] == ["Undo"]
    qtbot.waitUntil(lambda: [item.title for item in palette.shown] == ["Undo", "Late"])
