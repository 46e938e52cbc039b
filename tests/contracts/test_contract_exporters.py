"""What every export target promises, checked on every target there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from example_networks import Example, mlp, residual_cnn, run
from part_promises import check_params, check_words, corners, loaded_by_file

from tinystudio.core.errors import UserError
from tinystudio.core.measurement import Measurement
from tinystudio.core.reporter import Silent
from tinystudio.exporters import find_target, targets
from tinystudio.exporters.exporter import Exporter, Subject
from tinystudio.measure.checking import check_written

EVERY = pytest.mark.parametrize("target", targets().values(), ids=targets())
RECIPE = '{"version":1,"steps":[]}'


@pytest.fixture(scope="module", params=["cnn", "mlp"])
def example(request: pytest.FixtureRequest) -> Example:
    return residual_cnn() if request.param == "cnn" else mlp()


def subject_of(example: Example) -> Subject:
    return Subject(
        example.network, "an example", RECIPE, measurements=(("original", Measurement()),)
    )


def write(target: Exporter[Any], example: Example, path: Path) -> tuple[Path, ...]:
    return target.write(subject_of(example), target.params(), path)


@EVERY
class TestEveryTarget:
    def test_it_is_described_and_its_parameters_are_bounded(self, target) -> None:
        check_words(target)
        check_params(target.params)
        assert target.suffix.startswith(".")
        assert target.unavailable_reason() is None or target.unavailable_reason()

    def test_it_writes_the_files_it_says_and_no_others(
        self, target, example: Example, tmp_path: Path
    ) -> None:
        written = write(target, example, tmp_path / f"out{target.suffix}")
        assert sorted(written) == sorted(tmp_path.iterdir())
        assert all(path.stat().st_size > 0 for path in written)

    def test_it_replaces_a_file_that_is_there(
        self, target, example: Example, tmp_path: Path
    ) -> None:
        path = tmp_path / f"out{target.suffix}"
        path.write_bytes(b"old")
        write(target, example, path)
        assert path.read_bytes() != b"old"

    def test_where_it_cannot_write_nothing_is_left(
        self, target, example: Example, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_bytes(b"in the way")
        with pytest.raises(UserError):
            write(target, example, tmp_path / "file" / f"out{target.suffix}")
        assert [path.name for path in tmp_path.iterdir()] == ["file"]

    def test_what_runs_here_answers_the_same_in_a_fresh_process(
        self, target, example: Example, tmp_path: Path
    ) -> None:
        (path, *_) = write(target, example, tmp_path / f"out{target.suffix}")
        if target.runs_here:
            expected = run(example.network, example.test.inputs)
            checks = check_written(path, example.test, expected, Silent())
            assert all(check.passed for check in checks)
        else:
            with pytest.raises(UserError):
                check_written(path, example.test, (), Silent())

    def test_every_setting_at_its_ends_writes_a_file(
        self, target, example: Example, tmp_path: Path
    ) -> None:
        for values in corners(target.params):
            path = tmp_path / f"out{target.suffix}"
            assert target.write(subject_of(example), target.params(**values), path) == (path,)

    def test_importing_its_file_loads_no_engine_library(self, target) -> None:
        assert loaded_by_file(target, targets().values()) == set()


def test_an_unknown_target_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(UserError, match="onnx"):
        find_target("punched-cards")
