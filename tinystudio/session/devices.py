"""Devices that a model may be made for: data, one file each below resources/devices.

What they promise is a limit of size and the types of INT8. Latency is always of this computer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tinystudio.core import places


class Device(BaseModel):
    """One device. `size_bytes` is what its file suggests that a model may take at most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    order: int  # in the list, the usual one first
    title: str
    note: str
    size_bytes: float | None
    processor: Literal["this", "avx2", "arm", "cortex-m"]  # as static quantization knows them

    @property
    def is_other(self) -> bool:
        """Say whether its INT8 takes other types than this computer's may."""
        return self.processor != "this"


@cache
def devices() -> Mapping[str, Device]:
    """Return every device by the name of its file."""
    files = (places.resources() / "devices").glob("*.json")
    found = {file.stem: Device.model_validate_json(file.read_bytes()) for file in files}
    return dict(sorted(found.items(), key=lambda item: item[1].order))
