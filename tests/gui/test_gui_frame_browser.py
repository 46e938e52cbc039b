"""The model browser: what it lists, and what it says a user wants."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from idle_workers import figures, inspection, pruned, variant
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QLineEdit, QTreeView

from tinystudio.gui import variant_rows
from tinystudio.gui.browser_model import BrowserModel, RowRole
from tinystudio.gui.browser_rows import OpenNetwork, Row, TaskEntry, browser_rows
from tinystudio.gui.panels.model_browser import ModelBrowser
from tinystudio.gui.two_lines import shown_title
from tinystudio.gui.variant_rows import VariantRows
from tinystudio.jobs.recipe import Recipe, Step
from tinystudio.session.lineage import Lineage
from tinystudio.session.marks import Mark, ProjectVariant

TASKS = (
    TaskEntry("gallery:breast", "Breast mass", "Health", "Is it malignant?"),
    TaskEntry("gallery:watch", "Smartwatch exercises", "Phones and wearables", "Which exercise?"),
    TaskEntry("gallery:new", "Something new", "Art", "What is it?"),
)


INT8 = Recipe(steps=(Step.of("static-quantization"),))


def known(recipe: Recipe, **mark: bool | str | tuple[str, ...]) -> ProjectVariant:
    made = variant(recipe)
    return ProjectVariant(made, Mark(**mark), made.measurement)


def rows(*variants: ProjectVariant, own: tuple[str, ...] = ()) -> tuple[Row, ...]:
    opened = OpenNetwork("gallery:watch", inspection(), figures())
    return browser_rows(
        TASKS, own, opened, VariantRows().of(variants), {"gallery:breast": "6.5 k parameters"}
    )


def titles(tree: QTreeView, above: QModelIndex | None = None) -> list[str]:
    """Return what the tree shows, top to bottom."""
    model, above = tree.model(), above or QModelIndex()
    found: list[str] = []
    for number in range(model.rowCount(above)):
        index = model.index(number, 0, above)
        found += [str(index.data()), *titles(tree, index)]
    return found


@pytest.fixture
def browser(qtbot):
    panel = ModelBrowser()
    qtbot.addWidget(panel)
    panel.resize(260, 600)
    panel.show()
    return panel


def tree_of(browser: ModelBrowser) -> QTreeView:
    return browser.findChild(QTreeView)


def point_at(browser: ModelBrowser, title: str) -> None:
    tree = tree_of(browser)
    flags = Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
    found = tree.model().match(
        tree.model().index(0, 0), Qt.ItemDataRole.DisplayRole, title, 1, flags
    )
    tree.setCurrentIndex(found[0])


def test_areas_stand_in_the_gallerys_order_and_own_models_last():
    shown = [row.title for row in rows()]
    assert shown == ["Phones and wearables", "Health", "Art", "My models"]


def test_a_task_shows_what_was_known_when_it_was_open_before():
    health = next(row for row in rows() if row.title == "Health")
    assert health.children[0].detail == "6.5 k parameters"


def test_the_open_task_shows_its_facts_and_its_variants():
    watch = rows(known(Recipe()), known(pruned(0.5)))[0].children[0]
    assert watch.is_open
    assert watch.detail == "176 k parameters · 88.0 % ± 2.0"
    assert [row.detail for row in watch.children] == ["78.0 % · 100 kB"]


def test_kept_variants_stand_first():
    other, kept = known(INT8), known(pruned(0.5), kept=True, name="mine")
    watch = rows(other, kept)[0].children[0]
    assert (watch.children[0].title, watch.children[0].kept) == ("mine", True)


def test_a_tooltip_says_the_verdict_and_its_warnings():
    item = known(pruned(0.5), note="for the shop")
    told = item.measurement.model_copy(update={"warnings": ("Outputs collapsed.",)})
    watch = rows(replace(item, measurement=told))[0].children[0]
    assert "Outputs collapsed." in watch.children[0].tooltip
    assert "for the shop" in watch.children[0].tooltip


def test_a_single_click_on_a_task_opens_it(browser, qtbot):
    browser.show_rows(rows())
    point_at(browser, "Breast mass")
    tree = tree_of(browser)
    with qtbot.waitSignal(browser.network_chosen) as said:
        spot = tree.visualRect(tree.currentIndex()).center()
        qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert said.args == ["gallery:breast"]


def test_enter_on_a_variant_chooses_it(browser, qtbot):
    browser.show_rows(rows(known(pruned(0.5))))
    point_at(browser, "channels −50 %")
    with qtbot.waitSignal(browser.variant_chosen) as said:
        qtbot.keyClick(tree_of(browser), Qt.Key.Key_Return)
    assert said.args == [variant(pruned(0.5)).id]


def test_the_search_shows_matching_variants_below_their_task(browser, qtbot):
    browser.show_rows(rows(known(pruned(0.5)), known(pruned(0.25))))
    field = browser.findChild(QLineEdit)
    qtbot.keyClicks(field, "25 %")
    assert titles(tree_of(browser)) == [
        "Phones and wearables", "Smartwatch exercises", "channels −50 %", "channels −25 %",
    ]  # fmt: skip  # the one that it came from stands above it
    field.clear()
    assert len(titles(tree_of(browser))) == 9


def test_delete_and_keep_have_keys(browser, qtbot):
    browser.show_rows(rows(known(pruned(0.5))))
    point_at(browser, "channels −50 %")
    tree = tree_of(browser)
    tree.setFocus()
    made = variant(pruned(0.5)).id
    with qtbot.waitSignal(browser.keep_requested) as kept:
        qtbot.keyClick(tree, Qt.Key.Key_K)
    assert kept.args == [made, True]
    with qtbot.waitSignal(browser.delete_requested) as deleted:
        qtbot.keyClick(tree, Qt.Key.Key_Delete)
    assert deleted.args == [made]


def test_a_variant_is_renamed_in_place(browser, qtbot):
    browser.show_rows(rows(known(pruned(0.5))))
    point_at(browser, "channels −50 %")
    browser.rename_selected()
    editor = tree_of(browser).viewport().findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "for the shop")
    with qtbot.waitSignal(browser.rename_requested) as said:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert said.args == [variant(pruned(0.5)).id, "for the shop"]


def test_what_is_selected_and_folded_stays_when_variants_come_in(browser):
    browser.show_rows(rows(known(pruned(0.5))))
    tree = tree_of(browser)
    point_at(browser, "channels −50 %")
    health = tree.model().index(1, 0)
    tree.collapse(health)
    browser.show_rows(rows(known(pruned(0.25)), known(pruned(0.5))))
    assert tree.currentIndex().data() == "channels −50 %"
    assert not tree.isExpanded(health)


def test_screen_readers_hear_both_lines_and_whether_it_is_kept(browser):
    browser.show_rows(rows(known(pruned(0.5), kept=True)))
    point_at(browser, "channels −50 %")
    heard = tree_of(browser).currentIndex().data(Qt.ItemDataRole.AccessibleTextRole)
    assert heard == "channels −50 %, 78.0 % · 100 kB, kept"


def test_what_came_of_a_variant_stands_below_it_under_what_was_changed(browser):
    both = Recipe(steps=(*pruned(0.5).steps, *INT8.steps))
    browser.show_rows(rows(known(pruned(0.5)), known(both)))
    tree = tree_of(browser)
    point_at(browser, "channels −50 %, INT8")
    index = tree.currentIndex()
    assert index.parent().data() == "channels −50 %"
    assert shown_title(index.data(RowRole.ROW)) == "+ INT8"
    assert "from “channels −50 %”: + INT8" in index.data(RowRole.ROW).tooltip
    assert tree.isExpanded(index.parent())
    tree.collapse(index.parent())
    browser.show_rows(rows(known(pruned(0.5)), known(both), known(pruned(0.2))))
    assert not tree.isExpanded(index.parent())  # what the user folds stays so


def test_what_differs_in_a_parameter_is_called_as_everywhere_and_its_tooltip_says_in_which():
    control = Recipe(steps=(Step.of("channel-pruning", sparsity=0.5, importance="random"),))
    (first,) = VariantRows().of([known(pruned(0.5)), known(pruned(0.8)), known(control)])
    told = [(shown_title(row), row.tooltip.splitlines()[1]) for row in first.children]
    assert told == [
        ("channels −80 %", "from “channels −50 %”: 50 → 80 % channels removed"),
        ("random channels −50 %", "from “channels −50 %”: random control"),
    ]


def test_a_search_for_a_tag_shows_what_has_it_and_not_what_came_of_it(browser, qtbot):
    both = Recipe(steps=(*pruned(0.5).steps, *INT8.steps))
    browser.show_rows(rows(known(pruned(0.5), tags=("small",)), known(both)))
    qtbot.keyClicks(browser.findChild(QLineEdit), "tag:small")
    assert titles(tree_of(browser))[-1] == "channels −50 %"
    row = browser._current() or rows(known(pruned(0.5), tags=("small",)))[0].children[0].children[0]
    assert row.detail.endswith("· #small")


def test_the_menu_asks_for_notes_and_for_how_a_variant_was_made(browser, qtbot):
    browser.show_rows(rows(known(pruned(0.5))))
    point_at(browser, "channels −50 %")
    made = variant(pruned(0.5)).id
    for name, signal in (("notes", browser.notes_requested), ("making", browser.making_requested)):
        with qtbot.waitSignal(signal) as said:
            browser._actions[name].trigger()
        assert said.args == [made]
    with qtbot.waitSignal(browser.star_requested) as starred:
        browser._actions["star"].trigger()
    assert starred.args == [made, True]


names = st.lists(st.sampled_from("abcdef"), unique=True, max_size=6)


@given(st.lists(names, min_size=1, max_size=4))
def test_whatever_rows_follow_one_another_the_tree_is_the_last(qapp, shown):
    model = BrowserModel()
    for keys in shown:
        model.show_rows([Row(key, "network", key, key.upper()) for key in keys])
    got = [model.index(number, 0).data(RowRole.KEY) for number in range(model.rowCount())]
    assert got == shown[-1]


def test_rows_of_unchanged_variants_are_kept_and_changed_ones_are_made_anew():
    cache, item = VariantRows(), known(pruned(0.5))
    (first,) = cache.of([item])
    assert cache.of([item])[0] is first
    kept = replace(item, mark=Mark(kept=True))
    assert cache.of([kept])[0].kept


def swept(count: int) -> list[ProjectVariant]:
    """Return variants of a sweep, which share all but a number."""
    return [known(pruned(round(0.001 * number, 3))) for number in range(1, count + 1)]


def below_the_task(rows: VariantRows, variants: list[ProjectVariant]) -> tuple[Row, ...]:
    opened = OpenNetwork("gallery:watch", inspection(), figures())
    return browser_rows(TASKS, (), opened, rows.of(variants), {})


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(variant_rows, "BATCH", 20)


def test_very_many_variants_come_in_batches_and_their_words_are_not_made(browser, small_batches):
    cache, variants = VariantRows(), swept(70)
    turns = 0
    while not turns or cache.has_more:
        browser.show_rows(below_the_task(cache, variants))
        turns += 1
        first = browser._model.index_of(f"variant:{variants[0].id}")
        assert browser._model.rowCount(first) == min(20 * turns, 70) - 1
    assert turns == 4
    assert [row for row in cache.of(variants)[0].children if "tooltip" in vars(row)] == []


def test_a_star_and_a_new_variant_touch_nothing_else(browser):
    cache, variants = VariantRows(), swept(50)
    browser.show_rows(below_the_task(cache, variants[:-1]))
    model, told = browser._model, []
    model.dataChanged.connect(lambda index, *_: told.append(("changed", index.data())))
    model.rowsInserted.connect(lambda _, start, end: told.append(("in", start, end)))
    model.rowsRemoved.connect(lambda *_: told.append(("out",)))
    model.modelReset.connect(lambda: told.append(("reset",)))
    variants[7] = replace(variants[7], mark=Mark(starred=True))
    browser.show_rows(below_the_task(cache, variants[:-1]))
    # The row itself, and those it is below: their rows hold it.
    assert {what for what, *_ in told} == {"changed"}
    assert len(told) <= 4
    told.clear()
    browser.show_rows(below_the_task(cache, variants))
    assert [item for item in told if item[0] != "changed"] == [("in", 48, 48)]


def test_what_is_selected_before_it_has_come_is_selected_once_it_is_there(browser, small_batches):
    cache, variants = VariantRows(), swept(50)
    browser.show_rows(below_the_task(cache, variants))
    browser.select_variant(variants[45].id)
    while cache.has_more:
        browser.show_rows(below_the_task(cache, variants))
    assert tree_of(browser).currentIndex().data() == variants[45].title


def test_the_window_takes_all_batches_in(opened, qtbot, small_batches):
    studio = opened.assembly.studio
    studio.open_network("gallery:watch")
    opened.engines.finish_opening()
    recipes = [item.variant.recipe for item in swept(50)]
    studio.session.measure_recipes(recipes, "sweep")
    opened.engines.finish_variants(*recipes)
    model = opened.assembly.browser._model
    last = f"variant:{studio.session.variants()[-1].id}"
    qtbot.waitUntil(lambda: model.index_of(last).isValid())


@given(st.lists(st.permutations("abcdefgh"), min_size=1, max_size=3), st.data())
def test_rows_that_change_their_place_or_parent_end_where_they_belong(qapp, orders, data):
    model = BrowserModel()
    for order in orders:
        cut = data.draw(st.integers(0, 7))
        top, below = order[:cut], order[cut:]
        inner = tuple(Row(key, "variant", key, key) for key in below)
        rows = [Row(key, "network", key, key) for key in top]
        rows.append(Row("parent", "network", "parent", "parent", children=inner))
        model.show_rows(rows)
        got = [model.index(at, 0).data(RowRole.KEY) for at in range(model.rowCount())]
        assert got == [*top, "parent"]
        parent = model.index_of("parent")
        inside = [model.index(at, 0, parent).data(RowRole.KEY) for at in range(len(below))]
        assert inside == list(below)
        assert model.rowCount(parent) == len(below)


def test_parents_found_one_by_one_are_those_found_at_once():
    chain = Recipe(steps=(*pruned(0.5).steps, *INT8.steps))
    variants = [known(chain), *swept(5), known(INT8), known(pruned(0.5)), *swept(9)[5:]]
    step_by_step = Lineage()
    for count in range(1, len(variants) + 1):
        found = dict(step_by_step.parents(variants[:count]))
        assert found == dict(Lineage().parents(variants[:count]))
    assert found[known(chain).id] == known(pruned(0.5)).id
