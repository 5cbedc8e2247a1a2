"""Catalogs: every marked string found, every Chinese translation from YAML compiled.

Message ids are English, so the English catalog is complete by itself; the Chinese ones stand in
`locale/zh/*.yaml`, one file per screen or package. `python -m fanzha.wiring.catalogs` compiles
them; `--check` names what is missing, unused or broken.
"""

from __future__ import annotations

import ast
import re
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from django.utils.translation.template import templatize

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parent.parent
LOCALE = Path(__file__).parent / "locale"
SOURCES = LOCALE / "zh"
COMPILED = LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.mo"
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
HOLES = re.compile(r"%\((\w+)\)[sdr]|\{(\w+)\}")


def messages() -> dict[str, str]:
    """Every marked string -> a file where it stands."""
    found: dict[str, str] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in path.parts:
            _take(found, path, path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("templates/**/*.html")):
        source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        # What is left of the page is no Python: its indentation means nothing.
        _take(found, path, "\n".join(line.strip() for line in source.splitlines()))
    return found


def translations() -> dict[str, str]:
    """Message id -> Chinese, from all YAML files; raises ValueError when two files disagree."""
    found: dict[str, str] = {}
    for path in sorted(SOURCES.glob("*.yaml")):
        for message, chinese in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
            if found.get(message, chinese) != chinese:
                raise ValueError(f"{path.name}: {message!r} is translated otherwise elsewhere")
            found[message] = chinese
    return found


def flaws() -> list[str]:
    """What is missing, what is unused, where the holes of a translation differ."""
    wanted, have = messages(), translations()
    listed = [
        f"missing: {message!r} ({where})"
        for message, where in wanted.items()
        if message not in have
    ]
    listed += [f"unused: {message!r}" for message in have if message not in wanted]
    listed += [
        f"holes differ: {message!r}"
        for message, chinese in have.items()
        if _holes(message) != _holes(str(chinese))
    ]
    return listed


def compile_catalog() -> int:
    """Write the compiled Chinese catalog; how many messages it has."""
    catalog = Catalog(locale="zh_Hans", charset="utf-8", fuzzy=False)
    for message, chinese in translations().items():
        catalog.add(message, str(chinese))
    COMPILED.parent.mkdir(parents=True, exist_ok=True)
    with COMPILED.open("wb") as file:
        write_mo(file, catalog)
    return len(catalog)


def _holes(text: str) -> set[str]:
    return {one or other for one, other in HOLES.findall(text)}


def _take(found: dict[str, str], path: Path, source: str) -> None:
    for message in _marked(source):
        found.setdefault(message, str(path.relative_to(PACKAGE)))


def _marked(source: str) -> Iterator[str]:
    rows = extract(
        "python", BytesIO(source.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"}
    )
    for _line, message, _comments, _context in rows:
        parts = message if isinstance(message, tuple) else (message,)
        yield from (part for part in parts if part and not _is_number(part))


def _is_number(text: str) -> bool:
    try:
        return isinstance(ast.literal_eval(text), int)
    except (ValueError, SyntaxError):
        return False


def main() -> None:
    """Compile, or check with `--check`."""
    if "--check" in sys.argv:
        found = flaws()
        sys.stdout.write("\n".join([*found, f"{len(found)} flaws"]) + "\n")
        sys.exit(1 if found else 0)
    sys.stdout.write(f"{compile_catalog()} messages compiled\n")


if __name__ == "__main__":
    main()
