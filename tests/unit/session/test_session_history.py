"""Undo and redo."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tinystudio.session.history import History

VALUES = st.lists(st.integers(0, 5), max_size=20)


@given(VALUES)
def test_undoing_everything_leads_back_and_redoing_everything_leads_forth(
    values: list[int],
) -> None:
    history = History(-1)
    for value in values:
        history.change(value, "Change")
    last = history.present
    while history.undo():
        pass
    assert history.present == -1
    while history.redo():
        pass
    assert history.present == last


def test_a_drag_is_one_step_and_the_next_drag_another() -> None:
    history = History(0)
    for value in (1, 2, 3):
        history.change(value, "Drag", merge="slider")
    history.stop_merging()
    for value in (4, 5):
        history.change(value, "Drag", merge="slider")
    history.undo()
    assert history.present == 3
    history.undo()
    assert history.present == 0


def test_drags_of_two_sliders_are_two_steps() -> None:
    history = History(0)
    history.change(1, "Drag", merge="first")
    history.change(2, "Drag", merge="second")
    history.undo()
    assert history.present == 1


def test_after_a_new_change_there_is_nothing_to_redo() -> None:
    history = History(0)
    history.change(1, "One")
    history.undo()
    history.change(2, "Two")
    assert history.redo_text is None
    assert history.undo_text == "Two"


def test_a_change_to_the_same_value_is_no_step() -> None:
    history = History(0)
    history.change(0, "Nothing")
    assert history.undo_text is None
