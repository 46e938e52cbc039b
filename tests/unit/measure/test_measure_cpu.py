"""The processor and its instructions are read from what the system tells."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tinystudio.measure import cpu

INTEL = """processor\t: 0
model name\t: Some(R) Processor 8 @ 2.1GHz
flags\t\t: fpu avx2 avx512f avx512_vnni amx_int8
"""
OLD = "model name : Old One\nflags : fpu sse2 avx2\n"
ARM = "Model\t\t: A Board Rev 1.1\nFeatures\t: fp asimd asimddp\n"


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Have every test read anew, and the others after it."""
    for _ in range(2):
        cpu.cpu_name.cache_clear()
        cpu.instruction_sets.cache_clear()
        if _ == 0:
            yield


def pretend(monkeypatch: pytest.MonkeyPatch, told: str, system: str = "linux") -> None:
    monkeypatch.setattr(cpu, "_cpuinfo", lambda: told)
    monkeypatch.setattr(sys, "platform", system)


@pytest.mark.parametrize(
    ("told", "name", "sets", "direct"),
    [
        (INTEL, "Some(R) Processor 8 @ 2.1GHz",
         ("AVX2", "AVX512", "AVX512-VNNI", "AMX-INT8"), True),
        (OLD, "Old One", ("AVX2",), False),
        (ARM, "A Board Rev 1.1", ("NEON", "NEON dot product"), True),
    ],
)  # fmt: skip
def test_name_and_instructions_are_those_that_linux_tells(
    monkeypatch: pytest.MonkeyPatch, told: str, name: str, sets: tuple[str, ...], direct: bool
) -> None:
    pretend(monkeypatch, told)
    assert cpu.cpu_name() == name
    assert cpu.instruction_sets() == sets
    assert cpu.multiplies_int8_directly() is direct


def test_where_the_system_tells_nothing_nothing_is_claimed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pretend(monkeypatch, "", "win32")
    assert cpu.instruction_sets() == ()
    assert cpu.multiplies_int8_directly() is None
    assert cpu.cpu_name()


def test_an_apple_computer_is_asked_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, "", "darwin")
    told = {"machdep.cpu.brand_string": "Apple M9", "machdep.cpu.leaf7_features": ""}
    monkeypatch.setattr(cpu, "_sysctl", told.__getitem__)
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert cpu.cpu_name() == "Apple M9"
    assert cpu.instruction_sets() == ("NEON", "NEON dot product")


@pytest.mark.parametrize("error", [OSError("none"), subprocess.CalledProcessError(1, "sysctl")])
def test_a_question_that_fails_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(subprocess, "run", fail)
    assert cpu._sysctl("machdep.cpu.brand_string") == ""


def test_this_machine_has_a_name() -> None:
    assert cpu.cpu_name().strip() == cpu.cpu_name() != ""
