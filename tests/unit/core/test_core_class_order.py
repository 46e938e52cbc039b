"""Classes are numbered as somebody says, as the model's file says, else by name."""

from __future__ import annotations

import numpy as np
import pytest

from tinystudio.core.class_order import class_order, joined
from tinystudio.core.delimited import listed
from tinystudio.core.errors import UserError
from tinystudio.core.model_words import classes_in, vocabulary_in

FOUND = ("cat", "dog", "hot dog")


def test_by_name_where_nothing_else_is_said() -> None:
    order = class_order(FOUND, "", (), "title")
    assert order.classes == FOUND
    assert order.label_of == (0, 1, 2)


def test_the_model_orders_them_whatever_its_spelling() -> None:
    order = class_order(FOUND, "", ("Hot_Dog", "bird", "Dog", "CAT"), "title")
    assert order.classes == ("hot dog", "bird", "dog", "cat")
    assert order.relabelled(np.array([0, 1, 2])).tolist() == [3, 2, 0]


def test_the_first_of_several_names_counts() -> None:
    said = ("hot dog, frankfurter", "dog, hound", "cat")
    assert class_order(FOUND, "", said, "title").label_of == (2, 1, 0)


def test_a_model_that_does_not_know_every_class_orders_none() -> None:
    assert class_order(FOUND, "", ("dog", "cat"), "title").classes == FOUND


def test_numbers_say_their_order_themselves() -> None:
    assert class_order(("0", "1"), "", ("1", "0"), "title").label_of == (0, 1)


def test_an_order_that_is_given_goes_first_and_may_have_more() -> None:
    order = class_order(FOUND, "dog, cat, bird, hot dog", ("cat", "dog", "hot dog"), "title")
    assert order.classes == ("dog", "cat", "bird", "hot dog")
    assert order.label_of == (1, 0, 3)


@pytest.mark.parametrize(
    ("given", "words"), [("cat,dog", "'hot dog'"), ("cat,cat,dog,hot dog", "twice")]
)
def test_an_order_that_cannot_be_is_refused(given: str, words: str) -> None:
    with pytest.raises(UserError) as found:
        class_order(FOUND, given, (), "title")
    assert words in found.value.detail


def test_a_list_is_written_as_it_is_read() -> None:
    names = ["a, b", 'say "c"', "d"]
    assert listed(joined(names)) == names


@pytest.mark.parametrize(
    "metadata",
    [
        {"tinystudio.classes": '["cat","dog"]'},
        {"names": "{0: 'cat', 1: 'dog'}"},
        {"id2label": '{"0": "cat", "1": "dog"}'},
        {"label2id": '{"dog": 1, "cat": 0}'},
        {"Labels": "cat,dog"},
        {"class_names": "cat\ndog\n"},
        {"other": "x", "classes": "['cat', 'dog']"},
    ],
)
def test_usual_ways_to_name_classes_are_read(metadata: dict[str, str]) -> None:
    assert classes_in(metadata) == ("cat", "dog")


@pytest.mark.parametrize(
    "text",
    ["", "[", "{0: 'a', 2: 'b'}", "[[1], [2]]", "__import__('os')", "[" * 3000, '{"a": 1.5}'],
)
def test_what_names_nothing_says_nothing(text: str) -> None:
    assert classes_in({"names": text}) == ()


def test_a_vocabulary_may_hold_digits() -> None:
    assert vocabulary_in({"vocab": '{"0": 0, "1": 2, "a": 1}'}) == ("0", "a", "1")
    assert vocabulary_in({"chars": "ab c"}) == ("a", "b", " ", "c")
    assert vocabulary_in({"itos": '["<unk>", "a"]'}) == ("<unk>", "a")
