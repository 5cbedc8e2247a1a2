"""What a statement is, what is wrong with one, and what came of each of its lines: pure."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fanzha.core.money import MINOR_UNITS
from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.movements import balances, duplicates
from fanzha.movements.profile import Profile, load, marked
from fanzha.movements.reading import Reader, Reject, named_account
from fanzha.movements.row import COLUMNS, Account, Row
from fanzha.movements.settling import UNCLEAR, settle_codes, settle_midnights, settle_signs
from fanzha.movements.source import HEADER_WITHIN, decoded, find_header, fitting, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

MOST_BYTES = 256 * 1024 * 1024
"""A larger file is split by whoever sends it (project)."""
ROW_CAP = 1_000
SURELY_BANK = 12
"""A header with so many columns of the bank layout is one; no other layout is tried."""

REASONS = {
    "no_amount": gettext_noop("The amount is empty."),
    "bad_amount": gettext_noop("%(value)s is not an amount."),
    "rounded_amount": gettext_noop("%(value)s is a rounded number; the exact amount is lost."),
    "sub_fen": gettext_noop("%(value)s has more decimals than the currency."),
    "no_time": gettext_noop("The time is empty."),
    "bad_time": gettext_noop("%(value)s is not a time."),
    "no_account": gettext_noop("Neither card nor account number is given."),
    "no_key": gettext_noop("The row does not say whom it is about."),
    "too_many_cells": gettext_noop(
        "The line has %(value)s cells, more than the header; an amount may hold a bare comma."
    ),
    "undecodable": gettext_noop("The line is neither UTF-8 nor GB18030."),
}
"""Why a line was rejected."""

FINDINGS = {
    "balance_break": gettext_noop(
        "Account %(account)s: %(breaks)s balances disagree, first in row %(row)s (%(missing_fen)s)."
    ),
    "reordered": gettext_noop(
        "Account %(account)s: rows of one time were put in order by balance."
    ),
    "truncated": gettext_noop("The statement was probably cut off at %(rows)s rows."),
    "sign_against_direction": gettext_noop(
        "%(count)s amounts have a sign that contradicts their direction; it counts as unknown."
    ),
    UNCLEAR: gettext_noop(
        "%(count)s rows tell in or out by a code that banks use for either; it counts as unknown."
    ),
    "direction_unknown": gettext_noop("%(count)s rows do not say in or out; they move no money."),
    "mixed_encodings": gettext_noop(
        "The file mixes UTF-8 and GB18030: %(count)s lines unlike the others, first row %(row)s."
    ),
    "date_only": gettext_noop("The statement gives the date only."),
    "damaged_accounts": gettext_noop(
        "%(count)s account numbers lost their last digits in a spreadsheet; they match nothing."
    ),
    "serial_repeated": gettext_noop(
        "%(count)s rows share a serial with another but differ in balance or counterparty."
    ),
    "currency_unknown": gettext_noop("%(count)s rows are in a currency that is not known."),
    "other_account": gettext_noop("The reply is about %(account)s, which was not asked for."),
    "reply_issue": gettext_noop("The reply has a flaw: %(issue)s."),
}
"""What a reader of a statement must know besides its rows."""


class NotAStatement(Refusal):
    """No header of a known layout."""

    message = gettext_noop("%(file)s, row %(row)s: no column %(field)s; this is not a statement.")


class NotAText(Refusal):
    """Another kind of file."""

    message = gettext_noop(
        "%(file)s is %(kind)s; statements come as CSV, TXT, XLS, XLSX, HTML or a zip of them."
    )


class EmptyStatement(Refusal):
    """A header and nothing below it, or not even that."""

    message = gettext_noop("%(file)s holds no rows.")


class NoRowReadable(Refusal):
    """Every line was rejected: probably the wrong layout."""

    message = gettext_noop(
        "%(file)s: none of its %(count)s rows can be read; row %(row)s, %(field)s: %(reason)s"
    )


class TooLarge(Refusal):
    """Beyond the bound on one import."""

    message = gettext_noop("%(file)s is larger than %(most)s MB; split it.")


class AlreadyImported(Refusal):
    """The same bytes stand in the case."""

    message = gettext_noop(
        "%(file)s was imported into this case before, as %(statement)s (%(first_file)s) at %(at)s."
    )


@dataclass(frozen=True)
class Finding:
    """A kind of FINDINGS and its facts."""

    kind: str
    facts: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """As the manifest keeps it: the sentence is translated where it is shown."""
        return {"kind": self.kind, "message": FINDINGS[self.kind], "facts": self.facts}


@dataclass
class Reading:
    """A statement as read: `read = kept + duplicate + rejected`; `skipped` lines are no data."""

    file_name: str
    file_sha256: str
    profile: str
    rows: list[Row]
    rejects: list[Reject]
    skipped: int
    findings: list[Finding] = field(default_factory=list)
    truncated: bool = False

    @property
    def read(self) -> int:
        """Lines that hold data."""
        return len(self.rows) + len(self.rejects)

    @property
    def kept(self) -> list[Row]:
        """Rows that count."""
        return [row for row in self.rows if not row.dup_of]

    @property
    def duplicates(self) -> int:
        """Rows that tell again what another row told."""
        return sum(bool(row.dup_of) for row in self.rows)

    @property
    def sums(self) -> dict[str, dict[str, int]]:
        """Direction -> currency -> minor units, over kept rows that did not fail."""
        found: dict[str, Counter[str]] = {"in": Counter(), "out": Counter(), "unknown": Counter()}
        for row in self.kept:
            if row.success != "failed":
                found[row.direction][row.currency] += row.amount_fen
        return {direction: dict(sums) for direction, sums in found.items()}

    @property
    def times(self) -> tuple[datetime | None, datetime | None]:
        """First and last kept row."""
        moments = [row.txn_time for row in self.kept]
        return (min(moments), max(moments)) if moments else (None, None)

    @property
    def accounts(self) -> list[str]:
        """Whose rows these are, the one with most rows first."""
        counted = Counter(row.own_key for row in self.rows)
        return sorted(counted, key=lambda key: (-counted[key], key))

    def account_checks(self) -> list[dict[str, Any]]:
        """Sums and balance check per account and currency (R8, R13)."""
        return [_account_check(key, rows) for key, rows in _per_account(self.kept).items()]


def read_file(
    content: bytes, file_name: str, *, profile: Profile | None = None, saved: Sequence[Profile] = ()
) -> Reading:
    """Read one table in text, of the layout that its header shows (or of `profile`).

    `saved` are layouts that persons mapped; they stand beside those that come with the program.
    Raises NotAText, TooLarge, EmptyStatement, NotAStatement and NoRowReadable, each naming the
    file and, where there is one, row and field. Anything less is a reject of one line.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge(file=file_name, most=MOST_BYTES // 1024 // 1024)
    if kind := kind_of(content):
        raise NotAText(file=file_name, kind=kind)
    lines, odd = decoded(content)
    if not any(line.strip() for line in lines):
        raise EmptyStatement(file=file_name)
    sha256 = hashlib.sha256(content).hexdigest()
    reader = reader_for(lines, file_name, lambda: sha256, profile, saved)
    reader.read(lines)
    reading = Reading(
        file_name=file_name,
        file_sha256=sha256,
        profile=reader.profile.label,
        rows=reader.rows,
        rejects=reader.rejects,
        skipped=reader.skipped,
    )
    refuse_nothing(file_name, len(reader.rows), reader.rejects)
    if odd:
        reading.findings.append(Finding("mixed_encodings", {"row": odd[0], "count": len(odd)}))
    settle(reading, reader.profile)
    caps = {len(rows) for rows in _per_account(reading.rows).values()} | {reading.read}
    if cut := sorted(caps & reader.profile.row_caps):
        reading.truncated = True
        reading.findings.append(Finding("truncated", {"rows": cut[0]}))
    return reading


def reader_for(
    lines: Sequence[str],
    file_name: str,
    sha256: Callable[[], str],
    profile: Profile | None = None,
    saved: Sequence[Profile] = (),
) -> Reader:
    """The reader for the header among the first lines, of the layout that it shows.

    Raises NotAStatement.
    """
    head = lines[:HEADER_WITHIN]
    chosen = profile or _chosen(head, saved)
    header = find_header(head, chosen)
    if header is None or header.missing:
        row = header.number if header else f"1-{min(len(lines), HEADER_WITHIN)}"
        needed = header.missing[0] if header else chosen.names["txn_time"]
        raise NotAStatement(file=file_name, row=row, field=needed)
    above = lines[: header.number - 1]
    reader = Reader(header, chosen, _own(above, chosen, sha256))
    if chosen.month and (month := chosen.month.search("\n".join(above))):
        reader.month = int(month[1]), int(month[2])
    return reader


def _chosen(head: Sequence[str], saved: Sequence[Profile]) -> Profile:
    bank = load()
    header = find_header(head, bank)
    if header and not header.missing and len(header.place) >= SURELY_BANK:
        return bank
    return fitting(head, bank, (*marked(), *saved))


def _own(preamble: Sequence[str], profile: Profile, sha256: Callable[[], str]) -> Account | None:
    """Whose table it is, where no column says so: told above the header, or nobody we know.

    An account that is not named never matches another, so it counts as masked.
    """
    if not profile.marks and not profile.general:
        return None
    own = named_account("\n".join(preamble), profile)
    return own or Account(f"{profile.name}:{sha256()[:8]}", "", "masked")


def settle(reading: Reading, profile: Profile) -> None:
    """Codes, signs, midnights and repeated serials; then say what a reader must know."""
    rows = reading.rows
    counts = {
        UNCLEAR: settle_codes(rows, profile.unclear),
        "sign_against_direction": settle_signs(rows),
        "serial_repeated": duplicates.mark_within(rows),
        "direction_unknown": sum(row.direction == "unknown" for row in rows),
        "damaged_accounts": len(
            {row.own_key for row in rows if row.own_kind == "damaged"}
            | {row.cp_key for row in rows if row.cp_kind == "damaged"}
        ),
        "currency_unknown": sum(row.currency not in MINOR_UNITS for row in rows),
    }
    dates = settle_midnights(rows) or any(row.time_precision == "date" for row in rows)
    reading.findings += findings_of(counts, reading.account_checks(), dates=dates)


def findings_of(
    counts: Mapping[str, int], checks: Sequence[Mapping[str, Any]], *, dates: bool
) -> list[Finding]:
    """What is found by counting (kind -> rows, where there are any) and by account."""
    findings = [Finding(kind, {"count": count}) for kind, count in counts.items() if count]
    if dates:
        findings.append(Finding("date_only", {}))
    for each in checks:
        if each["breaks"]:
            facts = {name: each[name] for name in ("account", "breaks", "row", "missing_fen")}
            findings.append(Finding("balance_break", facts))
        if each["reordered"]:
            findings.append(Finding("reordered", {"account": each["account"]}))
    return findings


def reject_json(reject: Reject) -> dict[str, Any]:
    """As the manifest keeps it."""
    return {
        "row": reject.row_no,
        "field": reject.field,
        "reason": reject.reason,
        "message": REASONS[reject.reason],
        "facts": {"value": reject.value},
        "raw": reject.raw,
    }


def batch_sha256(rows: Sequence[Row]) -> str:
    """One hash of the canonical rows: the same bytes and profile give the same (R15)."""
    told = sorted(
        repr([getattr(row, name) for name in COLUMNS if name != "dup_of"]) for row in rows
    )
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def refuse_nothing(file_name: str, rows: int, rejects: Sequence[Reject]) -> None:
    """Raise EmptyStatement or NoRowReadable, if no row could be read."""
    if rows:
        return
    if not rejects:
        raise EmptyStatement(file=file_name)
    first = rejects[0]
    raise NoRowReadable(
        file=file_name, count=len(rejects), row=first.row_no, field=first.field,
        reason=REASONS[first.reason] % {"value": first.value},
    )  # fmt: skip


def _per_account(rows: Sequence[Row]) -> dict[tuple[str, str, str], list[Row]]:
    """Rows by account, sub-account and currency: what one running balance runs over."""
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[row.own_key, row.sub_account, row.currency].append(row)
    return found


def _account_check(key: tuple[str, str, str], rows: list[Row]) -> dict[str, Any]:
    account, sub, currency = key
    checked = balances.check_listed(rows)
    sums: Counter[str] = Counter()
    for row in rows:
        if row.success != "failed":
            sums[row.direction] += row.amount_fen
    return {
        "account": f"{account}_{sub}" if sub else account,
        "holder": next((row.holder_name for row in rows if row.holder_name), ""),
        "currency": currency,
        "rows": len(rows),
        "in_fen": sums["in"],
        "out_fen": sums["out"],
        "unknown_fen": sums["unknown"],
        "opening_fen": checked.opening_fen,
        "closing_fen": checked.closing_fen,
        "breaks": checked.breaks,
        "row": checked.row_no,
        "missing_fen": checked.missing_fen,
        "reordered": checked.reordered,
    }
