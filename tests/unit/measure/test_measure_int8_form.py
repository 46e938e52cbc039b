"""The 8-bit types follow from the processor, and the reason is told."""

from __future__ import annotations

import pytest

from tinystudio.measure import int8_form as forms
from tinystudio.solvers.quantizing import Int8Form


@pytest.mark.parametrize(
    ("sets", "seven", "word"),
    [
        (("AVX2", "AVX512", "AVX512-VNNI"), False, "AVX512-VNNI"),
        (("NEON", "NEON dot product"), False, "NEON dot product"),
        (("AVX2",), True, "overflow"),
        ((), True, "not known"),
    ],
)
def test_this_processor_gets_7_bits_where_8_could_overflow(
    monkeypatch: pytest.MonkeyPatch, sets: tuple[str, ...], seven: bool, word: str
) -> None:
    direct = None if not sets else len(sets) > 1
    monkeypatch.setattr(forms, "instruction_sets", lambda: sets)
    monkeypatch.setattr(forms, "multiplies_int8_directly", lambda: direct)
    form, why = forms.int8_form("this", seven_bits=False)
    assert form == Int8Form(seven_bits=seven)
    assert word in why


@pytest.mark.parametrize("processor", ["avx2", "arm", "cortex-m"])
def test_7_bits_are_given_when_asked_for(processor: forms.Processor) -> None:
    form, why = forms.int8_form(processor, seven_bits=True)
    assert form.seven_bits
    assert "7-bit" in why
