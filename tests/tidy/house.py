"""What the tidiness tests look at: the files of the project, and their syntax trees."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = ("fanzha", "tests", "bench")
BUILT = re.compile(r"^(?:\.(?!ci$).*|node_modules|build|var|__pycache__|.*\.egg-info)$")


@cache
def files() -> tuple[Path, ...]:
    """Every file that belongs to the project, also one that is not committed yet."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout.split("\0")  # fmt: skip
        found = [ROOT / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        # An unpacked archive has no history: everything in it but what was built belongs to it.
        found = [
            path
            for path in ROOT.rglob("*")
            if not any(BUILT.match(part) for part in path.relative_to(ROOT).parts)
        ]
    return tuple(sorted(path for path in found if path.is_file()))


def below(*folders: str, suffix: str = "") -> list[Path]:
    """Files of the project in these folders of the checkout."""
    return [
        path
        for path in files()
        if path.relative_to(ROOT).parts[0] in folders and path.name.endswith(suffix)
    ]


def sources(*folders: str) -> list[Path]:
    """Python files; migrations are history and stay as they were written."""
    found = below(*folders or CODE, suffix=".py")
    return [path for path in found if "migrations" not in path.parts]


def templates() -> list[Path]:
    """The pages and their parts."""
    return [path for path in below("fanzha", suffix=".html") if "templates" in path.parts]


def name(path: Path) -> str:
    """A file's path inside the checkout."""
    return str(path.relative_to(ROOT))


@cache
def text(path: Path) -> str:
    """Contents of a text file."""
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    """Its syntax tree."""
    return ast.parse(text(path))


def nodes_at_run_time(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below; what stands under `if TYPE_CHECKING` never runs and is left out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for other in child.orelse:
                yield from (other, *nodes_at_run_time(other))
            continue
        yield child
        yield from nodes_at_run_time(child)
