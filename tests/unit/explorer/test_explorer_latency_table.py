"""A table of single layers tells what whole networks take, where times are as it supposes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import onnxruntime
import pytest
from fabricated_times import CALL_US, PER_CONVERTED, Timer
from latency_examples import SIZE, branching, chosen, space, table, true_ms

from tinystudio.core.data import Array
from tinystudio.core.errors import Cancelled
from tinystudio.core.reporter import Silent
from tinystudio.explorer.latency_building import (
    WHOLE,
    build_latency_table,
    fitted,
    random_choices,
)
from tinystudio.explorer.latency_table import LatencyTable


def test_networks_it_has_not_seen_are_forecast() -> None:
    unseen = random_choices(space(), 40, 99)
    true = np.array([true_ms(choice) for choice in unseen])
    off = np.abs(table().predict_many(space(), unseen) / true - 1)
    assert off.mean() < 0.02
    assert off.max() < 0.1


def test_overhead_and_slope_are_found() -> None:
    assert table().overhead_us == pytest.approx(CALL_US, rel=0.1)
    assert table().slope == pytest.approx(1, rel=0.05)


def test_the_interval_is_around_the_forecast() -> None:
    latency_ms, (low, high) = table().predict(space(), space().original)
    assert low < latency_ms < high
    assert high / latency_ms - 1 == pytest.approx(table().error)


def test_weights_alone_in_fewer_bits_take_as_long_as_float() -> None:
    weights_only = space().choice({}, {item.node: "w8" for item in space().layers})
    assert weights_only is not None
    assert table().predict(space(), weights_only) == table().predict(space(), space().original)


def test_a_tensor_is_converted_once_however_many_read_it() -> None:
    def spared(ms: Callable[[Array], float]) -> float:
        """Return by how much two readers in INT8 cost less than each alone."""
        none, left, right, both = (
            ms(chosen(int8=names)) for names in ((), ("left",), ("right",), ("left", "right"))
        )
        return (left - none) + (right - none) - (both - none)

    forecast = spared(lambda choice: table().predict(space(), choice)[0])
    assert forecast == pytest.approx(spared(true_ms), rel=0.3)
    assert forecast > 2 * PER_CONVERTED * 32 * SIZE * SIZE / 1e3


def test_all_layers_in_int8_pay_for_no_conversion_between_them() -> None:
    every = chosen(int8=tuple(item.node for item in space().layers))
    assert table().predict(space(), every)[0] == pytest.approx(true_ms(every), rel=0.05)


def test_a_layer_that_reads_several_groups_follows_their_channels() -> None:
    mixed = table().segment("mixed")
    assert set(mixed.reads) == {"left", "right"}
    assert mixed.channels[0] == 80
    halved = chosen({"right": 16})
    whole = table().predict(space(), space().original)[0]
    assert table().predict(space(), halved)[0] == pytest.approx(true_ms(halved), rel=0.03)
    assert table().predict(space(), halved)[0] < whole


def test_a_depthwise_layer_follows_the_group_it_passes_on() -> None:
    passed = table().segment("depthwise")
    assert passed.reads == ()
    assert passed.makes is not None
    times = table().layer_us("depthwise")
    levels = len(space().groups[space().group_index[passed.makes]].levels)
    assert times.shape == (1, levels, 2)
    assert (np.diff(times[0, :, 0]) <= 1e-9).all()


def test_times_fall_in_steps_with_the_channels_made() -> None:
    times = table().layer_us("first")[0, :, 0]  # 48, 40, 32, 24, 16, 8 channels, 16 at a time
    assert times[0] == pytest.approx(times[1], rel=0.05)
    assert times[2] == pytest.approx(times[3], rel=0.05)
    assert times[1] > 1.2 * times[2] > 1.2 * times[4]


def test_the_table_survives_json() -> None:
    again = LatencyTable.model_validate_json(table().model_dump_json())
    unseen = random_choices(space(), 5, 7)
    np.testing.assert_array_equal(
        again.predict_many(space(), unseen), table().predict_many(space(), unseen)
    )


def test_layers_and_joints_add_up_to_the_forecast() -> None:
    choice = chosen({"first": 16}, int8=("first",))
    total, found = table().overhead_us, table()
    levels = dict(zip((group.id for group in space().groups), choice, strict=False))
    kinds = {node: int(kind == "w8a8") for node, kind in space().precisions(choice).items()}
    for segment in found.segments:
        row = levels[segment.reads[0]] if len(segment.reads) == 1 else 0
        column = levels[segment.makes] if segment.makes else 0
        total += found.layer_us(segment.node)[row, column, kinds[segment.node]]
        joint = found.joint(segment.node)
        if joint is not None:
            level = levels[joint.group] if joint.group else 0
            readers = sum(kinds[name] << bit for bit, name in enumerate(joint.consumers))
            total += found.joint_us(segment.node)[level, kinds[segment.node], readers]
    assert total / 1e3 == pytest.approx(found.predict(space(), choice)[0])


def test_everything_it_asks_to_time_runs() -> None:
    timer = Timer()
    build_latency_table(branching(), space(), None, Silent(), 0, timer=timer)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    for item in timer.asked:
        session = onnxruntime.InferenceSession(item.data, options, ["CPUExecutionProvider"])
        assert all(np.isfinite(result).all() for result in session.run(None, item.inputs))


def test_equal_layers_are_timed_once() -> None:
    timer = Timer()
    build_latency_table(branching(), space(), None, Silent(), 0, timer=timer)
    layers = timer.asked[:-WHOLE]
    assert len({item.data for item in layers}) == len(layers)


def test_the_fit_finds_a_line_and_is_not_too_sure() -> None:
    sums = np.linspace(10, 100, 16)
    overhead, slope, error = fitted(sums, 4 + 1.1 * sums)
    assert (overhead, slope) == pytest.approx((4, 1.1))
    assert error > 0
    noisy = (4 + 1.1 * sums) * (1 + 0.1 * np.cos(np.arange(16)))
    assert fitted(sums, noisy)[2] > 2 * error


def test_building_can_be_cancelled() -> None:
    class Impatient(Silent):
        def check(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        build_latency_table(branching(), space(), None, Impatient(), 0, timer=Timer())
