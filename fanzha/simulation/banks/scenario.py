"""A scenario: banks, accounts, the cast and its payments, scripted moves and launderers, as YAML.

Amounts are text in yuan, offsets are seconds of the story from its start. Everything in a scenario
is invented, and visibly so: bank codes and card numbers begin with 99 and 6299.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from fanzha.core.clock import ZONE
from fanzha.core.money import BadAmount, parse_yuan
from fanzha.simulation.banks.coins import RULES

SHIPPED = Path(__file__).parent.parent / "scenarios"
EXITS = ("cash", "merchant", "payment_institution", "crypto_otc", "fee", "unknown")
STAYS = "stays"
ROLES = ("bystander", "victim", "mule")


class ScenarioError(ValueError):
    """A scenario cannot be played; the sentence names the place."""


@dataclass(frozen=True)
class Delay:
    """A log-normal delay in story seconds; median 0 means at once."""

    median: float = 0.0
    p95: float = 0.0


@dataclass(frozen=True)
class Bank:
    """One institution: its 12-character code, card prefix, and how fast it answers."""

    code: str
    name: str
    prefix: str
    stop: Delay = Delay()
    freeze: Delay = Delay()
    query: Delay = Delay()
    silent: bool = False


@dataclass(frozen=True)
class Former:
    """A freeze that another authority holds from the beginning; None fen = the whole account."""

    department: str
    fen: int | None
    ends: datetime


@dataclass(frozen=True)
class Account:
    """One account; `guard` names a protected kind that the bank will neither stop nor freeze."""

    number: str
    bank: str
    holder: str
    balance_fen: int
    kind: str = "personal"
    role: str = "bystander"
    guard: str = ""
    id_number: str = ""
    history: int = 4
    former: Former | None = None


@dataclass(frozen=True)
class Move:
    """A planned move at `at` seconds; `fen` None moves the rest; no target means an exit.

    `claim` is set on a victim's payment only.
    """

    at: float
    source: str
    target: str
    fen: int | None
    channel: str = "transfer"
    memo: str = ""
    claim: str = ""
    keep_fen: int = 0
    source_name: str = ""
    target_name: str = ""


@dataclass(frozen=True)
class Launderer:
    """A crew: tiers of accounts, how long each holds the money, how it splits and leaves it."""

    name: str
    claims: tuple[str, ...]
    tiers: tuple[tuple[str, ...], ...]
    hold: Delay
    split: tuple[int, int]
    commission_percent: tuple[float, float]
    exits: dict[str, float]


@dataclass(frozen=True)
class Scenario:
    """A whole story. `cast` is data for whoever tells it; the simulator reads its payments."""

    name: str
    seed: int
    limited_stop: bool
    coins: str
    row_cap: int
    banks: dict[str, Bank]
    accounts: dict[str, Account]
    moves: tuple[Move, ...]
    launderers: tuple[Launderer, ...]
    cast: tuple[dict[str, Any], ...] = field(default=())


def find(name_or_file: str) -> Path:
    """Find a shipped scenario by name, or a file. Raises ScenarioError."""
    for path in (SHIPPED / f"{name_or_file}.yaml", Path(name_or_file)):
        if path.is_file():
            return path
    shipped = ", ".join(sorted(path.stem for path in SHIPPED.glob("*.yaml")))
    raise ScenarioError(f"There is no scenario {name_or_file}; shipped are: {shipped}.")


def load(path: Path) -> Scenario:
    """Read and check a scenario. Raises ScenarioError."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ScenarioError(f"{path.name} cannot be read: {error}") from None
    if not isinstance(raw, dict):
        raise ScenarioError(f"{path.name} holds no scenario.")
    try:
        return parse(raw)
    except (KeyError, TypeError, AttributeError) as error:
        raise ScenarioError(f"{path.name}: {type(error).__name__} {error}.") from None
    except ValueError as error:
        raise ScenarioError(f"{path.name}: {error}") from None


def parse(raw: dict[str, Any]) -> Scenario:
    """Build a scenario out of plain data. Raises ScenarioError, KeyError, TypeError, ValueError."""
    banks = {key: _bank(value) for key, value in raw["banks"].items()}
    accounts = [_account(each, banks) for each in raw["accounts"]]
    scenario = Scenario(
        name=raw["name"],
        seed=int(raw.get("seed", 1)),
        limited_stop=bool(raw.get("limited_stop", False)),
        coins=raw.get("coins", "fifo"),
        row_cap=int(raw.get("row_cap", 1000)),
        banks={bank.code: bank for bank in banks.values()},
        accounts={account.number: account for account in accounts},
        moves=(
            *(move for actor in raw.get("cast", ()) for move in _payments(actor)),
            *(read_move(each) for each in raw.get("moves", ())),
        ),
        launderers=tuple(_launderer(each) for each in raw.get("launderers", ())),
        cast=tuple(raw.get("cast", ())),
    )
    if len(scenario.accounts) != len(accounts):
        raise ScenarioError("two accounts share a number.")
    _check(scenario)
    return scenario


def read_move(raw: dict[str, Any], *, claim: str = "") -> Move:
    """Read one move: at, from, to, amount ("rest" or yuan), channel, memo, keep, names."""
    amount = raw.get("amount", "rest")
    return Move(
        at=float(raw.get("at", 0)),
        source=str(raw.get("from", "") or ""),
        target=str(raw.get("to", "") or ""),
        fen=None if amount == "rest" else _fen(amount),
        channel=str(raw.get("channel", "transfer")),
        memo=str(raw.get("memo", "")),
        claim=str(raw.get("claim", claim) or ""),
        keep_fen=_fen(raw.get("keep", "0")),
        source_name=str(raw.get("from_name", "")),
        target_name=str(raw.get("to_name", "")),
    )


def _payments(actor: dict[str, Any]) -> list[Move]:
    return [
        read_move({"from": actor.get("account", ""), **each}, claim=str(actor["claim"]))
        for each in actor["payments"]
    ]


def _fen(amount: Any) -> int:
    try:
        fen = parse_yuan(str(amount))
    except BadAmount as error:
        raise ScenarioError(f"{error}.") from None
    if fen < 0:
        raise ScenarioError(f"{amount} is negative.")
    return fen


def _delay(raw: dict[str, Any] | None) -> Delay:
    return Delay(float(raw["median"]), float(raw["p95"])) if raw else Delay()


def _bank(raw: dict[str, Any]) -> Bank:
    return Bank(
        code=str(raw["code"]),
        name=raw["name"],
        prefix=str(raw["prefix"]),
        stop=_delay(raw.get("stop")),
        freeze=_delay(raw.get("freeze")),
        query=_delay(raw.get("query")),
        silent=bool(raw.get("silent", False)),
    )


def _account(raw: dict[str, Any], banks: dict[str, Bank]) -> Account:
    former = raw.get("former")
    return Account(
        number=str(raw["number"]),
        bank=banks[raw["bank"]].code,
        holder=raw["holder"],
        balance_fen=_fen(raw.get("balance", "0")),
        kind=raw.get("kind", "personal"),
        role=raw.get("role", "bystander"),
        guard=raw.get("guard", ""),
        id_number=str(raw.get("id_number", "")),
        history=int(raw.get("history", 4)),
        former=None
        if former is None
        else Former(
            former["department"],
            _fen(former["amount"]) if "amount" in former else None,
            datetime.fromisoformat(str(former["until"])).replace(tzinfo=ZONE),
        ),
    )


def _launderer(raw: dict[str, Any]) -> Launderer:
    low, high = raw.get("split", (1, 4))
    least, most = raw.get("commission_percent", (0.5, 5))
    return Launderer(
        name=raw["name"],
        claims=tuple(str(claim) for claim in raw["claims"]),
        tiers=tuple(tuple(str(number) for number in tier) for tier in raw["tiers"]),
        hold=_delay(raw.get("hold", {"median": 360, "p95": 900})),
        split=(int(low), int(high)),
        commission_percent=(float(least), float(most)),
        exits={str(name): float(weight) for name, weight in raw["exits"].items()},
    )


def _check(scenario: Scenario) -> None:
    if scenario.coins not in RULES:
        raise ScenarioError(f"coins: {scenario.coins!r} is none of {', '.join(RULES)}.")
    for bank in scenario.banks.values():
        if len(bank.code) != 12:  # noqa: PLR2004 - the width of a BankID
            raise ScenarioError(f"the code {bank.code} of {bank.name} has not 12 characters.")
    for account in scenario.accounts.values():
        if not account.number.startswith(scenario.banks[account.bank].prefix):
            raise ScenarioError(f"account {account.number} lacks the prefix of its bank.")
        if account.role not in ROLES:
            raise ScenarioError(f"account {account.number} has the unknown role {account.role}.")
    for move in scenario.moves:
        check_move(move, scenario)
    for crew in scenario.launderers:
        unknown = {n for tier in crew.tiers for n in tier} - set(scenario.accounts)
        if unknown:
            raise ScenarioError(f"launderer {crew.name} uses unknown accounts {sorted(unknown)}.")
        if set(crew.exits) - {*EXITS, STAYS} or not any(crew.exits.values()):
            raise ScenarioError(f"launderer {crew.name} has unknown exits.")


def check_move(move: Move, scenario: Scenario) -> None:
    """Check that a move can be played: one side is ours, an exit names its channel."""
    if move.source not in scenario.accounts and move.target not in scenario.accounts:
        raise ScenarioError(f"a move from {move.source} to {move.target} touches no account here.")
    if not move.target and move.channel not in EXITS:
        raise ScenarioError(f"a move out of {move.source} has the unknown channel {move.channel}.")
    if move.fen is None and move.source not in scenario.accounts:
        raise ScenarioError(f"the rest of the unknown account {move.source} cannot move.")
    if move.fen is not None and move.fen <= 0:
        raise ScenarioError(f"a move out of {move.source} moves nothing.")
