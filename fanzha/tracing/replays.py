"""Replaying a stored result: whether its input still gives its figures, and by which rows."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.tracing.asking import limits_text, read_limits
from fanzha.tracing.engine import (
    ENGINE,
    REACH,
    RULE_VERSIONS,
    VALUATIONS,
    account_ends,
    fates,
    row_shares,
    trace,
)
from fanzha.tracing.engine.fingerprint import plain_lines, sha256_of
from fanzha.tracing.engine.given import LINE_RULES
from fanzha.tracing.engine.ranges import CERTAIN, ranges
from fanzha.tracing.engine.result import NO_PIECE
from fanzha.tracing.files import TraceFiles, read_trace_files
from fanzha.tracing.ledger import Ledger
from fanzha.tracing.reports import OUTPUT, Asked, report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fanzha.tracing.engine import Limits, Movements, Seeds, Trace
    from fanzha.tracing.engine.ranges import Ranges
    from fanzha.tracing.narrow import Narrow, Traced

INPUTS: Final = ("movements", "seeds", "openings", "known", "groups")


class BadResult(Refusal):
    """A file is no result of a trace."""

    message = gettext_noop("%(path)s is no JSON result of one rule of `fanzha trace`.")


class NoSuchEnd(Refusal):
    """There is no end of that number."""

    message = gettext_noop("There is no end %(number)d; the ends are numbered 0 to %(last)d.")


class Question(NamedTuple):
    """What is asked of the files, besides the rule."""

    limits: Limits
    backward_reason: str = ""
    flow_rule: str = "fifo"
    stop: Callable[[], bool] | None = None

    def under(self, rule: str, *, of: str) -> Question:
        """The same question for one rule; side by side, `backward` concerns those that know it."""
        concerned = of == rule or rule in LINE_RULES
        return self if concerned else self._replace(backward_reason="")


def ask(
    files: TraceFiles, rule: str, question: Question, inputs: Mapping[str, str]
) -> tuple[Trace, dict[str, Any]]:
    """Trace by one rule, with the ranges of its ends; the trace and its report."""

    def traced(movements: Movements, seeds: Seeds) -> Trace:
        return trace(
            movements, seeds, rule=rule, limits=question.limits, openings=files.openings,
            known=files.known, backward=bool(question.backward_reason),
            flow_rule=question.flow_rule, stop=question.stop,
        )  # fmt: skip

    ground = _ground(files, rule, question, traced)
    result = ground.trace()
    # The ladder leaves open what time cannot decide, and reach has no amounts.
    certain = bool(result.unfinished) or rule in ("timestamp_ladder", REACH)
    asked = Asked(
        input_sha256=_input_sha256(files, question),
        inputs=inputs,
        backward_reason=question.backward_reason,
        ranges=CERTAIN if certain else ground.ranges(result),
    )
    return result, report(result, asked)


class _Plain(NamedTuple):
    """All rows as the engine takes them."""

    movements: Movements
    seeds: Seeds
    traced: Traced

    def trace(self) -> Trace:
        """Trace through all rows."""
        return self.traced(self.movements, self.seeds)

    def ranges(self, _: Trace) -> Ranges:
        """How far the ends depend on the order of rows."""
        return ranges(self.movements, self.seeds, self.traced)


def _ground(files: TraceFiles, rule: str, question: Question, traced: Traced) -> _Plain | Narrow:
    if not isinstance(files.movements, Ledger):
        return _Plain(files.movements, files.seeds, traced)
    # What reads large files loads machine code.
    from fanzha.tracing.narrow import Narrow, Way

    backward = bool(question.backward_reason)
    asked = Way(rule, question.limits, backward, files.openings, files.known)
    return Narrow(files.movements, files.seeds, asked, traced)


def _input_sha256(files: TraceFiles, question: Question) -> str:
    rows, seeds = files.movements, files.seeds
    if isinstance(rows, Ledger):
        from fanzha.tracing.canonical import canonical_lines

        lines, ids = canonical_lines(rows), [rows.id_of(row) for row in seeds.rows]
    else:
        lines, ids = plain_lines(rows), [rows.ids[row] for row in seeds.rows]
    return sha256_of(
        lines,
        list(zip(ids, seeds.claims, strict=True)),
        openings=files.openings,
        known=files.known,
        limits=question.limits,
        backward=bool(question.backward_reason),
        flow_rule=question.flow_rule,
    )


def read_result(path: Path) -> dict[str, Any]:
    """Read a stored result; raises BadResult."""
    try:
        record = json.loads(path.read_bytes())
        if record["rule"] in RULE_VERSIONS and {*OUTPUT, "inputs", "version"} <= set(record):
            found: dict[str, Any] = record
            return found
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise BadResult(path=path)


def replay(path: Path) -> tuple[dict[str, Any], Trace, dict[str, Any]]:
    """Trace a stored result again: the stored record, the new trace, the new record."""
    stored = read_result(path)
    places = {name: _place(path, given) for name, given in stored["inputs"].items()}
    files = read_trace_files(**{name: places[name] for name in INPUTS if name in places})
    question = Question(
        limits=read_limits(limits_text(stored["limits"])),
        backward_reason=stored["backward"] or "",
        flow_rule=stored.get("flow_rule", "fifo"),
    )
    result, record = ask(files, stored["rule"], question, stored["inputs"])
    return stored, result, record


def differences(stored: Mapping[str, Any], replayed: Mapping[str, Any]) -> list[str]:
    """Say in words what is not the same; none: the replay holds."""
    found = []
    if stored["input_sha256"] != replayed["input_sha256"]:
        found.append("the input is not the one that was traced")
    if stored["version"] != replayed["version"]:
        found.append(f"the rule means {replayed['version']} now, it was {stored['version']}")
    return found + [f"{name} differ" for name in OUTPUT if stored[name] != replayed[name]]


def replayed_words(record: Mapping[str, Any], result: Trace) -> str:
    """Say what was replayed."""
    return (
        f"Replayed {result.movements.part_of or len(result.movements)} rows"
        f" and {len(result.seeds.rows)} payments by {record['version']} on {ENGINE}:"
        f" {len(record['ends'])} ends, {len(record['pieces'])} rows with traced money,"
        f" input {record['input_sha256']}, output {record['output_sha256']}."
    )


def explain(result: Trace, number: int) -> dict[str, Any]:
    """Tell by which rows the fen of one end came, ends numbered from 0 as in the report.

    `ways` are the chains of rows, each with its fen, if the rule keeps fen apart; else, and for a
    valuation, `rows` says how much of each row's traced money came here. Raises NoSuchEnd.
    """
    ends = account_ends(result)
    if not 0 <= number < len(ends):
        raise NoSuchEnd(number=number, last=len(ends) - 1)
    end = ends[number]
    flow = result.flow or result
    found: dict[str, Any] = {
        "end": {"account": end.account, "kind": end.kind.value, "fen": end.fen},
        "rule": result.rule,
    }
    if result.rule in VALUATIONS or flow.mixed is not None or result.rule == REACH:
        return found | {"rows": list(_row_parts(flow, end.account))}
    ways: Counter[tuple[str, tuple[int, ...]]] = Counter()
    for each in result.ends:
        if (each.account, each.kind) == (end.account, end.kind):
            ways[each.claim, tuple(_chain(result, each.piece))] += each.fen
    return found | {
        "ways": [
            {"claim": claim, "fen": fen, "rows": [_row(result, row) for row in rows]}
            for (claim, rows), fen in ways.most_common()
        ]
    }


def _row_parts(flow: Trace, account: str) -> Iterator[dict[str, Any]]:
    """Rows whose traced money came to the account, and how much of it."""
    parts = fates(flow) if flow.rule != REACH else {}
    for share in row_shares(flow):
        here = sum(fen for (name, _), fen in parts.get(share.row, {}).items() if name == account)
        payee = flow.movements.name(int(flow.movements.to_account[share.row]))
        if here or (not parts and payee == account):
            yield _row(flow, share.row) | {"traced_fen": share.fen, "came_here_fen": here}


def _chain(result: Trace, piece: int) -> list[int]:
    rows = []
    while piece != NO_PIECE:
        rows.append(result.pieces[piece].row)
        piece = result.pieces[piece].parent
    return rows[::-1]


def _row(result: Trace, row: int) -> dict[str, Any]:
    movements = result.movements
    return {
        "id": movements.ids[row],
        "time": int(movements.time[row]),
        "from_account": movements.name(int(movements.from_account[row])),
        "to_account": movements.name(int(movements.to_account[row])),
        "amount_fen": int(movements.amount_fen[row]),
    }


def _place(result: Path, given: str) -> Path:
    """An input where it was, or beside the result if that was moved together with its input."""
    path = Path(given)
    beside = result.parent / path.name
    return beside if not path.exists() and beside.exists() else path
