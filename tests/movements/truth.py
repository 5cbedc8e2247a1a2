"""Statements of several banks about payments that are known: what pairing is measured against."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from fanzha.movements.leg import ROW, Source
from fanzha.movements.transfers import Joined, join_told
from tests.movements.build import NOON, line, read

if TYPE_CHECKING:
    from fanzha.movements.joined import Where
    from fanzha.movements.pairing import Judged

MEMOS = (
    "货款第{n}批请查收",
    "借款归还{n}号合同",
    "房租{n}月份及押金",
    "工程尾款{n}标段结算",
    "",
    "",
    "",
)
FEES = (200, 500, 1000)


@dataclass
class Truth:
    """Statements, and which payer's row and which payee's row are one transfer."""

    lines: dict[int, list[tuple[int, dict[str, str]]]] = field(default_factory=dict)
    pairs: set[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=set)


class Score(NamedTuple):
    """How many of the pairs made are true, how many of the true ones were made; both to 1."""

    precision: float
    recall: float


def account(number: int) -> str:
    """The number of an account."""
    return f"6299010000000{number:06d}"


def make(seed: int, *, payments: int = 1500, accounts: int = 40, banks: int = 6) -> Truth:
    """Make payments that banks tell in their own ways.

    Clocks are wrong by up to five minutes, memos are cut, fees taken off, numbers masked or left
    out, amounts and accounts repeated within minutes; some serials are common, some rows missing.
    """
    rng = random.Random(seed)
    skew = [rng.randint(-300, 300) for _ in range(banks)]
    truth, second = Truth(), 0
    for number in range(payments):
        second += rng.choice((2, 15, 60, 240))
        payer, payee = rng.sample(range(accounts), 2)
        fen = rng.choice((50_000, 100_000, rng.randint(1_000, 9_999_999)))
        for repeat in range(rng.choice((1, 1, 1, 1, 1, 2, 3))):
            moment = second + repeat * rng.randint(3, 90)
            _tell(truth, rng, skew, (payer, payee), moment, fen, f"{number}-{repeat}")
    return truth


def _tell(
    truth: Truth, rng: random.Random, skew: list[int], sides: tuple[int, int],
    moment: int, fen: int, name: str,
) -> None:  # fmt: skip
    payer, payee = sides
    memo = rng.choice(MEMOS).format(n=name)
    serial = f"2026{rng.randrange(10**12):012d}" if rng.random() < 0.15 else ""
    fee = rng.choice(FEES) if rng.random() < 0.04 else 0
    lag = rng.randint(0, 25) if rng.random() < 0.97 else rng.randint(600, 7200)
    hide = rng.choice(("", "", "", "", "", "", "mask", "none"))
    hidden = rng.choice((payer, payee))
    missing = rng.choice((None,) * 8 + (payer, payee))
    told = []
    for own, other, way, at, amount in (
        (payer, payee, "出", moment, fen + fee), (payee, payer, "进", moment + lag, fen)
    ):  # fmt: skip
        if own == missing:
            continue
        shown = account(other)
        if own == hidden and hide:
            shown = f"{shown[:6]}******{shown[-4:]}" if hide == "mask" else ""
        row = _row(own, shown, way, at + skew[own % len(skew)], amount)
        row |= _texts(memo if own == payer else memo[:8], serial)
        listed = truth.lines.setdefault(own, [])
        listed.append((len(listed), row))
        told.append((own, len(listed) - 1))
    if len(told) == 2:
        truth.pairs.add((told[0], told[1]))


def _row(own: int, other: str, way: str, second: int, fen: int) -> dict[str, str]:
    moment = NOON + timedelta(seconds=second)
    return line(
        card_no=account(own), holder_name=f"户主{own}", direction=way, cp_account_no=other,
        txn_time=f"{moment:%Y-%m-%d %H:%M:%S}", amount_fen=f"{fen / 100:.2f}",
    )  # fmt: skip


def _texts(memo: str, serial: str) -> dict[str, str]:
    cells = line(remark=memo, serial_no=serial)
    return {name: cells[name] for name in ("备注", "交易流水号")}


def joined(truth: Truth, judged: Judged | None = None, *, banks: int = 6) -> Joined:
    """Join all the statements; row `n` of an account stands in line `n + 2`."""
    sources, told = [], {}
    for own, listed in sorted(truth.lines.items()):
        reading = read(*(row for _, row in listed))
        assert not reading.rejects
        name = f"S{own}"
        sources.append(Source(name, reading.file_sha256, institution_code=f"B{own % banks}"))
        told[name] = [tuple(getattr(row, column) for column in ROW) for row in reading.kept]
    how: dict[str, Any] = {"judged": judged} if judged else {}
    return join_told(sources, told, **how)


def score(truth: Truth, found: Joined) -> Score:
    """Compare the pairs made with the true ones, row by row."""
    made = {(_key(each.payer.where), _key(each.payee.where)) for each in found.pairing.pairs}
    right = len(made & truth.pairs)
    return Score(right / max(len(made), 1), right / max(len(truth.pairs), 1))


def by_certainty(truth: Truth, found: Joined) -> dict[str, tuple[int, int]]:
    """Certainty -> pairs made, pairs right."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for each in found.pairing.pairs:
        counts[each.certainty][0] += 1
        pair = _key(each.payer.where), _key(each.payee.where)
        counts[each.certainty][1] += pair in truth.pairs
    return {certainty: (made, right) for certainty, (made, right) in sorted(counts.items())}


def _key(where: Where) -> tuple[int, int]:
    return int(where[0].removeprefix("S")), where[1] - 2
