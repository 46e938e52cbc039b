"""Energy by the processor's counter and by estimate."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinystudio.measure.energy import estimate_energy, rapl_energy

MACS = st.integers(0, 10**12)
BYTES = st.integers(0, 10**10)
SHARE = st.floats(0, 1)


def test_a_billion_fp32_multiplications_cost_what_horowitz_says() -> None:
    found = estimate_energy(10**9, 0.0, 0, None)
    assert found.mj == pytest.approx(4.6)
    assert found.interval_mj == pytest.approx((4.6 / 3, 4.6 * 3))
    assert found.status == "estimated"
    assert "Horowitz 2014" in found.method


def test_moving_a_word_costs_five_picojoules() -> None:
    assert estimate_energy(0, 0.0, 4 * 10**9, None).mj == pytest.approx(5.0)


@given(MACS, SHARE, SHARE, BYTES)
def test_more_int8_never_costs_more(macs: int, one: float, other: float, moved: int) -> None:
    less, more = sorted((one, other))
    by_less, by_more = (estimate_energy(macs, share, moved, None).mj for share in (less, more))
    assert by_less is not None
    assert by_more is not None
    assert by_more <= by_less * (1 + 1e-9)


@given(MACS, SHARE, BYTES)
def test_the_range_holds_the_estimate(macs: int, share: float, moved: int) -> None:
    found = estimate_energy(macs, share, moved, 1.0)
    assert found.mj is not None
    assert found.interval_mj is not None
    assert found.interval_mj[0] <= found.mj <= found.interval_mj[1]


def test_where_the_multiplications_are_unknown_there_is_no_energy() -> None:
    found = estimate_energy(None, 0.0, 1000, 1.0)
    assert (found.mj, found.interval_mj, found.status) == (None, None, "unavailable")
    assert found.method


def test_a_known_latency_tells_the_power() -> None:
    assert "2.3 W" in estimate_energy(10**9, 0.0, 0, 2.0).method


class Machine:
    """A processor of `idle_w` watts whose calls last 1 ms and cost `call_mj` more."""

    LIMIT_UJ = 3_000_000

    def __init__(self, root: Path, idle_w: float, call_mj: float) -> None:
        self.idle_w, self.call_mj = idle_w, call_mj
        self.now, self.used_uj = 0.0, 2_900_000.0
        self.package = root / "intel-rapl:0"
        self.package.mkdir()
        (self.package / "max_energy_range_uj").write_text(f"{self.LIMIT_UJ}\n")
        self.rest(0)
        part = root / "intel-rapl:0:0"
        part.mkdir()
        (part / "energy_uj").write_text("no number\n")

    def rest(self, seconds: float) -> None:
        self.now += seconds
        self._use(self.idle_w * seconds * 1e6)

    def call(self) -> None:
        self.rest(0.001)
        self._use(self.call_mj * 1000)

    def _use(self, uj: float) -> None:
        self.used_uj += uj
        (self.package / "energy_uj").write_text(f"{int(self.used_uj) % self.LIMIT_UJ}\n")


@pytest.mark.parametrize("call_mj", [0.5, 5.0])
def test_the_counter_gives_the_energy_of_a_call_without_the_idle_power_though_it_starts_again(
    call_mj: float, tmp_path: Path
) -> None:
    machine = Machine(tmp_path, idle_w=3.0, call_mj=call_mj)
    found = rapl_energy(machine.call, 1.0, tmp_path, machine.rest, lambda: machine.now)
    assert found is not None
    assert found.mj is not None
    assert found.interval_mj is not None
    assert found.mj == pytest.approx(call_mj, rel=1e-3)
    assert found.interval_mj[0] <= found.mj <= found.interval_mj[1]
    assert found.status == "measured"
    assert machine.used_uj > machine.LIMIT_UJ


def test_calls_that_do_not_stand_out_from_idling_have_no_energy(tmp_path: Path) -> None:
    machine = Machine(tmp_path, idle_w=3.0, call_mj=-0.001)
    found = rapl_energy(machine.call, 1.0, tmp_path, machine.rest, lambda: machine.now)
    assert found is not None
    assert (found.mj, found.status) == (None, "unavailable")


def test_without_a_readable_counter_nothing_is_measured_and_nothing_run(tmp_path: Path) -> None:
    (tmp_path / "intel-rapl:0").mkdir()

    def call() -> None:
        raise AssertionError("run without need")

    assert rapl_energy(call, root=tmp_path) is None
    assert rapl_energy(call, root=tmp_path / "missing") is None
