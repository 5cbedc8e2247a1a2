"""What waits for me, in the order of the clock that ends first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext

from fanzha.core.masking import last4
from fanzha.core.money import format_yuan
from fanzha.desk.golden import golden_of
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import (
    APPROVAL_LIFE,
    APPROVAL_PERMISSION,
    HOLDING_STATES,
    WAITING_STATES,
    Kind,
    State,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db.models import QuerySet

    from fanzha.identity.models import Officer

    Columns = Mapping[str, Any]

MOST_OF_A_KIND = 25
"""So many of each kind are read; who has more works on the first ones anyway."""
MOST_SHOWN = 20
ENDING_WITHIN = timedelta(hours=12)
"""Holds that end so soon are shown (the first alarm of the 48 hours)."""
LAPSED_WITHIN = timedelta(days=7)
"""A stop that lapsed longer ago is history (assumed)."""
SOON = timedelta(hours=1)


@dataclass(frozen=True)
class Task:
    """One row: what, why it matters, until when, what happens then, where to do it."""

    kind: str
    icon: str
    what: str
    why: str
    url: str
    until: datetime | None = None
    then: str = ""
    warn_minutes: int = 30


@dataclass(frozen=True)
class Due:
    """A task before it is put into words: of many that wait only the first are shown."""

    until: datetime | None
    make: Callable[[], Task]

    @property
    def order(self) -> tuple[bool, float]:
        """Clocks first, the one that ends first on top."""
        return self.until is None, self.until.timestamp() if self.until else 0.0


@dataclass(frozen=True)
class Group:
    """Tasks that are over, due within the hour, due later, or without a clock."""

    name: str
    tasks: tuple[Task, ...]


def drafters() -> frozenset[int]:
    """Who drafted what waits for approval: nobody approves her own, so their desks differ."""
    waiting = Instruction.objects.filter(state=State.AWAITING_APPROVAL)
    return frozenset(waiting.values_list("package__drafted_by_id", flat=True).distinct())


def due_of(officer: Officer, at: datetime) -> list[Due]:
    """Everything that waits for this officer or should be pressed for, by clock."""
    if not officer.may("instruction.read"):
        return []
    found = [
        *_packages(officer),
        *_late(at),
        *_ending(at),
        *_unprotected(at),
    ]
    return sorted(found, key=lambda due: due.order)


def grouped(waiting: list[Due], at: datetime) -> list[Group]:
    """Split the first MOST_SHOWN by how soon they end."""
    names = {
        "over": gettext("Over"),
        "soon": gettext("Within the hour"),
        "later": gettext("Later"),
        "open": gettext("No time limit"),
    }
    sorted_in: dict[str, list[Task]] = {name: [] for name in names}
    for due in waiting[:MOST_SHOWN]:
        sorted_in[_when(due, at)].append(due.make())
    return [Group(names[name], tuple(rows)) for name, rows in sorted_in.items() if rows]


def _when(task: Due, at: datetime) -> str:
    if task.until is None:
        return "open"
    if task.until <= at:
        return "over"
    return "soon" if task.until <= at + SOON else "later"


def _rows(rows: QuerySet[Instruction]) -> Sequence[Columns]:
    """The columns a task is made of; `rows` are narrowed and ordered."""
    return list(
        rows.values(
            "public_id", "state", "kind", "account", "institution_name",
            "transfer_fen", "traced_fen",
            "balance_fen", "held_fen", "due_at", "ends_at", "ends_rule", number=F("case__number"),
        )[:MOST_OF_A_KIND]
    )  # fmt: skip


def _name(row: Columns) -> str:
    return f"{row['institution_name']} {last4(row['account'])}".strip()


def _sum(row: Columns) -> str:
    fen = row["held_fen"] or row["traced_fen"] or row["transfer_fen"]
    return format_yuan(fen) if fen else ""


def _why(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _url(row: Columns) -> str:
    return reverse("desk:instruction", args=[row["public_id"]])


def _packages(officer: Officer) -> list[Due]:
    """Packages to approve, and those that somebody else has to."""
    waiting = (
        Instruction.objects.filter(state=State.AWAITING_APPROVAL)
        .values(
            package_no=F("package__public_id"), permission=F("package__permission"),
            drafter=F("package__drafted_by_id"), drafted=F("package__drafted_at"),
            number=F("case__number"),
        )
        .annotate(
            number_of=Count("pk"), fen=Sum("transfer_fen"), wanted=Sum("amount_fen"),
            paid=Max("transfer_at"), account=Min("account"),
            institution_name=Min("institution_name"),
        )
        .order_by("drafted")[: 2 * MOST_OF_A_KIND]
    )  # fmt: skip
    return [_package(officer, row) for row in waiting]


def _package(officer: Officer, row: Columns) -> Due:
    kind = next(kind for kind, name in APPROVAL_PERMISSION.items() if name == row["permission"])
    golden = golden_of([row["paid"]]) if kind == Kind.STOP else None
    until = golden.until if golden else APPROVAL_LIFE.ends(row["drafted"])
    return Due(until, partial(_approval, officer, row, kind, until, is_golden=bool(golden)))


def _approval(
    officer: Officer, row: Columns, kind: Kind, until: datetime, *, is_golden: bool
) -> Task:
    mine = officer.may(row["permission"]) and row["drafter"] != officer.pk
    words = {
        (Kind.STOP, True): gettext("Approve stop: %(what)s"),
        (Kind.QUERY, True): gettext("Approve query: %(what)s"),
        (Kind.FREEZE, True): gettext("Approve freeze: %(what)s"),
        (Kind.STOP, False): gettext("Get stop approved: %(what)s"),
        (Kind.QUERY, False): gettext("Get query approved: %(what)s"),
        (Kind.FREEZE, False): gettext("Get freeze approved: %(what)s"),
    }
    many = gettext("%(count)s accounts") % {"count": row["number_of"]}
    what = words[kind, mine] % {"what": _name(row) if row["number_of"] == 1 else many}
    fen = row["wanted"] if kind == Kind.FREEZE else row["fen"]
    then = gettext("golden time") if is_golden else ""
    own = "" if mine or row["drafter"] != officer.pk else gettext("drafted by me")
    return Task(
        kind="approve" if mine else "press",
        icon="writing-sign" if mine else "speakerphone",
        what=what,
        why=_why(row["number"], format_yuan(fen) if fen else "", then, own),
        url=reverse("desk:approval", args=[row["package_no"]])
        if mine
        else reverse("desk:case", args=[row["number"]]),
        until=until,
    )


def _late(at: datetime) -> list[Due]:
    """Answers that are overdue, and those that nobody understood."""
    waiting = Instruction.objects.filter(state__in=sorted(WAITING_STATES))
    late = waiting.filter(Q(due_at__lte=at) | Q(state=State.UNKNOWN_RESULT))
    return [
        Due(
            row["due_at"],
            partial(_puzzling if row["state"] == State.UNKNOWN_RESULT else _overdue, row),
        )
        for row in _rows(late.order_by("due_at"))
    ]


def _overdue(row: Columns) -> Task:
    words = {
        Kind.STOP: gettext("Stop unanswered: %(what)s"),
        Kind.QUERY: gettext("Query unanswered: %(what)s"),
        Kind.FREEZE: gettext("Freeze unanswered: %(what)s"),
    }
    return Task(
        kind="overdue",
        icon="building-bank",
        what=words[Kind(row["kind"])] % {"what": _name(row)},
        why=_why(row["number"], _sum(row), gettext("press the bank")),
        url=_url(row),
        until=row["due_at"],
    )


def _puzzling(row: Columns) -> Task:
    return Task(
        kind="unknown",
        icon="help-hexagon",
        what=gettext("Odd answer: %(what)s") % {"what": _name(row)},
        why=_why(row["number"], _sum(row), gettext("ask the bank what it did")),
        url=_url(row),
        until=row["due_at"],
    )


def _ending(at: datetime) -> list[Due]:
    soon = Instruction.objects.filter(
        state__in=sorted(HOLDING_STATES),
        kind__in=[Kind.STOP, Kind.FREEZE],
        ends_at__gt=at,
        ends_at__lte=at + ENDING_WITHIN,
    )
    return [Due(row["ends_at"], partial(_end, row)) for row in _rows(soon.order_by("ends_at"))]


def _end(row: Columns) -> Task:
    words = {
        Kind.STOP: gettext("Stop ends: %(what)s"),
        Kind.FREEZE: gettext("Freeze ends: %(what)s"),
    }
    return Task(
        kind="ending",
        icon="lock-open",
        what=words[Kind(row["kind"])] % {"what": _name(row)},
        why=_why(row["number"], _sum(row), gettext("then the money is free")),
        url=_url(row),
        until=row["ends_at"],
        warn_minutes=120,
    )


def _unprotected(at: datetime) -> list[Due]:
    """Stops that lapsed with money behind them and nothing after them, each account once."""
    holding = Instruction.objects.filter(
        account=OuterRef("account"),
        state__in=sorted(HOLDING_STATES),
        kind__in=[Kind.STOP, Kind.FREEZE],
    )
    lapsed = Instruction.objects.filter(
        state=State.LAPSED, ends_at__gt=at - LAPSED_WITHIN, kind=Kind.STOP
    ).exclude(balance_fen=0)
    rows = _rows(lapsed.filter(~Exists(holding)).order_by("-ends_at"))
    last = {row["account"]: row for row in reversed(rows)}
    return [Due(row["ends_at"], partial(_bare, row)) for row in last.values()]


def _bare(row: Columns) -> Task:
    return Task(
        kind="unprotected",
        icon="shield-x",
        what=gettext("Stop lapsed: %(what)s") % {"what": _name(row)},
        why=_why(row["number"], _sum(row), gettext("can be moved away")),
        url=reverse("desk:flow", args=[row["number"]]),
        until=row["ends_at"],
    )
