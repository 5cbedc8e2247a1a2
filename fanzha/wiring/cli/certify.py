"""`fanzha certify URL`: run the profile against an endpoint and print what fails."""

from __future__ import annotations

from typing import Annotated

import typer

BAD_INPUT = 2


def certify_command(
    url: Annotated[
        str, typer.Argument(help="Address of an endpoint under test, never a live one.")
    ],
    *,
    token: Annotated[str, typer.Option(help="Bearer token of the front-end.")],
    bank: Annotated[str, typer.Option(help="Code of an institution behind it.")],
    account: Annotated[str, typer.Option(help="An account of that institution.")],
    holder: Annotated[str, typer.Option(help="Whose account it is.")],
    holds: Annotated[
        bool, typer.Option("--holds", help="Also stop, freeze and release the account.")
    ] = False,
    seconds: Annotated[float, typer.Option(min=0.1, help="Wait so long for a feedback.")] = 60,
) -> None:
    """Check rule after rule; exit code 1 when one fails, 2 when nobody answers."""
    from fanzha.channels.bank_gateway.certifying.checks import examine
    from fanzha.channels.bank_gateway.certifying.examiner import Examiner, Subject
    from fanzha.channels.bank_gateway.client import FrontEnd
    from fanzha.channels.bank_gateway.failures import TransportFailure

    failed = 0
    with FrontEnd(url, token) as front:
        examiner = Examiner(front, Subject(bank, account, holder), patience=seconds)
        try:
            for finding in examine(examiner, holds=holds):
                failed += bool(finding.flaw)
                sentence = f": {finding.flaw}" if finding.flaw else ""
                typer.echo(f"{'FAILS' if finding.flaw else 'ok   '} {finding.rule}{sentence}")
        except TransportFailure as failure:
            typer.echo(str(failure), err=True)
            raise typer.Exit(BAD_INPUT) from None
    typer.echo("The endpoint speaks the profile." if not failed else f"{failed} rules fail.")
    if failed:
        raise typer.Exit(1)
