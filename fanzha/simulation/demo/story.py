"""What each victim says, put together from the scenario: times, accounts, names, sums."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import yaml

from fanzha.core.clock import local
from fanzha.core.money import WAN, format_yuan, parse_yuan
from fanzha.simulation.banks import scenario as scenarios

if TYPE_CHECKING:
    from fanzha.simulation.banks.scenario import Scenario


@dataclass(frozen=True)
class Telling:
    """One victim's call: when, through which door, the words, the payments really made."""

    key: str
    claim: str
    name: str
    phone: str
    door: str
    ongoing: str
    told: str
    reports_at: float
    paid_fen: int
    payments: tuple[dict[str, str], ...]


def tellings(name: str, starts: datetime) -> list[Telling]:
    """The calls of the day in the order in which they come."""
    scenario = scenarios.load(scenarios.find(name))
    words = yaml.safe_load(
        scenarios.find(name).with_name(f"{name}_told.yaml").read_text(encoding="utf-8")
    )
    found = [_telling(actor, words[actor["key"]], scenario, starts) for actor in scenario.cast]
    return sorted(found, key=lambda each: each.reports_at)


def _telling(
    actor: dict[str, Any], words: dict[str, str], scenario: Scenario, starts: datetime
) -> Telling:
    facts = {"phone": actor["phone"], "from": actor["account"]}
    payments = []
    for number, payment in enumerate(actor["payments"], start=1):
        account = scenario.accounts[payment["to"]]
        moment = local(starts + timedelta(seconds=payment["at"]))
        fen = parse_yuan(payment["amount"])
        facts |= {
            f"t{number}": f"{moment:%H:%M}",
            f"a{number}": payment["to"],
            f"n{number}": account.holder,
            f"s{number}": spoken(fen),
            f"b{number}": scenario.banks[account.bank].name,
        }
        payments.append(
            {
                "time": f"{moment:%Y-%m-%d %H:%M}",
                "to_account": payment["to"],
                "to_name": account.holder,
                "amount": format_yuan(fen),
                "from_account": actor["account"],
            }
        )
    return Telling(
        key=actor["key"], claim=actor["claim"], name=actor["name"], phone=actor["phone"],
        door=words["door"], ongoing=words["ongoing"], told=words["told"].format(**facts),
        reports_at=float(actor["reports_at"]),
        paid_fen=sum(parse_yuan(payment["amount"]) for payment in actor["payments"]),
        payments=tuple(payments),
    )  # fmt: skip


def spoken(fen: int) -> str:
    """`68万元`, `1.88万元`, `4.9999万元`, `200元`: as people say a sum."""
    yuan = fen // 100
    if yuan >= WAN:
        return f"{yuan / WAN:g}万元"
    return f"{yuan}元"
