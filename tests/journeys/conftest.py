"""Prints, after the tests, what each technique came to by command, window and wizard."""

from __future__ import annotations

import pytest

HEAD = (
    "| technique | task | variant | file (SHA-256) | bytes | accuracy on test | on validation |",
    "| --- | --- | --- | --- | --- | --- | --- |",
)
ROWS = pytest.StashKey[list[str]]()


@pytest.fixture
def ways_table(pytestconfig: pytest.Config) -> list[str]:
    """Return the rows; a test adds its own."""
    return pytestconfig.stash.setdefault(ROWS, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the table, where a test has filled it."""
    rows = config.stash.get(ROWS, [])
    if rows:
        terminalreporter.section("command / window / wizard (×3: all the same; validation ×2)")
        for row in (*HEAD, *rows):
            terminalreporter.write_line(row)
