"""Whose turn it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinystudio.jobs.turns import in_order, moved


@given(st.permutations("abcdef"), st.lists(st.sampled_from("abcdxy")))
def test_no_job_is_lost_and_only_those_that_are_named_move(there: list[str], wanted: list[str]):
    order = in_order(there, wanted)
    assert sorted(order) == sorted(there)
    assert all(job == order[at] for at, job in enumerate(there) if job not in wanted)
    named = [job for job in dict.fromkeys(wanted) if job in there]
    assert [job for job in order if job in named] == named


@pytest.mark.parametrize(
    ("job", "before", "order"),
    [
        ("c", "b", "acbd"), ("c", "a", "cabd"), ("a", "c", "bacd"), ("a", None, "bcda"),
        ("c", "begun", "cabd"), ("gone", "a", "abcd"), ("b", "b", "abcd"),
    ],
)  # fmt: skip
def test_a_job_is_moved_before_another_or_last(job: str, before: str | None, order: str) -> None:
    assert "".join(moved("abcd", job, before)) == order
