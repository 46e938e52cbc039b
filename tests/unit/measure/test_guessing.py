"""A model that guesses is told apart from one whose classes are only numbered otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from tinystudio.measure.guessing import CHECK, guessing_doubt

CLASSES = ("ant", "bee", "cat", "dog")


def answering(answers: np.ndarray) -> np.ndarray:
    return np.eye(len(CLASSES), dtype=np.float32)[answers]


def labels(count: int = 200) -> np.ndarray:
    return np.random.default_rng(0).integers(0, len(CLASSES), count)


@pytest.mark.parametrize("wrong", [0.0, 0.3, 0.6])
def test_a_model_that_knows_something_is_not_doubted(wrong: float) -> None:
    truth, draw = labels(), np.random.default_rng(1)
    answers = np.where(draw.uniform(size=200) < wrong, draw.integers(0, 4, 200), truth)
    assert guessing_doubt(answering(answers), truth, CLASSES) is None


def test_a_model_that_guesses_is_told_with_what_to_check() -> None:
    answers = np.random.default_rng(2).integers(0, 4, 200)
    found = guessing_doubt(answering(answers), labels(), CLASSES)
    assert found is not None
    assert f"right for {(answers == labels()).sum()} of 200" in found.detail
    assert found.hint == CHECK


def test_classes_in_another_order_are_named() -> None:
    found = guessing_doubt(answering((labels() + 1) % 4), labels(), CLASSES)
    assert found is not None
    assert "another order it would be right for 200" in found.detail
    assert "0 is 'dog', 1 is 'ant'" in found.hint
    assert found.order == ("dog", "ant", "bee", "cat")


def test_a_class_that_is_never_answered_takes_the_place_left() -> None:
    truth = labels()
    never = np.where((truth + 1) % 4 == 2, 3, (truth + 1) % 4)
    found = guessing_doubt(answering(never), truth, CLASSES)
    assert found is not None
    assert sorted(found.order) == sorted(CLASSES)
    assert found.order[:2] == ("dog", "ant")


def test_an_order_is_only_named_where_there_is_a_name_for_every_answer() -> None:
    outputs = np.eye(5, dtype=np.float32)[(labels() + 1) % 4]
    found = guessing_doubt(outputs, labels(), CLASSES)
    assert found is not None
    assert found.order == ()


def test_one_class_for_everything_is_no_other_order() -> None:
    found = guessing_doubt(answering(np.full(200, 3)), labels(), CLASSES)
    assert found is not None
    assert found.hint == CHECK


def test_few_samples_and_outputs_that_are_no_classes_say_nothing() -> None:
    assert guessing_doubt(answering(np.zeros(9, int)), labels(9), CLASSES) is None
    assert guessing_doubt(np.zeros((200, 1)), labels(), ()) is None
    assert guessing_doubt(np.zeros((200, 4, 8, 8)), labels(), CLASSES) is None


def test_classes_without_names_have_numbers() -> None:
    found = guessing_doubt(answering((labels() + 2) % 4), labels(), ())
    assert found is not None
    assert "0 is class 2" in found.hint
