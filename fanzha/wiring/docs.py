"""Pages of the docs that are printed from the code, each between its markers.

`python -m fanzha.wiring.docs` writes them; `--check` names the pages that say something else. A
marker is a comment, `<!-- moves -->` to `<!-- /moves -->`; what stands around it is hand-written.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import walk_packages
from types import FunctionType
from typing import TYPE_CHECKING

import fanzha
from fanzha.core.refusal import Refusal
from fanzha.core.spans import Limit
from fanzha.wiring.catalogs import translations
from fanzha.wiring.database import setup_django
from fanzha.wiring.home import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import ModuleType

    from fanzha.core.spans import Span


class MarkerMissing(ValueError):
    """A page lacks the place for what is printed into it."""


def modules() -> list[ModuleType]:
    """Every module of the product but migrations and the entry point."""
    names = [found.name for found in walk_packages(fanzha.__path__, "fanzha.")]
    return [
        import_module(name)
        for name in names
        if ".migrations" not in name and not name.endswith("__main__")
    ]


def refusals() -> list[type[Refusal]]:
    """Every refusal that somebody can meet, by package and name; not their common bases."""
    modules()
    found = {kind for kind in _below(Refusal) if kind.message or not kind.__subclasses__()}
    return sorted(found, key=lambda kind: (kind.__module__, kind.__name__))


def limits() -> list[Limit]:
    """Every limit that some module names, once."""
    found = [each for module in modules() for each in vars(module).values()]
    return list({id(each): each for each in found if isinstance(each, Limit)}.values())


def actions() -> list[Callable[..., object]]:
    """Every verb behind the @action door, by name; each carries `action`, `permission`, `system`.

    Only what a module of the product itself defines: tests may have made some of their own.
    """
    found = {
        each.action: each
        for module in modules()
        for each in vars(module).values()
        if isinstance(each, FunctionType)
        and hasattr(each, "action")
        and each.__module__ == module.__name__
    }
    return [found[name] for name in sorted(found)]


def _below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for each in kind.__subclasses__():
        # Tests may have made some of their own.
        if each.__module__.startswith("fanzha."):
            yield each
        yield from _below(each)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _roles() -> str:
    from fanzha.identity.rules import roles

    rows = [[f"`{role.code}`", role.zh, role.en] for role in roles().values()]
    return _table(["Role", "Chinese", "English"], rows)


def _matrix() -> str:
    from fanzha.identity.rules import matrix, roles

    rows = [
        [f"`{name}`", facts["zh"], facts["en"], facts["source"]]
        + ["●" if name in role.may else "" for role in roles().values()]
        for name, facts in matrix()["permissions"].items()
    ]
    return _table(["Permission", "Chinese", "English", "Source", *map(_code, roles())], rows)


def _actions() -> str:
    rows = [
        [
            _code(getattr(each, "action", "")),
            _needed(getattr(each, "permission", "")),
            "●" if getattr(each, "system", False) else "",
            (each.__doc__ or "").partition("\n")[0],
        ]
        for each in actions()
    ]
    return _table(["Action", "Needs", "Platform itself", "What it does"], rows)


def _needed(permission: str | Callable[..., str]) -> str:
    return _code(permission) if isinstance(permission, str) else "what its object names"


def _refusals() -> str:
    chinese = translations()
    rows = [
        [
            _code(kind.__name__),
            kind.message,
            chinese.get(kind.message, ""),
            str(kind.http_status),
            _code(kind.__module__.replace(".", "/") + ".py"),
        ]
        for kind in refusals()
    ]
    return _table(["Refusal", "English", "Chinese", "Answer", "Lives in"], rows)


def _code(text: str) -> str:
    return f"`{text}`"


def _clocks() -> str:
    from fanzha.duties.rules import register

    rows = [
        [
            _code(rule.name), rule.zh, rule.en,
            _span(rule.limit.span) if rule.limit else "given with the start",
            ", ".join(_span(each) for each in rule.warn_before),
            "runs out" if rule.term else "owed until done" + ", unit above" * rule.escalates,
            rule.basis, rule.mark,
        ]
        for rule in register().values()
    ]  # fmt: skip
    head = [
        "Clock",
        "Chinese",
        "English",
        "Length",
        "Presses before",
        "At its end",
        "Basis",
        "Mark",
    ]
    return _table(head, rows)


def _span(span: Span) -> str:
    ((unit, count),) = [(unit, count) for unit, count in vars(span).items() if count]
    return f"{count} {unit}"


def _guards() -> str:
    from fanzha.instructions.guards import groups

    rows = [
        [_code(each.code), each.zh, each.en, each.mode.value, each.basis, each.mark]
        for each in groups().values()
    ]
    return _table(["Group", "Chinese", "English", "Guards", "Basis", "Mark"], rows)


def _instruction_moves() -> str:
    from fanzha.instructions.rules import diagram

    return _mermaid(diagram())


def _order_moves() -> str:
    from fanzha.duties.orders import diagram

    return _mermaid(diagram())


def _orders() -> str:
    from fanzha.duties.orders import priorities

    rows = [
        [_code(code), each.zh, each.en, _span(each.sign), _span(each.feedback)]
        for code, each in priorities().items()
    ]
    return _table(["Priority", "Chinese", "English", "Signed for within", "Feedback within"], rows)


def _case_moves() -> str:
    from fanzha.cases.rules import diagram

    return _mermaid(diagram())


def _mermaid(diagram: str) -> str:
    return f"```mermaid\n{diagram}\n```"


PAGES: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "ARCHITECTURE.md": {
        "moves": _instruction_moves,
        "case moves": _case_moves,
        "order moves": _order_moves,
    },
    "docs/law.md": {"clocks": _clocks, "orders": _orders, "guards": _guards},
    "docs/permissions.md": {"roles": _roles, "matrix": _matrix, "actions": _actions},
    "docs/refusals.md": {"refusals": _refusals},
}
"""Page -> marker -> what is printed there."""


def printed(name: str, root: Path = CHECKOUT) -> str:
    """Give the page as it should be; raises MarkerMissing."""
    text = (root / name).read_text(encoding="utf-8")
    for marker, make in PAGES[name].items():
        before, opening, rest = text.partition(f"<!-- {marker} -->\n")
        _, closing, after = rest.partition(f"<!-- /{marker} -->")
        if not closing:
            raise MarkerMissing(f"{name} has no place marked <!-- {marker} -->")
        text = f"{before}{opening}{make()}\n{closing}{after}"
    return text


def stale() -> list[str]:
    """Pages that say something else than the code."""
    return [name for name in PAGES if printed(name) != (CHECKOUT / name).read_text("utf-8")]


def main() -> None:
    """Write the pages, or name the stale ones with `--check`."""
    setup_django()
    if "--check" in sys.argv:
        found = stale()
        sys.stdout.write("".join(f"{name} is stale\n" for name in found))
        sys.exit(1 if found else 0)
    for name in PAGES:
        (CHECKOUT / name).write_text(printed(name), encoding="utf-8")
    sys.stdout.write(f"{len(PAGES)} pages printed\n")


if __name__ == "__main__":
    main()
