"""Forms: what is put in comes out, and what the hand does is said once."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from tinystudio.core.params import Kind, Params, choice, describe, integer, number, switch
from tinystudio.exporters import targets
from tinystudio.gui.forms.form import ParamForm
from tinystudio.gui.forms.scale import Scale
from tinystudio.techniques import techniques


class Example(Params):
    """Every kind of parameter once."""

    share: float = number(
        0.5, title="Share", help="How much.", ge=0.0, le=0.95, step=0.05, unit="%"
    )
    count: int = integer(16, title="Count", help="How many.", ge=1, le=64)
    way: Literal["a", "b"] = choice("a", title="Way", help="Which.", titles={"a": "A", "b": "B"})
    repair: bool = switch(True, title="Repair", help="Whether.")
    damping: float = number(
        0.01, title="Damping", help="For experts.", ge=0.0, le=1.0, step=0.01, advanced=True
    )


PARTS = [*techniques().values(), *targets().values()]


@pytest.fixture
def form(qtbot: QtBot) -> ParamForm:
    shown = ParamForm.of(Example, "Example")
    qtbot.addWidget(shown)
    shown.resize(320, 400)
    shown.show()
    return shown


def collect(form: ParamForm) -> list[tuple[bool, dict[str, Any]]]:
    """Return a list that fills with (committed, values)."""
    said: list[tuple[bool, dict[str, Any]]] = []
    form.value_moved.connect(lambda values: said.append((False, values)))
    form.value_committed.connect(lambda values: said.append((True, values)))
    return said


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.id)
def test_every_parts_form_starts_with_its_defaults(qtbot: QtBot, part: Any) -> None:
    form = ParamForm.of(part.params, part.title)
    qtbot.addWidget(form)
    assert part.params(**form.values()) == part.params()
    assert form.is_default()
    assert form.complaint() == ""


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.id)
def test_every_parts_form_gives_back_exactly_what_was_put_in(qtbot: QtBot, part: Any) -> None:
    form = ParamForm.of(part.params, part.title)
    qtbot.addWidget(form)
    for extreme in ("minimum", "maximum", "between"):
        values = {spec.name: _value(spec, extreme) for spec in describe(part.params)}
        said = collect(form)
        form.set_values(values)
        assert form.values() == values
        assert not said


def _value(spec: Any, extreme: str) -> Any:
    if spec.kind is Kind.SWITCH:
        return extreme == "minimum"
    if spec.kind is Kind.CHOICE:
        return spec.choices[-1 if extreme == "maximum" else 0][0]
    if spec.kind is Kind.TABLE:
        return {} if extreme == "minimum" else {"conv1": {"keep": 8, "bits": "w4"}}
    if spec.kind is Kind.MODEL:
        return "" if extreme == "minimum" else "/models/large.onnx"
    if extreme != "between":
        bound = getattr(spec, extreme)
        return int(bound) if spec.kind is Kind.INTEGER else bound
    middle = (spec.minimum + spec.maximum) / 2.0173  # between two steps
    return round(middle) if spec.kind is Kind.INTEGER else middle


def test_a_value_between_two_steps_is_shown_with_its_digits(form: ParamForm) -> None:
    form.set_values({"share": 0.3333})
    assert form.values()["share"] == 0.3333
    assert form.field("share")._edit.text() == "33.33 %"


def test_dragging_says_moved_until_the_mouse_lets_go(qtbot: QtBot, form: ParamForm) -> None:
    said = collect(form)
    slider = form.field("share")._slider
    y, right = slider.height() // 3, slider.width()
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(right // 4, y))
    qtbot.mouseMove(slider, QPoint(right // 2, y))
    qtbot.mouseMove(slider, QPoint(right, y))
    assert said
    assert not any(committed for committed, _ in said)
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(right, y))
    assert said[-1] == (True, said[-2][1])
    assert said[-1][1]["share"] == 0.95


def test_arrow_keys_move_one_step_and_page_keys_more(qtbot: QtBot, form: ParamForm) -> None:
    said = collect(form)
    slider = form.field("share")._slider
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert said == [(False, {**form.values(), "share": 0.55}), (True, form.values())]
    qtbot.keyClick(slider, Qt.Key.Key_PageDown)
    assert form.values()["share"] < 0.5


def test_a_value_can_be_typed(qtbot: QtBot, form: ParamForm) -> None:
    said = collect(form)
    edit = form.field("share")._edit
    edit.selectAll()
    qtbot.keyClicks(edit, "37,5")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert form.values()["share"] == 0.375
    assert said[-1][0]


@pytest.mark.parametrize(
    ("text", "why"), [("120", "at most 95 %"), ("-3", "at least 0 %"), ("much", "not a number")]
)
def test_a_wrong_value_is_refused_in_words(
    qtbot: QtBot, form: ParamForm, text: str, why: str
) -> None:
    said = collect(form)
    edit = form.field("share")._edit
    edit.selectAll()
    qtbot.keyClicks(edit, text)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert why in form.field("share").complaint()
    assert form.field("share")._complaint.isVisible()
    assert form.values()["share"] == 0.5
    assert not said


def test_reset_brings_back_the_default_and_says_so(qtbot: QtBot, form: ParamForm) -> None:
    form.set_values({"way": "b", "count": 3})
    assert form.field("count")._reset.isVisible()
    said = collect(form)
    qtbot.mouseClick(form.field("count")._reset, Qt.MouseButton.LeftButton)
    assert said[-1][1]["count"] == 16
    form.reset()
    assert form.is_default()
    assert said[-1][1]["way"] == "a"


def test_advanced_parameters_are_folded_away(form: ParamForm) -> None:
    assert not form.field("damping").isVisible()
    assert form.field("share").isVisible()
    form._advanced.toggleButton().click()
    assert form.field("damping").isVisible()
    assert form.field("damping").height() > 20


def test_the_wheel_scrolls_the_panel_and_changes_nothing(qtbot: QtBot, form: ParamForm) -> None:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    for name in ("share", "way"):
        field = form.field(name)
        widget = field.focused
        wheel = QWheelEvent(
            QPointF(5, 5), QPointF(widget.mapToGlobal(QPoint(5, 5))), QPoint(0, -120),
            QPoint(0, -120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, wheel)
        assert not wheel.isAccepted()
    assert form.is_default()


def test_every_field_has_a_name_and_a_help_for_screen_readers(form: ParamForm) -> None:
    for spec in describe(Example):
        field = form.field(spec.name)
        assert field.focused.accessibleName() == spec.title
        assert field._help.accessibleDescription() == spec.help


@pytest.mark.parametrize(
    ("scale", "ticks"),
    [
        (Scale(1, 64, 1, "", True), list(range(8, 65, 8))),
        (Scale(1, 50, 1, "", True), list(range(5, 51, 5))),
        (Scale(0.05, 1.0, 0.05, "%", False), [share / 10 for share in range(1, 11)]),
        (Scale(0.0, 0.95, 0.01, "%", False), [share / 10 for share in range(10)]),
    ],
    ids=["halves", "ones", "shares", "from-zero"],
)
def test_ticks_stand_at_round_values(scale: Scale, ticks: list[float]) -> None:
    assert [scale.value(at) for at in scale.ticks()] == ticks


@given(
    low=st.floats(-100, 100), width=st.floats(0.01, 500), steps=st.integers(1, 300),
    data=st.data(),
)  # fmt: skip
def test_a_scales_steps_come_back_from_their_values(
    low: float, width: float, steps: int, data: st.DataObject
) -> None:
    scale = Scale(round(low, 3), round(low, 3) + width, width / steps, "", False)
    position = data.draw(st.integers(0, scale.positions))
    value = scale.value(position)
    assert scale.minimum - 1e-9 <= value <= scale.maximum + 1e-9
    assert abs(scale.position(value) - position) <= (position == scale.positions)


@given(
    st.sampled_from([0.01, 0.05, 0.1, 1.0, 8.0]), st.integers(0, 100), st.sampled_from(["%", ""])
)
def test_what_a_scale_shows_it_can_read(step: float, position: int, unit: str) -> None:
    scale = Scale(0.0, step * 100, step, unit, step >= 1)
    value = scale.value(position)
    assert scale.read(scale.text(value)) == pytest.approx(value, rel=1e-6)
