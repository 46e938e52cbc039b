"""One declaration of a parameter serves every reader of it."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinystudio.core.errors import UserError
from tinystudio.core.params import (
    Kind,
    Params,
    choice,
    describe,
    integer,
    model,
    number,
    parse_params,
    switch,
)


class Example(Params):
    """One parameter of each kind."""

    share: float = number(0.5, title="Share", help="How much", ge=0, le=0.9, step=0.05, unit="%")
    count: int = integer(4, title="Count", help="How many", ge=1, le=64, advanced=True)
    scope: Literal["layer", "network"] = choice(
        "layer", title="Scope", help="Where", titles={"layer": "Each layer", "network": "All"}
    )
    repair: bool = switch(True, title="Repair", help="Whether")


def test_every_parameter_is_described_in_its_order() -> None:
    share, count, scope, repair = describe(Example)
    assert (share.name, share.kind, share.minimum, share.maximum) == ("share", Kind.NUMBER, 0, 0.9)
    assert (share.default, share.step, share.unit, share.advanced) == (0.5, 0.05, "%", False)
    assert (count.kind, count.minimum, count.maximum, count.step) == (Kind.INTEGER, 1, 64, 1)
    assert count.advanced
    assert scope.choices == (("layer", "Each layer"), ("network", "All"))
    assert (repair.kind, repair.default) == (Kind.SWITCH, True)


class Named(Params):
    """A model to be named."""

    teacher: str = model(title="Teacher", help="Who teaches.", empty="The original", later=True)


def test_a_model_is_described_by_what_is_taken_where_none_is_named() -> None:
    (teacher,) = describe(Named)
    assert (teacher.kind, teacher.default) == (Kind.MODEL, "")
    assert teacher.choices == (("", "The original"),)


def test_parameters_tell_which_models_they_name() -> None:
    assert Named().models == ()
    assert Named(teacher="a/b.onnx").models == ("a/b.onnx",)
    assert Named(teacher="a/b.onnx").with_models(str.upper) == Named(teacher="A/B.ONNX")
    assert Named().with_models(lambda _: "other") == Named()
    assert Named().written() == {}


def test_what_cannot_name_a_model_is_refused() -> None:
    with pytest.raises(UserError, match="teacher is 5; it must be gallery:TASK or the path"):
        parse_params(Named, {"teacher": 5}, "The example")


def test_a_parameter_without_a_text_is_refused() -> None:
    class Bare(Params):
        share: float = 0.5

    with pytest.raises(TypeError, match="share needs a default, a title and a help text"):
        describe(Bare)


@given(st.floats(0, 0.9), st.integers(1, 64), st.sampled_from(["layer", "network"]), st.booleans())
def test_values_within_bounds_are_taken_also_as_words(
    share: float, count: int, scope: str, repair: bool
) -> None:
    values = {"share": share, "count": count, "scope": scope, "repair": repair}
    parsed = parse_params(Example, values, "The example")
    assert parsed.model_dump() == values
    words = {name: str(value) for name, value in values.items()}
    assert parse_params(Example, words, "The example") == parsed


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"share": 0.95}, "share is 0.95; it must be between 0 and 0.9"),
        ({"share": float("nan")}, "share is nan; it must be between 0 and 0.9"),
        ({"count": 0}, "count is 0; it must be between 1 and 64"),
        ({"count": 2.5}, "count is 2.5; it must be between 1 and 64"),
        ({"scope": "galaxy"}, "scope is 'galaxy'; it can be layer, network"),
        ({"repair": "perhaps"}, "repair is 'perhaps'; it can be true or false"),
        ({"colour": 1}, "there is no parameter 'colour' (there are: share, count, scope, repair)"),
    ],
)
def test_a_wrong_value_is_told_with_what_would_be_right(values: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match="The example was not set up") as caught:
        parse_params(Example, values, "The example")
    assert said in caught.value.detail


def test_all_wrong_values_are_told_at_once() -> None:
    with pytest.raises(UserError) as caught:
        parse_params(Example, {"share": 2, "count": 100}, "The example")
    assert "share is 2" in caught.value.detail
    assert "count is 100" in caught.value.detail


class Grown(Params):
    """A part that was released with `size` and got `colour` later."""

    size: int = integer(3, title="Size", help="How large it is.", ge=1, le=9)
    colour: Literal["red", "blue"] = choice(
        "red", title="Colour", help="Which it has.", titles={"red": "Red", "blue": "Blue"},
        later=True,
    )  # fmt: skip


def test_what_was_added_later_is_written_only_where_it_changes_something() -> None:
    assert Grown().written() == {"size": 3}
    assert Grown(colour="blue").written() == {"size": 3, "colour": "blue"}
    assert Grown.model_validate(Grown().written()) == Grown()
