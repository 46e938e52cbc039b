"""Which files a dialog shows as data."""

from __future__ import annotations

from tinystudio.datasets import formats


def _filter() -> str:
    kinds = [form for form in formats() if not form.is_folder]
    suffixes = dict.fromkeys(f"*{suffix}" for form in kinds for suffix in form.suffixes)
    return f"Data ({' '.join(suffixes)})"


DATA = _filter()
