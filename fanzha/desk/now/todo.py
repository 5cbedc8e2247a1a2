"""What waits for me, in the order of the clock that ends first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from fanzha.core.masking import last4
from fanzha.core.money import format_yuan
from fanzha.core.refusal import gettext_noop
from fanzha.desk.addresses import address
from fanzha.desk.forms.choices import chinese
from fanzha.desk.golden import golden_of
from fanzha.desk.masks import tx_word
from fanzha.desk.now import orders, reads
from fanzha.desk.now.task import Due, Task
from fanzha.desk.words import KINDS
from fanzha.instructions.rules import APPROVAL_LIFE, MAY_REVIEW, Kind, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.identity.models import Officer
    from fanzha.scope.prepared import Row

MOST_OF_A_KIND = 25
"""So many of each kind are read; who has more works on the first ones anyway."""
MOST_SHOWN = 20
LAPSED_WITHIN = timedelta(days=7)
"""A stop that lapsed longer ago is history (assumed)."""
SOON = timedelta(hours=1)

APPROVE: Mapping[Kind | None, str] = {
    Kind.STOP: gettext_noop("Approve stop: %(what)s"),
    Kind.QUERY: gettext_noop("Approve query: %(what)s"),
    Kind.FREEZE: gettext_noop("Approve freeze: %(what)s"),
    None: gettext_noop("Approve: %(kind)s, %(what)s"),
}
PRESS: Mapping[Kind | None, str] = {
    Kind.STOP: gettext_noop("Get stop approved: %(what)s"),
    Kind.QUERY: gettext_noop("Get query approved: %(what)s"),
    Kind.FREEZE: gettext_noop("Get freeze approved: %(what)s"),
    None: gettext_noop("Get approved: %(kind)s, %(what)s"),
}
LATE: Mapping[Kind | None, str] = {
    Kind.STOP: gettext_noop("Stop unanswered: %(what)s"),
    Kind.QUERY: gettext_noop("Query unanswered: %(what)s"),
    Kind.FREEZE: gettext_noop("Freeze unanswered: %(what)s"),
    None: gettext_noop("Unanswered: %(kind)s, %(what)s"),
}


@dataclass(frozen=True)
class Group:
    """Tasks that are over, due within the hour, due later, or without a clock."""

    name: str
    tasks: tuple[Task, ...]


def due_of(officer: Officer, at: datetime) -> list[Due]:
    """Everything that waits for this officer or should be pressed for, by clock."""
    if not officer.may("instruction.read"):
        return sorted(orders.due_of(officer, MOST_OF_A_KIND), key=lambda due: due.order)
    found = [_package(officer, row) for row in reads.packages(2 * MOST_OF_A_KIND)]
    found += [Due(row["left_at"], partial(_escaped, row)) for row in reads.escaped(MOST_OF_A_KIND)]
    if officer.may("report.file"):
        found += [
            Due(row["received_at"], partial(_lead, row)) for row in reads.leads(MOST_OF_A_KIND)
        ]
    found += [Due(row["since"], partial(_watched, row)) for row in reads.watched(MOST_OF_A_KIND)]
    found += [
        Due(row["due_at"], partial(_word, officer, row))
        for row in reads.words(MOST_OF_A_KIND)
        if row["approver"] == officer.pk or row["due_at"] <= at
    ]
    found += [
        Due(row["due_at"], partial(_review, row))
        for row in reads.reviews(MOST_OF_A_KIND)
        if officer.may(MAY_REVIEW) or row["due_at"] <= at
    ]
    pressing = reads.pressing(at, LAPSED_WITHIN, MOST_OF_A_KIND)
    found += [_late(row) for row in pressing if row["list"] == "late"]
    found += [
        Due(row["ends_at"], partial(_end, row)) for row in pressing if row["list"] == "ending"
    ]
    found += [
        Due(row["release_due_at"], partial(_release, row))
        for row in pressing
        if row["list"] == "release"
    ]
    # Of an account that lapsed several times the last one counts.
    bare = {row["account"]: row for row in reversed(pressing) if row["list"] == "bare"}
    found += [Due(row["ends_at"], partial(_bare, row)) for row in bare.values()]
    found += orders.due_of(officer, MOST_OF_A_KIND)
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


def _name(row: Row) -> str:
    return f"{row['institution_name']} {last4(row['account'])}".strip()


def _sum(row: Row) -> str:
    fen = row["held_fen"] or row["traced_fen"] or row["transfer_fen"]
    return format_yuan(fen) if fen else ""


def _why(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _url(row: Row) -> str:
    return address("desk:instruction", row["public_id"])


def _sentence(words: Mapping[Kind | None, str], kind: Kind, what: str) -> str:
    """What is to be done, in words of its own for the usual kinds."""
    if kind in words:
        return gettext(words[kind]) % {"what": what}
    return gettext(words[None]) % {"kind": gettext(KINDS.get(kind, kind)), "what": what}


def _package(officer: Officer, row: Row) -> Due:
    kind = Kind(row["kind"])
    golden = golden_of([row["paid"]]) if kind == Kind.STOP else None
    until = golden.until if golden else APPROVAL_LIFE.ends(row["drafted"])
    return Due(until, partial(_approval, officer, row, kind, until, is_golden=bool(golden)))


def _approval(officer: Officer, row: Row, kind: Kind, until: datetime, *, is_golden: bool) -> Task:
    mine = officer.may(row["permission"]) and row["drafter"] != officer.pk
    many = gettext("%(count)s accounts") % {"count": row["number_of"]}
    what = _sentence(
        APPROVE if mine else PRESS, kind, _name(row) if row["number_of"] == 1 else many
    )
    fen = row["wanted"] if kind == Kind.FREEZE else row["fen"]
    then = gettext("golden time") if is_golden else ""
    own = "" if mine or row["drafter"] != officer.pk else gettext("drafted by me")
    return Task(
        kind="approve" if mine else "press",
        icon="writing-sign" if mine else "speakerphone",
        what=what,
        why=_why(row["number"], format_yuan(fen) if fen else "", then, own),
        url=address("desk:approval", row["package_no"])
        if mine
        else address("desk:case", row["number"]),
        until=until,
    )


def _late(row: Row) -> Due:
    """An answer that is overdue, or one that nobody understood."""
    make = _puzzling if row["state"] == State.UNKNOWN_RESULT else _overdue
    return Due(row["due_at"], partial(make, row))


def _overdue(row: Row) -> Task:
    return Task(
        kind="overdue",
        icon="building-bank",
        what=_sentence(LATE, Kind(row["kind"]), _name(row)),
        why=_why(row["number"], _sum(row), gettext("press the bank")),
        url=_url(row),
        until=row["due_at"],
    )


def _puzzling(row: Row) -> Task:
    return Task(
        kind="unknown",
        icon="help-hexagon",
        what=gettext("Odd answer: %(what)s") % {"what": _name(row)},
        why=_why(row["number"], _sum(row), gettext("ask the bank what it did")),
        url=_url(row),
        until=row["due_at"],
    )


def _end(row: Row) -> Task:
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
        warn_minutes=120 if row["kind"] == Kind.STOP else 7 * 1440,
    )


def _release(row: Row) -> Task:
    """A hold that was found to be wrong, or too much: the law counts the days."""
    return Task(
        kind="release",
        icon="lock-open",
        what=gettext("To be released: %(what)s") % {"what": _name(row)},
        why=_why(row["number"], _sum(row), gettext("then the law is broken")),
        url=_url(row),
        until=row["release_due_at"],
        warn_minutes=1440,
    )


def _escaped(row: Row) -> Task:
    """Money left an account that the bank says it holds: the most urgent call of all."""
    words = {
        True: gettext("Money left in spite of the hold: %(what)s"),
        False: gettext("Money may have left in spite of the hold: %(what)s"),
    }
    many = gettext("%(count)s rows") % {"count": row["number_of"]}
    return Task(
        kind="escaped",
        icon="run",
        what=words[row["certain"]] % {"what": _name(row)},
        why=_why(row["number"], format_yuan(row["fen"]), many, gettext("ask the bank what it did")),
        url=_url(row),
        until=row["left_at"],
    )


def _lead(row: Row) -> Task:
    """A bank reported something by itself, and nobody has decided what becomes of it."""
    return Task(
        kind="lead",
        icon="message-report",
        what=gettext("A bank reports: %(what)s")
        % {"what": tx_word(row["tx_code"], chinese=chinese())},
        why=gettext("take it as a report, put it to a case, or settle it"),
        url=f"{address('desk:leads')}#{row['public_id']}",
        until=row["received_at"],
    )


def _watched(row: Row) -> Task:
    """Money came or went on an account that is watched for just that."""
    left = row["left_fen"] > 0
    words = {
        True: gettext("Money left a watched account: %(what)s"),
        False: gettext("Money arrived on a watched account: %(what)s"),
    }
    sums = gettext("in %(arrived)s, out %(left)s") % {
        "arrived": format_yuan(row["arrived"]), "left": format_yuan(row["left_fen"])
    }  # fmt: skip
    return Task(
        kind="watched",
        icon="eye",
        what=words[left] % {"what": _name(row)},
        why=_why(row["number"], sums),
        url=_url(row),
        until=row["since"],
    )


def _word(officer: Officer, row: Row) -> Task:
    """Her own word presses the approver at once, and everybody when it is overdue."""
    mine = row["approver"] == officer.pk
    return Task(
        kind="word",
        icon="phone",
        what=gettext("Confirm your word: %(what)s") % {"what": row["package_no"]}
        if mine
        else gettext("Word not confirmed in time: %(what)s") % {"what": row["package_no"]},
        why=_why(row["number"], gettext("a stop went out on it")),
        url=address("desk:words"),
        until=row["due_at"],
        warn_minutes=120,
    )


def _review(row: Row) -> Task:
    return Task(
        kind="review",
        icon="eye-check",
        what=gettext("Review the emergency stops: %(what)s") % {"what": row["package_no"]},
        why=_why(row["number"], gettext("already out; say whether they were right")),
        url=address("desk:reviews"),
        until=row["due_at"],
        warn_minutes=360,
    )


def _bare(row: Row) -> Task:
    return Task(
        kind="unprotected",
        icon="shield-x",
        what=gettext("Stop lapsed: %(what)s") % {"what": _name(row)},
        why=_why(row["number"], _sum(row), gettext("can be moved away")),
        url=address("desk:flow", row["number"]),
        until=row["ends_at"],
    )
