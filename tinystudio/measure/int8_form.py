"""Which 8-bit types fit the processor that will run a network, and why."""

from __future__ import annotations

from typing import Literal

from tinystudio.measure.cpu import VNNI, cpu_name, instruction_sets, multiplies_int8_directly
from tinystudio.solvers.quantizing import Int8Form

Processor = Literal["this", "avx2", "arm", "cortex-m"]

_OVERFLOW = "without VNNI, 8-bit products are added in 16 bits, which 8-bit weights can overflow"
_KNOWN: dict[Processor, tuple[Int8Form, str]] = {
    "avx2": (
        Int8Form(seven_bits=True),
        f"unsigned activations, signed 7-bit weights: {_OVERFLOW}",
    ),
    "arm": (
        Int8Form(weights="uint8"),
        "unsigned activations and weights: the dot product of ARM takes two of a kind",
    ),
    "cortex-m": (
        Int8Form(activations="int8"),
        "signed activations and weights: what CMSIS-NN and TFLite Micro take; slower on x86",
    ),
}


def int8_form(processor: Processor, seven_bits: bool) -> tuple[Int8Form, str]:
    """Return the form for this processor, and a note that says why; `seven_bits` asks for them.

    "this" is the one the program runs on. Where its instructions are not known, weights get 7
    bits, which are right on every processor.
    """
    form, why = _of_this() if processor == "this" else _KNOWN[processor]
    if seven_bits and not form.seven_bits:
        form = Int8Form(form.activations, form.weights, seven_bits=True)
        why = f"{why}; 7-bit weights as asked"
    return form, why


def _of_this() -> tuple[Int8Form, str]:
    sets = instruction_sets()
    if not sets:
        form = Int8Form(seven_bits=True)
        return form, "7-bit weights: the instructions of this processor are not known"
    if any(name.startswith("NEON") for name in sets):  # without a dot product neither overflows
        return _KNOWN["arm"]
    if multiplies_int8_directly():
        fast = next(name for name in reversed(sets) if name in VNNI)
        return Int8Form(), f"unsigned activations, signed weights: {cpu_name()} has {fast}"
    return _KNOWN["avx2"][0], f"7-bit weights on {cpu_name()}: {_OVERFLOW}"
