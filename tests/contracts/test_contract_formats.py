"""What every data format promises, checked on every format there is."""

from __future__ import annotations

from pathlib import Path

import pytest
from part_promises import check_words, loaded_by

from tinystudio.core.errors import UserError
from tinystudio.datasets import formats, read_dataset

EVERY = pytest.mark.parametrize("data_format", formats(), ids=[item.id for item in formats()])


@EVERY
class TestEveryFormat:
    def test_it_says_what_it_expects(self, data_format) -> None:
        check_words(data_format)

    def test_it_recognizes_its_own_by_name_without_reading(self, data_format) -> None:
        for suffix in data_format.suffixes:
            assert data_format.recognizes(Path("/nowhere") / f"data{suffix}")
        assert not data_format.recognizes(Path("/nowhere/data.xyz"))

    @pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04 cut off"])
    def test_a_broken_file_is_an_error_that_names_it(
        self, data_format, tmp_path: Path, content: bytes
    ) -> None:
        path = tmp_path / f"broken{data_format.suffixes[0]}"
        path.write_bytes(content)
        with pytest.raises(UserError, match="broken"):
            data_format.read(path, 0)

    def test_importing_its_file_loads_no_engine_library(self, data_format) -> None:
        assert loaded_by(f"import {type(data_format).__module__}") == set()


def test_a_file_of_no_known_format_is_an_error_that_names_the_known(tmp_path: Path) -> None:
    path = tmp_path / "data.xyz"
    path.write_bytes(b"?")
    with pytest.raises(UserError, match=r"\.npz"):
        read_dataset(path, 0)
