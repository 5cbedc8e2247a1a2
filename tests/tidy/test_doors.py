"""Packages are entered by their doors, and everything that writes is an action."""

from __future__ import annotations

import ast
from importlib import import_module
from typing import TYPE_CHECKING

from fanzha.identity.rules import permissions
from tests.tidy.house import ROOT, name, nodes_at_run_time, sources, tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PUBLIC = {"actions", "queries", "events", "rules"}
FURTHER = {
    "audit.log": "the @action door writes every entry through it",
    "audit.models": "the timeline shows entries to whoever may see their case",
    "cases.models": "foreign keys point at the case, and screens show it",
    "channels.bank_gateway.erasing": "messages of no case go with the number they carry",
    "channels.bank_gateway.codec": "pure: bytes to message and back",
    "channels.bank_gateway.failures": "what goes wrong at the border, by name",
    "channels.bank_gateway.holdings": "pure: what a bank says of all accounts of a customer",
    "channels.bank_gateway.inquiries": "pure: what a question to a bank says",
    "channels.bank_gateway.models": "the desk shows front-ends and raw messages",
    "channels.bank_gateway.operating": "pausing and resuming a line, each behind @action",
    "channels.bank_gateway.orders": "pure: what a message to a bank says",
    "channels.bank_gateway.profile": "pure: the tables of the interface",
    "channels.bank_gateway.replies": "pure: what a message from a bank says",
    "channels.bank_gateway.reports": "pure: what a bank reports of itself",
    "channels.bank_gateway.serials": "pure: numbers of messages",
    "channels.bank_gateway.strange": "pure: what in a message no table knows",
    "duties.clocks": "starting and closing clocks, part of the act that makes or ends a duty",
    "duties.orders": "pure: kinds, states and moves of orders",
    "identity.acting": "the @action door itself",
    "identity.delegating": "rights lent to a deputy, each step behind @action",
    "identity.models": "the officer who acts, as a type and behind foreign keys",
    "instructions.answers": "pure: what a result code means, in words",
    "instructions.drafts": "what is asked of an institution, put together where the facts are",
    "instructions.guarding": "the guard list, each step behind @action",
    "instructions.guards": "pure: groups of the guard list, and what they forbid",
    "instructions.inquiries": "pure: the halves of a period, named before they are drafted",
    "instructions.levels": "pure: which permission an approver needs, on which day",
    "instructions.leads": "what becomes of a report by a bank, each step behind @action",
    "instructions.models": "the desk counts and joins instructions in one statement",
    "instructions.onward": "pure: which step follows from an answer",
    "instructions.oral": "approval by word of mouth, each step behind @action",
    "instructions.orders": "the paper, which the approver sees as it will be sent",
    "instructions.reviewing": "review of stops that went out, each step behind @action",
    "instructions.settling": "settling an answer by telephone, each step behind @action",
    "intake.models": "the desk counts and joins reports and payments in one statement",
    "intake.recognition": "pure: recognition, also from the command line",
    "instructions.watching": "seeing what a watch told, behind @action",
    "movements.deciding": "judgements of pairs and numbers, each behind @action",
    "movements.companions": "pure: a table beside a statement as it would be read, for a preview",
    "movements.identity": "pure: the words for why two numbers are one account",
    "movements.learning": "saving a mapped layout, and the layouts that were saved",
    "movements.looks": "reads of the screens of statements",
    "movements.machines": "reads: where cash was taken",
    "movements.matching": "reads: why rows and numbers are one",
    "movements.profile": "pure: a layout as data, to try a mapping before it is saved",
    "movements.proposing": "pure: what the columns of an unknown layout may mean",
    "movements.sheets": "pure: from a file to its tables, for a preview",
    "movements.lasting": "a table made of a case's rows is kept for other processes",
    "movements.erasing": "the files of a case go with the case",
    "movements.weighing": "pure: the words for why two rows are one",
    "outbox.announce": "the door of facts",
    "outbox.stalled": "the poller revives the jobs of dead workers",
    "scope.current": "the door of scope",
    "scope.fields": "the type of a column that every scoped table has",
    "scope.guard": "the watch; only the doors and start-up touch it",
    "scope.prepared": "the door of statements that pages repeat all day",
    "scope.sight": "what the scope in force sees, as a name to keep parts of pages under",
    "tracing.engine": "pure: the engine, also from the command line",
    "tracing.indicators": "pure: how unusual the rows of an account look",
    "tracing.reports": "pure: a trace as its public JSON, for a copy to keep",
    "tracing.gathered": "pure: a case's transfers as the engine's rows",
    "tracing.kept": "pure: a finished trace as bytes, for other processes",
    "tracing.models": "the desk asks whether a stored trace is still the last",
}
"""Doors besides the four that every package has, each with its reason.

`core` is open to all. The wiring, which puts everything together, may go through any door.
"""
WHOLE = ("intake.recognition", "tracing.engine")
"""Pure packages inside packages, open with all their modules."""


def package_of(module: str) -> str:
    """`fanzha.cases.models` -> `fanzha.cases`; a channel is a package of its own."""
    parts = module.split(".")
    return ".".join(parts[: 3 if parts[1:2] == ["channels"] else 2])


def imported(path: Path) -> Iterator[str]:
    """Modules of the house that a file imports when it runs."""
    for node in nodes_at_run_time(tree(path)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                inner = ROOT.joinpath(*node.module.split("."), each.name)
                is_module = inner.with_suffix(".py").exists() or inner.is_dir()
                yield f"{node.module}.{each.name}" if is_module else node.module


def used_doors() -> Iterator[tuple[str, str]]:
    """Who comes in, and through which door of another package."""
    for path in sources("fanzha"):
        module = name(path).removesuffix(".py").replace("/", ".")
        if package_of(module) in {"fanzha.wiring", "fanzha.__main__"}:
            continue
        for target in imported(path):
            package = package_of(target)
            if target.startswith("fanzha.") and package not in (package_of(module), "fanzha.core"):
                yield name(path), target.removeprefix("fanzha.")


def test_packages_are_entered_by_their_doors() -> None:
    wrong = [
        f"{who} imports {door}"
        for who, door in used_doors()
        if door.rpartition(".")[2] not in PUBLIC
        and door not in FURTHER
        and not door.startswith(tuple(f"{whole}." for whole in WHOLE))
    ]
    assert wrong == []


def test_no_door_stands_open_that_nobody_uses() -> None:
    used = {door for _, door in used_doors()}
    assert {door for door in FURTHER if not any(each.startswith(door) for each in used)} == set()


def _verbs() -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in sources("fanzha"):
        if path.name != "actions.py":
            continue
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield name(path), node


def _writes(node: ast.FunctionDef) -> bool:
    return any(
        isinstance(each, ast.Call)
        and isinstance(each.func, ast.Attribute)
        and each.func.attr in {"create", "save", "update", "delete", "get_or_create", "bulk_create"}
        for each in ast.walk(node)
    )


PARTS_OF_ACTIONS = {"belong", "enqueue", "mention"}
"""Writes that only happen inside another package's action: the watch refuses them elsewhere."""


def test_every_verb_that_writes_is_an_action() -> None:
    bare = [
        f"{where}: {node.name}"
        for where, node in _verbs()
        if _writes(node)
        and node.name not in PARTS_OF_ACTIONS
        and not any(ast.unparse(each).startswith("action(") for each in node.decorator_list)
    ]
    assert bare == []


def test_every_action_takes_a_moment_and_a_ground_and_names_a_known_permission() -> None:
    found = 0
    for where, node in _verbs():
        for decorator in node.decorator_list:
            if not ast.unparse(decorator).startswith("action("):
                continue
            found += 1
            keywords = {each.arg for each in node.args.kwonlyargs}
            assert {"at", "ground"} <= keywords, (where, node.name)
            assert ast.get_docstring(node), (where, node.name)
            module = import_module(where.removesuffix(".py").replace("/", "."))
            permission = getattr(module, node.name).permission
            known = callable(permission) or permission.startswith("self.")
            assert known or permission in permissions(), (where, node.name, permission)
    assert found
