"""Small enough to hold: files of at most 300 lines, functions of fewer than 50 (style page 14)."""

import ast
from pathlib import Path

from tests.house.tree import ROOT, python_files

MOST_LINES_IN_A_FILE = 300
MOST_LINES_IN_A_FUNCTION = 49


def long_functions(path: Path) -> list[str]:
    return [
        f"{path}: {node.name}: {length}"
        for node in ast.walk(ast.parse((ROOT / path).read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > MOST_LINES_IN_A_FUNCTION
    ]


class TestAPythonFile:
    def test_has_at_most_300_lines(self) -> None:
        lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in python_files()}

        assert {path: length for path, length in lengths.items() if length > MOST_LINES_IN_A_FILE} == {}

    def test_has_no_function_of_50_lines(self) -> None:
        assert [found for path in python_files() for found in long_functions(path)] == []


def test_there_is_no_drawer_called_utils() -> None:
    drawers = {"utils", "util", "common", "core", "helpers", "misc"}

    assert [path for path in python_files() if drawers & {path.stem, *path.parts}] == []
