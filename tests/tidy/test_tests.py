"""The tests themselves: every one can fail, and is named as a sentence."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.tidy.house import below, name, tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HELPERS = (
    "assert_",
    "expect",
    "check",
    "_check",
    "_compare",
    "compare",
    "_expect",
    "wait",
    "until",
)
"""A call to a helper with such a name fails by itself."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _test_files() -> list[Path]:
    return [path for path in below("tests", suffix=".py") if path.name.startswith("test_")]


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, FUNCTIONS) and node.name.startswith("test_"):
            yield node


def _called(node: ast.Call) -> str:
    return ast.unparse(node.func).rpartition(".")[2]


def _asserting(path: Path) -> set[str]:
    """Names of a file's own helpers that hold an assertion."""
    return {
        node.name
        for node in ast.walk(tree(path))
        if isinstance(node, FUNCTIONS)
        and any(isinstance(each, ast.Assert) for each in ast.walk(node))
    }


def _can_fail(test: ast.AST, helpers: set[str]) -> bool:
    for node in ast.walk(test):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            called = _called(node)
            if called in {"raises", "fail"} | helpers or called.startswith(HELPERS):
                return True
    return False


def test_every_test_can_fail() -> None:
    idle = [
        f"{name(path)}: {test.name}"
        for path in _test_files()
        for test in _functions(path)
        if not _can_fail(test, _asserting(path))
    ]
    assert idle == []


def test_every_test_file_has_tests() -> None:
    assert [name(path) for path in _test_files() if not list(_functions(path))] == []


def test_no_two_tests_of_a_file_share_a_name() -> None:
    for path in _test_files():
        names = [node.name for node in tree(path).body if isinstance(node, FUNCTIONS)]
        assert len(names) == len(set(names)), name(path)


def test_folders_of_tests_are_packages() -> None:
    folders = {path.parent for path in _test_files()}
    assert [name(folder) for folder in folders if not (folder / "__init__.py").exists()] == []
