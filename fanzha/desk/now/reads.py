"""What the duty desk reads, statement by statement; each is bounded by indexes and limits.

As prepared statements want it, states stand in them word by word, and a time has two bounds.
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from fanzha.instructions.rules import FREEZE_TERM, HOLDING_STATES, STOP_WINDOW, WAITING_STATES
from fanzha.intake.rules import payment_kinds
from fanzha.scope.prepared import Row, rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


DAY, YEAR = timedelta(days=1), timedelta(days=365)
"""Nothing was reported later than tomorrow, and no stop ends later than in a year."""
STATES = {"waiting": WAITING_STATES, "holding": HOLDING_STATES}


def personal() -> frozenset[int]:
    """Whose desks differ: who drafted what waits for approval, and whose word is to be confirmed.

    Nobody approves her own draft, and nobody else can say what she said.
    """
    found = _read(
        """
        SELECT DISTINCT p.drafted_by_id AS officer
          FROM instructions_instruction i JOIN instructions_package p ON p.id = i.package_id
         WHERE i.state = 'awaiting_approval'
         UNION SELECT o.approver_id FROM instructions_oral o WHERE o.decided_at IS NULL
        """
    )
    return frozenset(row["officer"] for row in found)


def packages(most: int) -> list[Row]:
    """Packages that wait for approval, the oldest first, with their case and their sums."""
    return _read(
        """
        SELECT p.public_id AS package_no, p.permission, p.drafted_by_id AS drafter,
               p.drafted_at AS drafted, min(i.kind) AS kind, c.number, count(*) AS number_of,
               sum(i.transfer_fen)::bigint AS fen, sum(i.amount_fen)::bigint AS wanted,
               max(i.transfer_at) AS paid, min(i.account) AS account,
               min(i.institution_name) AS institution_name
          FROM instructions_instruction i
          JOIN instructions_package p ON p.id = i.package_id
          JOIN cases_case c ON c.id = i.case_id
         WHERE i.state = 'awaiting_approval'
         GROUP BY p.id, c.id ORDER BY p.drafted_at LIMIT %(most)s
        """,
        most=most,
    )


def pressing(at: datetime, lapsed: timedelta, most: int) -> list[Row]:
    """Instructions to press for, by `list`.

    `late`: overdue or puzzling answers; `ending`: holds whose first warning has begun; `release`:
    holds that have to be released; `bare`: stops that lapsed no longer ago than `lapsed`, with
    nothing after them.
    """
    return _read(
        """
        WITH task AS NOT MATERIALIZED (
          SELECT i.public_id, i.state, i.kind, i.account, i.institution_name, i.transfer_fen,
                 i.traced_fen, i.balance_fen, i.held_fen, i.due_at, i.ends_at, i.release_due_at,
                 c.number
            FROM instructions_instruction i JOIN cases_case c ON c.id = i.case_id)
        (SELECT 'late' AS list, task.* FROM task
          WHERE state IN ({waiting})
            AND (due_at <= %(at)s OR state = 'unknown_result')
          ORDER BY due_at LIMIT %(most)s)
        UNION ALL
        (SELECT 'ending', task.* FROM task
          WHERE state IN ({holding}) AND kind = 'stop_payment'
            AND ends_at > %(at)s AND ends_at <= %(stops)s
          ORDER BY ends_at LIMIT %(most)s)
        UNION ALL
        (SELECT 'ending', task.* FROM task
          WHERE state IN ({holding}) AND kind = 'freeze'
            AND ends_at > %(at)s AND ends_at <= %(freezes)s
          ORDER BY ends_at LIMIT %(most)s)
        UNION ALL
        (SELECT 'release', task.* FROM task
          WHERE state IN ({holding}) AND release_due_at IS NOT NULL
          ORDER BY release_due_at LIMIT %(most)s)
        UNION ALL
        (SELECT 'bare', task.* FROM task
          WHERE state = 'lapsed' AND kind = 'stop_payment'
            AND ends_at > %(since)s AND ends_at <= %(at)s
            AND balance_fen IS DISTINCT FROM 0
            AND NOT EXISTS (
              SELECT FROM instructions_instruction h
               WHERE h.account = task.account AND h.state IN ({holding})
                 AND h.kind IN ('stop_payment', 'freeze'))
          ORDER BY ends_at DESC LIMIT %(most)s)
        """,
        at=at, stops=STOP_WINDOW.warned_until(at), freezes=FREEZE_TERM.warned_until(at),
        since=at - lapsed, most=most,
    )  # fmt: skip


def escaped(most: int) -> list[Row]:
    """Holds under which money left the account, unexplained: how much, since when, how surely."""
    return _read(
        """
        SELECT i.public_id, i.kind, i.account, i.institution_name, c.number,
               sum(e.amount_fen)::bigint AS fen, count(*) AS number_of, min(e.left_at) AS left_at,
               bool_or(e.certain) AS certain
          FROM instructions_escape e
          JOIN instructions_instruction i ON i.id = e.hold_id
          JOIN cases_case c ON c.id = e.case_id
         WHERE e.explained_at IS NULL
         GROUP BY i.id, c.id ORDER BY min(e.found_at) LIMIT %(most)s
        """,
        most=most,
    )


def watched(most: int) -> list[Row]:
    """Watched accounts on which money moved, unseen: how much came and left, since when."""
    return _read(
        """
        SELECT i.public_id, i.kind, i.account, i.institution_name, c.number,
               sum(b.arrived_fen)::bigint AS arrived, sum(b.left_fen)::bigint AS left_fen,
               min(b.received_at) AS since
          FROM instructions_batch b
          JOIN instructions_instruction i ON i.id = b.watch_id
          JOIN cases_case c ON c.id = b.case_id
         WHERE b.seen_at IS NULL
         GROUP BY i.id, c.id ORDER BY min(b.received_at) LIMIT %(most)s
        """,
        most=most,
    )


def leads(most: int) -> list[Row]:
    """Reports by banks that nobody has decided about, the oldest first."""
    return _read(
        """
        SELECT public_id, tx_code, received_at FROM instructions_lead
         WHERE decided_at IS NULL ORDER BY received_at LIMIT %(most)s
        """,
        most=most,
    )


def words(most: int) -> list[Row]:
    """Approvals by word of mouth that nobody has confirmed or denied yet, the oldest first."""
    return _read(
        """
        SELECT p.public_id AS package_no, o.approver_id AS approver, o.due_at, c.number
          FROM instructions_oral o
          JOIN instructions_package p ON p.id = o.package_id
          JOIN cases_case c ON c.id = o.case_id
         WHERE o.decided_at IS NULL ORDER BY o.due_at LIMIT %(most)s
        """,
        most=most,
    )


def reviews(most: int) -> list[Row]:
    """Stops that went out and that nobody above has looked at again, the oldest first."""
    return _read(
        """
        SELECT p.public_id AS package_no, v.due_at, c.number
          FROM instructions_review v
          JOIN instructions_package p ON p.id = v.package_id
          JOIN cases_case c ON c.id = v.case_id
         WHERE v.decided_at IS NULL ORDER BY v.due_at LIMIT %(most)s
        """,
        most=most,
    )


def orders(unit: str, most: int) -> list[Row]:
    """Orders that `unit` has to sign for or report on, and its own that were reported on.

    `until` is the end of the clock that runs; none once they are reported on.
    """
    return _read(
        """
        (SELECT public_id, kind, priority, state, case_number,
                CASE WHEN state = 'issued' THEN sign_due_at ELSE feedback_due_at END AS until
           FROM duties_order
          WHERE state IN ('issued', 'signed') AND unit_path = %(unit)s::text::ltree
          ORDER BY feedback_due_at LIMIT %(most)s)
        UNION ALL
        (SELECT public_id, kind, priority, state, case_number, NULL::timestamptz
           FROM duties_order
          WHERE state = 'answered' AND issuer_path = %(unit)s::text::ltree
          ORDER BY feedback_due_at LIMIT %(most)s)
        """,
        unit=unit, most=most,
    )  # fmt: skip


def escalated(unit: str, most: int) -> list[Row]:
    """Duties late at units below `unit`; not of instructions, which are listed there anyway."""
    return _read(
        """
        SELECT c.rule, c.about, c.due_at, c.unit_path::text AS unit, coalesce(o.kind, '') AS kind
          FROM duties_clock c
          LEFT JOIN duties_order o ON c.about_kind = 'order' AND o.public_id = c.about
         WHERE c.closed_at IS NULL AND c.state = 'expired' AND c.escalated_path = %(unit)s
           AND c.unit_path <> %(unit)s::text::ltree
           AND c.about_kind NOT IN ('instruction', 'package')
         ORDER BY c.due_at LIMIT %(most)s
        """,
        unit=unit, most=most,
    )  # fmt: skip


def candidates(at: datetime, since: datetime, most: int) -> tuple[list[int], list[int]]:
    """Open cases since `since`, the newest first; cases whose stops end next, those first."""
    found = _read(
        """
        (SELECT true AS fresh, c.id FROM cases_case c
          WHERE c.state <> 'closed'
            AND c.opened_at >= %(since)s AND c.opened_at <= %(tomorrow)s
          ORDER BY c.opened_at DESC, c.id DESC LIMIT %(most)s)
        UNION ALL
        (SELECT false, i.case_id FROM instructions_instruction i
          WHERE i.kind = 'stop_payment' AND i.state IN ({holding})
            AND i.ends_at > %(at)s AND i.ends_at <= %(far)s
          ORDER BY i.ends_at LIMIT 4 * %(most)s)
        """,
        at=at, since=since, most=most, tomorrow=at + DAY, far=at + YEAR,
    )  # fmt: skip
    fresh = [row["id"] for row in found if row["fresh"]]
    return fresh, list(dict.fromkeys(row["id"] for row in found if not row["fresh"]))


def live_in_all(at: datetime, since: datetime) -> int:
    """How many cases are live: open since `since`, or older with a running stop."""
    (found,) = _read(
        """
        SELECT (SELECT count(*) FROM cases_case c
                 WHERE c.state <> 'closed'
                   AND c.opened_at >= %(since)s AND c.opened_at <= %(tomorrow)s)
             + (SELECT count(DISTINCT i.case_id)
                  FROM instructions_instruction i JOIN cases_case c ON c.id = i.case_id
                 WHERE i.kind = 'stop_payment' AND i.state IN ({holding})
                   AND i.ends_at > %(at)s AND i.ends_at <= %(far)s
                   AND c.opened_at < %(since)s AND c.state <> 'closed') AS number
        """,
        at=at, since=since, tomorrow=at + DAY, far=at + YEAR,
    )  # fmt: skip
    number: int = found["number"]
    return number


def cases(ids: Sequence[int]) -> list[Row]:
    """These cases with what was paid, the last payment, and the figures of the newest trace."""
    found = _read(
        """
        SELECT c.id, c.number, c.state, c.fraud_type, c.victim_name, c.filed_at,
               p.fen AS paid_fen, p.last AS last_paid, t.figures
          FROM cases_case c
          LEFT JOIN LATERAL (
            SELECT sum(amount_fen)::bigint AS fen, max(paid_at) AS last
              FROM intake_payment WHERE case_id = c.id) p ON true
          LEFT JOIN LATERAL (
            SELECT result -> 'figures' AS figures FROM tracing_storedtrace
             WHERE case_id = c.id ORDER BY id DESC LIMIT 1) t ON true
         WHERE c.id = ANY(%(ids)s::bigint[])
        """,
        ids=list(ids),
    )
    return [row | {"figures": _loaded(row["figures"])} for row in found]


def standings(ids: Sequence[int], at: datetime) -> list[Row]:
    """Instructions of these cases by kind and state: number, first end, how many are overdue."""
    return _read(
        """
        SELECT i.case_id, i.kind, i.state, count(*) AS n, min(i.ends_at) AS first_end,
               count(*) FILTER (
                 WHERE i.state IN ({waiting}) AND i.due_at <= %(at)s) AS overdue,
               array_agg(DISTINCT p.permission) AS levels
          FROM instructions_instruction i
          LEFT JOIN instructions_package p
            ON p.id = i.package_id AND i.state = 'awaiting_approval'
         WHERE i.case_id = ANY(%(ids)s::bigint[])
         GROUP BY i.case_id, i.kind, i.state
        """,
        at=at, ids=list(ids),
    )  # fmt: skip


def institutions(at: datetime, window: timedelta) -> list[Row]:
    """Every institution: since when its front-end fails, what waits, what it answered just now."""
    return _read(
        """
        SELECT n.code, n.name, f.failing_since, coalesce(w.n, 0) AS waiting, w.oldest,
               coalesce(a.n, 0) AS answered, a.median
          FROM institutions_institution n
          LEFT JOIN bank_gateway_route r ON r.institution_code = n.code
          LEFT JOIN bank_gateway_frontend f ON f.id = r.front_end_id
          LEFT JOIN (
            SELECT institution_code, count(*) AS n, min(sent_at) AS oldest
              FROM instructions_instruction WHERE state IN ({waiting})
             GROUP BY institution_code) w ON w.institution_code = n.code
          LEFT JOIN (
            SELECT institution_code, count(*) AS n,
                   percentile_cont(0.5) WITHIN GROUP (ORDER BY answered_at - sent_at) AS median
              FROM instructions_instruction
             WHERE answered_at > %(since)s AND answered_at <= %(tomorrow)s
               AND sent_at IS NOT NULL
             GROUP BY institution_code) a ON a.institution_code = n.code
        """,
        since=at - window, tomorrow=at + DAY,
    )  # fmt: skip


def reports(since: datetime, prompt: timedelta) -> list[Row]:
    """Reports of the day that began `since`, each with the figures of its case.

    `stoppable`: a bank can stop its money; `prompt`: a stop took effect within that time.
    """
    by_message = [kind for kind, facts in payment_kinds().items() if facts["by_message"]]
    found = _read(
        """
        SELECT r.case_id, t.figures,
               EXISTS (SELECT FROM intake_payment p
                        WHERE p.case_id = r.case_id AND p.complete
                          AND p.kind = ANY(%(by_message)s::text[])) AS stoppable,
               EXISTS (SELECT FROM instructions_instruction i
                        WHERE i.case_id = r.case_id AND i.kind = 'stop_payment'
                          AND i.effective_at <= r.reported_at + %(prompt)s) AS prompt
          FROM intake_report r
          LEFT JOIN LATERAL (
            SELECT result -> 'figures' AS figures FROM tracing_storedtrace
             WHERE case_id = r.case_id ORDER BY id DESC LIMIT 1) t ON true
         WHERE r.reported_at >= %(since)s AND r.reported_at <= %(tomorrow)s
        """,
        since=since, tomorrow=since + 2 * DAY, prompt=prompt, by_message=by_message,
    )  # fmt: skip
    return [row | {"figures": _loaded(row["figures"])} for row in found]


def _read(sql: str, **facts: Any) -> list[Row]:
    return rows(_spelled(sql), **facts)


@cache
def _spelled(sql: str) -> str:
    """The statement with the names of the states in place of `{waiting}` and `{holding}`."""
    for name, states in STATES.items():
        sql = sql.replace(f"{{{name}}}", ", ".join(f"'{state}'" for state in sorted(states)))
    return sql


def _loaded(figures: str | None) -> dict[str, int] | None:
    return None if figures is None else json.loads(figures)
