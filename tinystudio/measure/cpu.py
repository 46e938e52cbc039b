"""Which processor this is, and which instructions matter to how fast a network runs on it."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

# flag in /proc/cpuinfo or sysctl (lower case) -> the name shown; the most telling last
_KNOWN = {
    "avx2": "AVX2",
    "avx512f": "AVX512",
    "avx512_bf16": "AVX512-BF16",
    "avx_vnni": "AVX-VNNI",
    "avx512_vnni": "AVX512-VNNI",
    "amx_int8": "AMX-INT8",
    "asimd": "NEON",
    "asimddp": "NEON dot product",
    "i8mm": "NEON i8mm",
    "sve": "SVE",
}
VNNI = frozenset({"AVX-VNNI", "AVX512-VNNI", "AMX-INT8", "NEON dot product", "NEON i8mm"})


@cache
def cpu_name() -> str:
    """Return the processor's name as the system tells it."""
    found = re.search(r"^(?:model name|Model)\s*:\s*(.+)$", _cpuinfo(), re.MULTILINE)
    if found:
        return found.group(1).strip()
    if sys.platform == "darwin":
        return _sysctl("machdep.cpu.brand_string") or platform.processor()
    return platform.processor() or platform.machine()


@cache
def instruction_sets() -> tuple[str, ...]:
    """Return the instruction sets that decide how fast fp32 and INT8 run, in a fixed order.

    Empty where the system does not tell.
    """
    found = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", _cpuinfo(), re.MULTILINE)
    flags = set(found.group(1).lower().split()) if found else set()
    if sys.platform == "darwin":
        features = _sysctl("machdep.cpu.leaf7_features").lower().split()
        flags |= {"avx2"} & set(features)
        flags |= {"asimd", "asimddp"} if platform.machine() == "arm64" else set()
    return tuple(name for flag, name in _KNOWN.items() if flag in flags)


def multiplies_int8_directly() -> bool | None:
    """Say whether this CPU has instructions that multiply and add 8-bit numbers; None: unknown."""
    sets = instruction_sets()
    return bool(VNNI & set(sets)) if sets else None


def channel_step() -> int:
    """Return how many channels of 32-bit floats the processor's kernels take at once."""
    return 16 if any(name.startswith("AVX512") for name in instruction_sets()) else 8


def _cpuinfo() -> str:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _sysctl(name: str) -> str:
    command = ["/usr/sbin/sysctl", "-n", name]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
