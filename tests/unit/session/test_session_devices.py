"""Devices as data, and the front that each is chosen from."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tinystudio.session.devices import Device, devices
from tinystudio.techniques import find_technique


def test_every_device_names_a_processor_that_int8_knows():
    assert next(iter(devices())) == "this-computer"
    for id, device in devices().items():
        find_technique("static-quantization").params(processor=device.processor)
        assert device.is_other == (id != "this-computer")
        assert device.title and device.note.endswith(".")


def test_no_device_promises_a_latency():
    for device in devices().values():
        assert not any("latency" in name or name.endswith("_ms") for name in Device.model_fields)
        assert " ms" not in device.note and "faster" not in device.note


def test_a_flash_leaves_room_for_the_program():
    for flash in (256_000, 512_000):
        (device,) = (d for d in devices().values() if f"{flash // 1000} kB" in d.title)
        assert 0.5 * flash < (device.size_bytes or 0) < 0.8 * flash


def test_a_device_with_an_unknown_field_is_refused():
    with pytest.raises(ValidationError):
        Device.model_validate(
            {"order": 0, "title": "x", "note": "x.", "size_bytes": None, "processor": "this",
             "latency_ms": 5}
        )  # fmt: skip
