"""The window fits whoever sits before it: sizes, motion, layouts, help, what is taken away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from idle_workers import pruned
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QTreeView
from pytestqt.qtbot import QtBot

from tinystudio.core.glossary import GLOSSARY, as_markdown, term
from tinystudio.gui import dragging, motion, theme
from tinystudio.gui.action_table import ACTIONS
from tinystudio.gui.help_topics import TOPICS, topic_of
from tinystudio.gui.stylesheet import stylesheet
from tinystudio.gui.text_size import text_size
from tinystudio.gui.theme import DARK, LIGHT, Theme
from tinystudio.gui.variant_table import VariantTable
from tinystudio.gui.window import COMPARE_TAB
from tinystudio.jobs.recipe import Recipe

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def as_usual(qapp: QApplication) -> Iterator[None]:
    """Words of the usual size, and motion, after every test."""
    font = qapp.font()
    yield
    text_size().choose(1.0)
    motion.prefer_reduced(False)
    qapp.setFont(font)


def open_watch(opened, qtbot: QtBot) -> None:
    studio = opened.assembly.studio
    studio.open_network("gallery:watch")
    opened.engines.come_up()
    opened.engines.finish_opening()
    studio.edit_recipe(pruned(0.5))
    studio.measure()
    opened.engines.finish_variants(Recipe(), pruned(0.5))
    qtbot.waitUntil(lambda: studio.session.selected is not None)


def do(opened, action: str) -> None:
    opened.window.actions_by_id[action].trigger()


# Size of words, motion


def test_larger_words_are_larger_everywhere_and_remembered(opened) -> None:
    before = text_size().points(8)
    do(opened, "larger-text")
    assert text_size().points(8) > before
    assert QApplication.font().pointSizeF() == pytest.approx(text_size().points(9))
    assert f"font-size: {text_size().points(8):g}pt" in stylesheet(LIGHT)
    assert opened.assembly.remembered.settings.text_scale == text_size().factor
    do(opened, "usual-text")
    assert text_size().points(8) == before
    for _ in range(10):
        do(opened, "smaller-text")
    assert text_size().factor == 0.8


def test_less_motion_keeps_the_style_still_and_is_remembered(opened) -> None:
    if motion.is_reduced():
        pytest.skip("the system asks for it already")
    assert motion.duration_ms(200) == 200
    do(opened, "reduce-motion")
    assert motion.duration_ms(200) == 0
    assert motion.STILL in stylesheet(LIGHT)
    assert opened.assembly.remembered.settings.reduce_motion
    assert opened.window.actions_by_id["reduce-motion"].isChecked()
    do(opened, "reduce-motion")
    assert motion.STILL not in stylesheet(LIGHT)


# Layouts


def test_each_layout_is_as_one_left_it(opened) -> None:
    window, layouts = opened.window, opened.assembly.everyone.layouts
    before = window.tab
    do(opened, "layout-compare")
    assert window.tab == COMPARE_TAB
    assert not window.parts_shown()["show-settings"]
    window.set_part_visible("show-browser", False)
    do(opened, "layout-compress")
    assert all(window.parts_shown().values())
    assert window.tab == before
    do(opened, "layout-compare")
    assert not window.parts_shown()["show-browser"]
    assert window.tab == COMPARE_TAB
    assert layouts.current == "compare"
    assert window.actions_by_id["layout-compare"].isChecked()
    assert set(opened.assembly.remembered.settings.layouts) == {"compare", "compress"}


# Help


def test_f1_explains_the_part_one_is_in_and_its_words(opened, qtbot: QtBot) -> None:
    opened.window.activateWindow()
    qtbot.waitUntil(opened.window.isActiveWindow)
    search = opened.assembly.browser.findChild(QLineEdit)
    search.setFocus()
    do(opened, "context-help")
    page = opened.assembly.everyone.help.page
    told = page.toPlainText()
    assert "Search models and variants" in told
    assert TOPICS["models"].text.split(":")[0] in told
    assert term("variant").text in told
    page.anchorClicked.emit(QUrl("word:recipe"))
    assert term("recipe").text in page.toPlainText()
    page.anchorClicked.emit(QUrl("word:"))
    assert term("zero point").text in page.toPlainText()


def test_f1_in_a_wizard_explains_its_page(opened, qtbot: QtBot) -> None:
    open_watch(opened, qtbot)
    do(opened, "compress")
    wizard = opened.assembly.commands.wizards.compress_wizard
    assert topic_of(wizard.page).title == wizard.page.title
    assert "technique" in topic_of(wizard.page).words
    wizard.close()


def test_every_word_that_is_named_is_explained() -> None:
    named = {word for item in GLOSSARY for word in item.see}
    named |= {word for topic in TOPICS.values() for word in topic.words}
    assert {word for word in named if term(word) is None} == set()
    wanted = ("recipe", "calibration", "per-channel", "zero point", "MACs", "Pareto front", "INT8")
    assert all(term(word) for word in wanted)
    words = [item.word.lower() for item in GLOSSARY]
    assert words == sorted(words)


def test_the_glossary_of_the_documentation_is_the_one_of_the_window() -> None:
    written = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert written == as_markdown(), "run tools/glossary_page.py"


def test_the_sheet_of_shortcuts_has_every_shortcut(opened) -> None:
    before = set(QApplication.topLevelWidgets())
    do(opened, "shortcuts")
    sheet = next(w for w in QApplication.topLevelWidgets() if w not in before)
    words = sheet.findChildren(QLabel)[0].text()
    for spec in ACTIONS:
        if spec.shortcut:
            assert spec.text.removesuffix("…") in words
    for keys in ("F2", "Del", "Ctrl+C"):
        assert keys in words


# What is taken away


def test_figures_are_copied_as_a_table(opened, qtbot: QtBot) -> None:
    open_watch(opened, qtbot)
    do(opened, "copy-table")
    data = QGuiApplication.clipboard().mimeData()
    head, row = data.text().splitlines()
    assert head.split("\t")[:2] == ["variant", "accuracy"]
    assert row.split("\t")[1] == "78.0 %"
    assert "<th>accuracy</th>" in data.html()
    assert opened.notices[-1].gravity == "news"


def test_without_figures_it_is_said_that_nothing_was_copied(opened) -> None:
    opened.assembly.commands.carry_out("copy-table")
    assert opened.notices[-1].title == "Nothing was copied"


def test_a_dragged_row_carries_the_variant_and_its_file(opened, qtbot: QtBot, tmp_path) -> None:
    open_watch(opened, qtbot)
    file = tmp_path / "variant.onnx"
    file.write_bytes(b"onnx")
    model = opened.assembly.runs.findChild(VariantTable) or opened.assembly.runs._model
    model.file_of = lambda _: file
    data = model.mimeData([model.index(1, 0), model.index(1, 1)])
    assert dragging.dragged_variants(data) == [model.variant(1).id]
    assert [url.toLocalFile() for url in data.urls()] == [str(file)]
    tree = opened.assembly.browser.findChild(QTreeView)
    assert tree.dragEnabled()


def test_a_point_is_dragged_and_the_view_stays(opened, qtbot: QtBot) -> None:
    open_watch(opened, qtbot)
    chart, drag = opened.assembly.trade_off.charts[0], opened.assembly.everyone.drags[0]
    qtbot.waitUntil(lambda: len(chart.points) == 2)
    opened.window.show_tab(0)
    opened.window.grab()
    dragged: list[str] = []
    drag.begin = dragged.append
    point, before = chart.points[0], chart.getViewBox().viewRect()
    place = chart.place_of(point)
    qtbot.mousePress(chart.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseMove(chart.viewport(), place + QPoint(30, 20))
    assert dragged == [point.id]
    assert chart.getViewBox().viewRect() == before


def test_a_variant_dropped_on_export_is_exported(opened, qtbot: QtBot) -> None:
    open_watch(opened, qtbot)
    chosen = opened.assembly.studio.session.variants()[1].id
    data = dragging.drag_data([chosen], lambda _: None)
    (button,) = opened.window.export_buttons()
    drop(button, data)
    wizards = opened.assembly.commands.wizards
    assert wizards.export_wizard is not None
    assert wizards.export_wizarded_variant == chosen
    wizards.export_wizard.close()


def test_a_recipe_file_dropped_on_its_panel_becomes_the_recipe(opened, qtbot, tmp_path) -> None:
    open_watch(opened, qtbot)
    path = tmp_path / "half.json"
    path.write_text(pruned(0.25).model_dump_json())
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    drop(opened.assembly.settings, data)
    assert opened.assembly.studio.session.recipe == pruned(0.25)


def drop(widget, data: QMimeData) -> None:
    """Do what the system does: enter, then let go."""
    how = (
        Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )  # fmt: skip
    QApplication.sendEvent(widget, QDragEnterEvent(QPointF(4, 4), *how))
    QApplication.sendEvent(widget, QDropEvent(QPointF(4, 4), *how))


def test_undo_takes_back_whatever_was_noted_of_a_variant(opened, qtbot: QtBot) -> None:
    open_watch(opened, qtbot)
    studio = opened.assembly.studio
    id = studio.session.variants()[1].id
    session = studio.session
    for change in (
        lambda: studio.rename(id, "half"), lambda: studio.star(id), lambda: studio.keep(id),
        lambda: session.annotate(id, "for the watch"), lambda: studio.delete(id),
    ):  # fmt: skip
        before = session.variant(id).mark
        change()
        assert session.undo_text
        studio.undo()
        assert session.variant(id).mark == before


# Colours


# What is left of linear red, green and blue where cones are missing (Viénot, Brettel and Mollon,
# "Digital video colourmaps for checking the legibility of displays by dichromats", 1999).
LMS = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714],
                [0.0299566, 0.184309, 1.46709]])  # fmt: skip
MISSING = {
    "protanopia": np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]]),
    "deuteranopia": np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]]),
}


def seen(colour: str, missing: str) -> np.ndarray:
    """Return a colour as CIELAB, as those see it who lack a kind of cone; "": nobody lacks one."""
    found = QColor(colour)
    shares = np.array([found.redF(), found.greenF(), found.blueF()])
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    if missing:
        linear = np.linalg.inv(LMS) @ MISSING[missing] @ LMS @ linear
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.clip(xyz @ np.clip(linear, 0, 1) / (0.9505, 1.0, 1.089), 1e-6, 1))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("missing", ["", *MISSING])
@pytest.mark.parametrize("shown", [LIGHT, DARK], ids=["light", "dark"])
def test_no_two_series_look_alike_to_anybody(shown: Theme, missing: str) -> None:
    """Another shape, or else a colour that is far enough off for everybody."""
    known = list(theme._known_looks(shown).values())
    known = [
        look for look in known if look.title not in ("predicted front", "plain training (control)")
    ]
    curves = [shown.curve(number) for number in range(6)]
    for looks in (known, curves):
        for number, one in enumerate(looks):
            for other in looks[number + 1 :]:
                apart = np.linalg.norm(seen(one.colour, missing) - seen(other.colour, missing))
                assert one.symbol != other.symbol or apart > 20, (one.title, other.title, apart)
    # Colours alone carry the curves' words: no two of them may be the same to anybody.
    for number, one in enumerate(curves):
        for other in curves[number + 1 :]:
            apart = np.linalg.norm(seen(one.colour, missing) - seen(other.colour, missing))
            assert apart > 8, (one.colour, other.colour, apart)
