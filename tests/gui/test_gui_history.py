"""Notes, tags and how a variant was made, in the real window."""

from __future__ import annotations

from idle_workers import pruned, variant
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton

from tinystudio.gui.making_card import COPIED
from tinystudio.jobs.recipe import Recipe
from tinystudio.session.reproducing import making_of

MADE = pruned(0.5)
ID = variant(MADE).id


def open_with_a_variant(opened):
    studio = opened.assembly.studio
    studio.open_network("gallery:watch")
    opened.engines.finish_opening()
    studio.edit_recipe(MADE)
    studio.measure()
    opened.engines.finish_variants(Recipe(), MADE)
    return opened.assembly.commands


def test_what_is_typed_is_saved_shown_and_taken_back_as_one(opened, qtbot):
    commands, studio = open_with_a_variant(opened), opened.assembly.studio
    commands.history.note(ID)
    card = commands.history.notes
    qtbot.keyClicks(card._tags, "small, phone")
    qtbot.keyClicks(card._note, "for the shop")
    card.save()
    mark = studio.session.variant(ID).mark
    assert (mark.tags, mark.note) == (("small", "phone"), "for the shop")
    qtbot.keyClicks(card._note, ", again")
    qtbot.keyClick(card, Qt.Key.Key_Escape)  # closing saves what was typed last
    assert studio.session.variant(ID).mark.note == "for the shop, again"
    assert commands.history.notes is None
    studio.undo()
    assert studio.session.variant(ID).mark.note == ""


def test_undo_is_seen_in_an_open_card_and_a_deleted_variant_closes_it(opened, qtbot):
    commands, studio = open_with_a_variant(opened), opened.assembly.studio
    studio.session.annotate(ID, "before")
    commands.history.note(ID)
    studio.undo()
    qtbot.waitUntil(lambda: commands.history.notes._note.toPlainText() == "")
    studio.delete(ID)
    qtbot.waitUntil(lambda: commands.history.notes is None)


def test_the_run_table_finds_tags(opened, qtbot):
    open_with_a_variant(opened)
    opened.assembly.studio.session.tag(ID, ("small",))
    runs = opened.assembly.runs
    qtbot.waitUntil(lambda: runs._model.rowCount() == 2)
    qtbot.keyClicks(runs._search, "tag:small")
    assert (runs._sorted.rowCount(), runs._count.text()) == (1, "1 of 2 shown")
    runs._search.clear()
    assert runs._count.text() == "1 variant and the original"


def test_how_it_was_made_is_shown_and_copied(opened, qtbot):
    commands = open_with_a_variant(opened)
    opened.assembly.studio.choose_variant(ID)
    commands.carry_out("making")
    card = commands.history.making
    shown = [field.toPlainText() for field in card.findChildren(QPlainTextEdit)]
    making = making_of(variant(MADE))
    assert shown == [making.command, making.python]
    command = card.findChildren(QPlainTextEdit)[0]
    command.selectAll()
    command.copy()
    assert QGuiApplication.clipboard().text() == making.command
    buttons = card.findChildren(QPushButton)
    copy = next(button for button in buttons if button.accessibleName() == "Copy the Python")
    copy.click()
    assert QGuiApplication.clipboard().text() == making.python
    assert copy.text() == COPIED
