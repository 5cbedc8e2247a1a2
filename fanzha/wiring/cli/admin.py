"""Commands for setting up and checking: first run, units, officers, institutions, audit."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from fanzha.wiring.database import setup_django

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.acting import Occasion, System

units = typer.Typer(no_args_is_help=True, help="Units of the tree.")
officers = typer.Typer(no_args_is_help=True, help="Officers and their roles.")
institutions = typer.Typer(no_args_is_help=True, help="Banks and payment firms.")
audit = typer.Typer(no_args_is_help=True, help="The audit log.")


@contextmanager
def _console(name: str, *, root: str | None = None) -> Iterator[tuple[System, Occasion]]:
    """A system scope for what somebody with a shell on the server does, named in the audit log."""
    from fanzha.audit.rules import Ground
    from fanzha.core import clock
    from fanzha.core.refusal import Refusal
    from fanzha.identity.acting import Occasion, system_scope

    reason = f"console of {os.environ.get('USER', 'unknown')}"
    try:
        with system_scope(f"console.{name}", root=root) as system:
            yield system, Occasion(at=clock.now(), ground=Ground("console", name, reason))
    except Refusal as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(2) from None


def first_administrator(
    root: str = "", name: str = "", level: str = "city"
) -> tuple[str, str] | None:
    """Make the root unit and the administrator if nobody is there yet: log-in and password."""
    from django.conf import settings

    from fanzha.identity import actions, queries

    if queries.any_officer():
        return None
    path = root or settings.ORGANISATION.lower()
    with _console("first_run", root=path) as (system, kw):
        unit = queries.unit_at(path) or actions.add_unit(
            system, code=path, name=name or path, level=level, parent=None, **kw
        )
        _, password = actions.add_officer(
            system, username="admin", name="管理员", unit=unit,
            roles=["system_admin", "security_admin"], **kw,
        )  # fmt: skip
    return "admin", password


def first_run_command(
    root: Annotated[str, typer.Option(help="Code of the root unit.")] = "",
    name: Annotated[str, typer.Option(help="Name of the centre.")] = "",
    level: Annotated[str, typer.Option(help="Level of the root unit.")] = "city",
) -> None:
    """Set up the database, the root unit and the administrator; prints a one-time password."""
    setup_django()
    from fanzha.wiring.cli.run import prepare

    prepare()
    made = first_administrator(root, name, level)
    if made is None:
        typer.echo("There are officers already; nothing was changed.", err=True)
        raise typer.Exit(2)
    typer.echo(f"Log-in: {made[0]}\nOne-time password: {made[1]}")


@units.command("add")
def add_unit(path: str, name: str, level: str) -> None:
    """Add a unit at PATH (codes joined by dots), below its parent."""
    setup_django()
    from fanzha.identity import actions, queries

    parent_path, _, code = path.rpartition(".")
    with _console("unit") as (system, kw):
        parent = queries.unit_at(parent_path) if parent_path else None
        if parent_path and parent is None:
            typer.echo(f"There is no unit {parent_path}.", err=True)
            raise typer.Exit(2)
        actions.add_unit(system, code=code, name=name, level=level, parent=parent, **kw)
    typer.echo(f"{path} {name}")


@officers.command("add")
def add_officer(
    username: str,
    name: str,
    unit: Annotated[str, typer.Option(help="Path of the unit.")],
    role: Annotated[list[str], typer.Option(help="A role; may be given several times.")],
    police_number: Annotated[str, typer.Option(help="Number of the officer's card.")] = "",
) -> None:
    """Add an officer; prints the one-time password."""
    setup_django()
    from fanzha.identity import actions, queries, rules

    for code in role:
        if code not in rules.roles():
            typer.echo(f"There is no role {code}; roles: {', '.join(rules.roles())}.", err=True)
            raise typer.Exit(2)
    with _console("officer") as (system, kw):
        found = queries.unit_at(unit)
        if found is None:
            typer.echo(f"There is no unit {unit}.", err=True)
            raise typer.Exit(2)
        _, password = actions.add_officer(
            system, username=username, name=name, unit=found, roles=role,
            police_number=police_number, **kw,
        )  # fmt: skip
    typer.echo(f"{username}: one-time password {password}")


@institutions.command("add")
def add_institution(
    code: Annotated[str, typer.Option(help="BankID of the institution.")],
    name: Annotated[str, typer.Option(help="Name.")],
    url: Annotated[str, typer.Option(help="Address of the front-end that serves it.")],
    token: Annotated[str, typer.Option(help="Token of the front-end.")],
    poll_seconds: Annotated[float, typer.Option(help="How often we ask for messages.")] = 2,
    kind: Annotated[str, typer.Option(help="bank or payment_firm.")] = "bank",
    prefix: Annotated[list[str] | None, typer.Option(help="Card prefix; repeatable.")] = None,
    their_key: Annotated[
        str | None, typer.Option(help="Public key of the front-end: both sides sign every body.")
    ] = None,
) -> None:
    """Register an institution and the front-end that reaches it."""
    setup_django()
    from fanzha.channels.bank_gateway import actions as gateway
    from fanzha.institutions import actions

    with _console("institution") as (system, kw):
        actions.register(system, code=code, name=name, kind=kind, card_prefixes=prefix or [], **kw)
        gateway.connect(
            system, institution_code=code, url=url, token=token, poll_seconds=poll_seconds,
            their_key=their_key, **kw,
        )  # fmt: skip
    typer.echo(f"{code} {name}")


@institutions.command("key")
def own_key() -> None:
    """Print the public key by which a front-end checks our signatures."""
    setup_django()
    from fanzha.channels.bank_gateway.line import own_key

    typer.echo(own_key().public)


@audit.command("seal")
def seal() -> None:
    """Seal all finished entries now; prints the head to be anchored outside."""
    setup_django()
    from fanzha.audit import log

    with _console("audit"):
        sealed = log.seal_finished()
        head = log.head()
    typer.echo(f"{sealed} entries sealed; head {head[0]}:{head[1]}" if head else "Nothing to seal.")


@audit.command("verify")
def verify(
    anchor: Annotated[str, typer.Option(help="A head noted earlier, NUMBER:HASH.")] = "",
) -> None:
    """Check the whole chain; names every changed, removed, added or reordered entry; exit 1."""
    setup_django()
    from fanzha.audit import log

    with _console("audit"):
        flaws, sealed, unsealed = log.verify()
        if anchor and not log.holds_anchor(anchor):
            typer.echo(f"anchor {anchor} is not in the chain", err=True)
            raise typer.Exit(1)
    for flaw in flaws:
        where = f"entry {flaw.entry}" if flaw.entry else f"block {flaw.block}"
        typer.echo(f"{flaw.kind}: {where} (block {flaw.block})", err=True)
    typer.echo(f"{sealed} entries sealed, {unsealed} not sealed yet, {len(flaws)} flaws")
    if flaws:
        raise typer.Exit(1)
