"""Orders and clocks as the screens show them: words in the reader's language, who may do what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from fanzha.desk.addresses import address
from fanzha.desk.forms.choices import chinese
from fanzha.desk.waiting import person
from fanzha.duties import orders, rules
from fanzha.duties.orders import MOVES, Move, State
from fanzha.identity.models import Officer
from fanzha.identity.queries import unit_name, unit_names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fanzha.desk.forms.choices import Choices
    from fanzha.duties.models import Clock, Order, OrderStep

OWN_RULE = "project"
PAGES = {"instruction": "desk:instruction", "order": "desk:order"}
"""Where what a clock runs on has its page."""


@dataclass(frozen=True)
class Listed:
    """An order as its row shows it."""

    order: Order
    unit: str

    @property
    def kind(self) -> str:
        """What is ordered, in words."""
        return kind_of(self.order)

    @property
    def icon(self) -> str:
        """The sign of the kind."""
        return orders.kinds()[self.order.kind].icon

    @property
    def priority(self) -> str:
        """How urgent, in words."""
        known = orders.priorities()[self.order.priority]
        return known.zh if chinese() else known.en

    @property
    def result(self) -> str:
        """What came of it, in words."""
        return result_of(self.order.kind, self.order.result)

    @property
    def until(self) -> datetime | None:
        """The clock that runs; None where the unit owes nothing now."""
        if self.order.state == State.ISSUED:
            return self.order.sign_due_at
        return self.order.feedback_due_at if self.order.state == State.SIGNED else None


@dataclass(frozen=True)
class Sheet(Listed):
    """One order with its people, and what this officer may do with it now."""

    viewer: Officer
    steps: tuple[Step, ...]

    @cached_property
    def issuer(self) -> Officer | None:
        """Who issued it; None if the platform did."""
        return person(self.order.issuer_id)

    @property
    def issuing_unit(self) -> str:
        """The unit that issued it."""
        return unit_name(self.order.issuer_path)

    @property
    def things(self) -> list[dict[str, str | int | datetime]]:
        """The objects, with their times as times."""
        return [
            {
                name: datetime.fromisoformat(value) if name in ("at", "until") else value
                for name, value in each.items()
            }
            for each in self.order.objects_told
        ]

    @property
    def results(self) -> Choices:
        """The results to choose from."""
        return [
            (code, word.zh if chinese() else word.en)
            for code, word in orders.kinds()[self.order.kind].results.items()
        ]

    @property
    def may_sign(self) -> bool:
        """Whether she can sign for it."""
        return self._can(Move.SIGN) and self._ours

    @property
    def may_answer(self) -> bool:
        """Whether she can report on it."""
        return self._can(Move.ANSWER) and self._ours

    @property
    def may_decide(self) -> bool:
        """Whether she can accept or send back the feedback."""
        return self._can(Move.ACCEPT) and self._issued and not self.is_own

    @property
    def may_withdraw(self) -> bool:
        """Whether she can take it back."""
        return self._can(Move.WITHDRAW) and self._issued

    @property
    def is_own(self) -> bool:
        """Whether she reported on it herself."""
        return self.order.answered_by_id == self.viewer.pk

    @property
    def _ours(self) -> bool:
        own = self.viewer.unit.path == self.order.unit_path
        return own and self.viewer.may("order.sign")

    @property
    def _issued(self) -> bool:
        above = orders.within(self.order.issuer_path, self.viewer.unit.path)
        return above and self.viewer.may("order.issue")

    def _can(self, move: Move) -> bool:
        return (State(self.order.state), move) in MOVES


@dataclass(frozen=True)
class Step:
    """One move of an order, with who made it."""

    step: OrderStep
    officer: Officer | None
    result: str


@dataclass(frozen=True)
class Running:
    """An open clock as its row shows it."""

    clock: Clock
    unit: str
    above: str

    @property
    def rule(self) -> str:
        """The rule, in words."""
        return rule_word(self.clock.rule)

    @property
    def basis(self) -> str:
        """The rule behind it; a decision of our own by a word."""
        return gettext("our own rule") if self.clock.basis == OWN_RULE else self.clock.basis

    @property
    def mark(self) -> str:
        """How sure the rule is."""
        return rules.rule(self.clock.rule).mark

    @property
    def url(self) -> str:
        """The page of what it runs on; empty where there is none."""
        page = PAGES.get(self.clock.about_kind)
        return address(page, self.clock.about) if page else ""

    @property
    def warn_minutes(self) -> int:
        """From when on it is amber: its first press."""
        return int((self.clock.due_at - self.clock.presses[0]).total_seconds() // 60)


def kind_of(order: Order) -> str:
    """What is ordered, in words."""
    known = orders.kinds()[order.kind]
    return known.zh if chinese() else known.en


def result_of(kind: str, result: str) -> str:
    """A result of a kind, in words; empty while there is none."""
    known = orders.kinds()[kind].results.get(result)
    return (known.zh if chinese() else known.en) if known else ""


def rule_word(name: str) -> str:
    """The rule of a clock, in words; one that is not in the register any more by its name."""
    known = rules.register().get(name)
    return (known.zh if chinese() else known.en) if known else name


def choices() -> tuple[Choices, Choices, Choices]:
    """Kinds and priorities of orders, and rules of clocks."""
    return (
        [(code, each.zh if chinese() else each.en) for code, each in orders.kinds().items()],
        [(code, each.zh if chinese() else each.en) for code, each in orders.priorities().items()],
        [(name, rule_word(name)) for name in rules.register()],
    )


def listed(found: Iterable[Order]) -> list[Listed]:
    """Orders with the names of their units."""
    rows = list(found)
    names = unit_names(each.unit_path for each in rows)
    return [Listed(each, names[each.unit_path]) for each in rows]


def sheet(order: Order, steps: Iterable[OrderStep], viewer: Officer) -> Sheet:
    """One order for its page."""
    rows = list(steps)
    known = Officer.objects.select_related("unit").filter(
        username__in={each.actor for each in rows}
    )
    people = {each.username: each for each in known}
    told = tuple(
        Step(each, people.get(each.actor), result_of(order.kind, each.result)) for each in rows
    )
    return Sheet(order, unit_name(order.unit_path), viewer, told)


def running(found: Iterable[Clock]) -> list[Running]:
    """Clocks with the names of their units."""
    rows = list(found)
    paths = {each.unit_path for each in rows} | {each.escalated_path for each in rows} - {""}
    names = unit_names(paths) | {"": ""}
    return [
        Running(
            each, names[each.unit_path],
            names[each.escalated_path] if each.escalated_path != each.unit_path else "",
        )
        for each in rows
    ]  # fmt: skip
