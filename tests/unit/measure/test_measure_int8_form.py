"""The 8-bit types follow from the processor, and the reason is told."""

from __future__ import annotations

import pytest

from tinystudio.measure import cpu
from tinystudio.measure import int8_form as forms
from tinystudio.solvers.quantizing import Int8Form


@pytest.mark.parametrize(
    ("sets", "form", "word"),
    [
        (("AVX2", "AVX512", "AVX512-VNNI"), Int8Form(), "AVX512-VNNI"),
        (("NEON", "NEON dot product"), Int8Form(weights="uint8"), "ARM"),
        (("NEON",), Int8Form(weights="uint8"), "ARM"),
        (("AVX2",), Int8Form(seven_bits=True), "overflow"),
        ((), Int8Form(seven_bits=True), "not known"),
    ],
)
def test_this_processor_gets_the_types_that_it_multiplies_without_overflow(
    monkeypatch: pytest.MonkeyPatch, sets: tuple[str, ...], form: Int8Form, word: str
) -> None:
    for place in (forms, cpu):
        monkeypatch.setattr(place, "instruction_sets", lambda: sets)
    found, why = forms.int8_form("this", seven_bits=False)
    assert found == form
    assert word in why


@pytest.mark.parametrize("processor", ["avx2", "arm", "cortex-m"])
def test_7_bits_are_given_when_asked_for(processor: forms.Processor) -> None:
    form, why = forms.int8_form(processor, seven_bits=True)
    assert form.seven_bits
    assert "7-bit" in why
