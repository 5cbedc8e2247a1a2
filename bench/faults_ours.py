"""Our side of the books after a campaign, and the banks' ledgers put beside it."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection

from bench.faults_books import NEVER_LEFT, Books, Ours, Theirs
from fanzha.audit import log
from fanzha.channels.bank_gateway.models import Message
from fanzha.core import clock
from fanzha.identity.acting import system_scope
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import HOLDING_STATES, ON_ITS_WAY
from fanzha.instructions.sweeps import lapse_due
from fanzha.outbox.queries import has_work

if TYPE_CHECKING:
    from collections.abc import Sequence

AFTER_EVERY_STOP = timedelta(hours=24 * 5)
"""Beyond two terms of 48 hours; well within the term of a freeze."""


def is_settled(swallowed: int) -> bool:
    """Whether all have left, as many at most wait as answers were swallowed, and no job does."""
    with system_scope("bench"):
        mine = Instruction.objects
        return (
            not has_work()
            and not mine.filter(state__in=sorted(NEVER_LEFT)).exists()
            and mine.filter(state__in=sorted(ON_ITS_WAY)).count() <= swallowed
        )


def given_up() -> list[str]:
    """The jobs that were tried so often that nobody tries them again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, args FROM procrastinate_jobs WHERE status = 'failed'")
        return [f"{name} {facts}" for name, facts in cursor.fetchall()]


def jobs_left() -> list[str]:
    """The jobs that are not done and the workers that beat, for whoever looks for a cause."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT task_name, status, attempts, worker_id, scheduled_at, args"
            " FROM procrastinate_jobs WHERE status NOT IN ('succeeded', 'cancelled')"
            " ORDER BY id LIMIT 40"
        )
        jobs = [f"job {row}" for row in cursor.fetchall()]
        cursor.execute("SELECT id, now() - last_heartbeat FROM procrastinate_workers")
        return jobs + [f"worker {row}" for row in cursor.fetchall()]


def read(ledgers: Sequence[dict[str, Any]], swallowed: int) -> Books:
    """Seal and verify the log, read both sides, then let five days pass and see what still holds.

    States are read before the days pass, so that the banks' ledgers are of the same moment.
    """
    with system_scope("audit.seal"):
        log.seal_finished()
        flaws, _, _ = log.verify()
    ours = _ours()
    late = _held_too_long()
    return Books(
        ours=[
            Ours(number, state, serials, answers, past_end=number in late)
            for number, state, serials, answers in ours
        ],
        theirs=[
            Theirs(each["application_id"], each["serial"])
            for ledger in ledgers
            for each in ledger["messages"]
        ],
        effects={number: n for ledger in ledgers for number, n in ledger["effects"].items()},
        swallowed=swallowed,
        chain_flaws=[str(flaw) for flaw in flaws],
        given_up=given_up(),
    )


def _ours() -> list[tuple[str, str, tuple[str, ...], int]]:
    serials: defaultdict[str, list[str]] = defaultdict(list)
    answers = Counter[str]()
    with system_scope("bench"):
        # States first: what is read meanwhile is then an answer too many, never one too few.
        states = list(Instruction.objects.values_list("application_id", "state"))
        for message in Message.objects.all().iterator(chunk_size=500):
            whole = hashlib.sha256(bytes(message.content)).hexdigest() == message.sha256
            if not whole:
                continue
            if message.outgoing:
                serials[message.application_id].append(message.serial)
            else:
                answers[message.application_id] += 1
        return [
            (number, state, tuple(serials[number]), answers[number]) for number, state in states
        ]


def _held_too_long() -> set[str]:
    """What is over by then and still held after the sweep."""
    with clock.held_at(clock.now() + AFTER_EVERY_STOP):
        while lapse_due():
            pass
        with system_scope("bench"):
            return set(
                Instruction.objects.filter(
                    state__in=sorted(HOLDING_STATES), ends_at__lte=clock.now()
                ).values_list("application_id", flat=True)
            )
