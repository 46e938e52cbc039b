"""What every data format promises, checked on every format there is."""

from __future__ import annotations

from pathlib import Path

import pytest
from part_promises import check_params, check_words, loaded_by_file

from tinystudio.core.errors import UserError
from tinystudio.datasets import formats, read_dataset
from tinystudio.datasets.format import Request

EVERY = pytest.mark.parametrize("data_format", formats(), ids=[item.id for item in formats()])


@EVERY
class TestEveryFormat:
    def test_it_says_what_it_expects(self, data_format) -> None:
        check_words(data_format)

    def test_it_recognizes_its_own_by_name_without_reading(self, data_format) -> None:
        for suffix in () if data_format.is_folder else data_format.suffixes:
            assert data_format.recognizes(Path("/nowhere") / f"data{suffix}")
        assert not data_format.recognizes(Path("/nowhere/data.xyz"))

    def test_a_folder_of_classes_is_recognized_by_the_names_in_it(
        self, data_format, tmp_path: Path
    ) -> None:
        (tmp_path / "class").mkdir()
        assert not data_format.recognizes(tmp_path)
        (tmp_path / "class" / f"one{data_format.suffixes[0].upper()}").touch()
        assert data_format.recognizes(tmp_path) == data_format.is_folder

    def test_every_setting_is_described_and_guessed_by_default(self, data_format) -> None:
        check_params(data_format.params)

    @pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04 cut off"])
    def test_a_broken_file_is_an_error_that_names_it(
        self, data_format, tmp_path: Path, content: bytes
    ) -> None:
        path = tmp_path / f"broken{data_format.suffixes[0]}"
        if data_format.is_folder:
            for name in ("one", "two"):
                (tmp_path / name).mkdir()
            path = tmp_path / "one" / path.name
            (tmp_path / "two" / path.name).write_bytes(content)
        path.write_bytes(content)
        asked = tmp_path if data_format.is_folder else path
        with pytest.raises(UserError, match="broken"):
            data_format.read(Request(asked, 0, data_format.params()))

    def test_importing_its_file_loads_no_engine_library(self, data_format) -> None:
        assert loaded_by_file(data_format, formats()) == set()


def test_a_file_of_no_known_format_is_an_error_that_names_the_known(tmp_path: Path) -> None:
    path = tmp_path / "data.xyz"
    path.write_bytes(b"?")
    with pytest.raises(UserError, match=r"\.npz"):
        read_dataset(path, 0)
