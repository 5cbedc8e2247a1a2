"""Files read in columns give the same rows, refusals and results, byte by byte."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fanzha.core.clock import ZONE
from fanzha.tracing import files, narrow
from fanzha.tracing.asking import limits_text, read_limits
from fanzha.tracing.blocks import Unsettled
from fanzha.tracing.engine import RULE_VERSIONS, InputError, Limits
from fanzha.tracing.engine import ranges as ranging
from fanzha.tracing.exports import exported
from fanzha.tracing.files import BadFile, read_movements, read_trace_files
from fanzha.tracing.ledger import Ledger
from fanzha.tracing.replays import Question, ask, explain, replay
from fanzha.tracing.wide import read_ledger
from tests.tracing.networks import FEATURES, network

if TYPE_CHECKING:
    from pathlib import Path

    from fanzha.tracing.engine import Movements
    from tests.tracing.reference import Case, Row

HEADER = (
    "id,time,from_account,to_account,amount_fen,balance_from_fen,balance_to_fen,channel,currency,"
    "reverses,time_to"
)
CELLS = {
    "id": ["a", "b", "r1", "r2", "编号1", "", " x ", "\u3000y"],
    "time": [
        "1", "2", "20260318", "20260318105800", "2026-03-18", "2026-03-18 10:58:00", "2026/3/18",
        "2026-03-18T10:58:00Z", "2026-03-18T10:58:00.5", "19870701", "1987-07-01 00:30:00", "soon",
        "", "2026-02-30", "99999999", "2026-03-18 10:58", "-5", "2026.03.18 23:59:59", "2199-12-31",
    ],
    "account": ["A", "B", "", "张三", " C", "D\u3000", 'E"', "\u00e9t\u00e9"],
    "fen": ["1", "007", "0", "", "-1", "1e3", "9223372036854775807", "9223372036854775808"],
    "balance": ["", "", "0", "-7", "12", "x", "-9223372036854775808"],
    "channel": ["", "cash", "CASH", "pigeon", "fee"],
    "currency": ["", "cny", "USD"],
    "reverses": ["", "", "", "a", "nobody"],
}  # fmt: skip


def fields(movements: Movements) -> dict[str, Any]:
    """Everything that a trace reads of the rows."""
    names = [movements.name(code) for code in range(len(movements.accounts))]
    return {
        "ids": movements.ids,
        "settled": movements.settled,
        "channel": movements.channel,
        "currency": movements.currency,
        "from": [names[code] if code >= 0 else "" for code in movements.from_account.tolist()],
        "to": [names[code] if code >= 0 else "" for code in movements.to_account.tolist()],
    } | {
        name: getattr(movements, name).tolist()
        for name in (
            "time", "amount_fen", "balance_from_fen", "balance_to_fen", "reverses", "time_to",
            "width",
        )
    }  # fmt: skip


def both(path: Path, group_of: dict[str, str] | None = None) -> bool:
    """Read both ways; whether the columns were settled. What they refuse is the exact reader's."""
    try:
        exact = read_movements(path, group_of or {})
    except BadFile:
        with pytest.raises((Unsettled, InputError)):
            read_ledger(path, group_of or {})
        return False
    try:
        ledger = read_ledger(path, group_of or {})
    except Unsettled:
        return False
    assert fields(ledger.movements(np.arange(len(ledger)))) == fields(exact)
    return True


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "movements.csv"


def dirty(chance: Random) -> str:
    """A file of which most cells are fine."""

    def cell(kind: str, fine: int) -> str:
        cells = CELLS[kind]
        return cells[chance.randrange(fine)] if chance.random() < 0.9 else chance.choice(cells)

    style = chance.choice([0, 2, 4, 5, 9])
    lines = [HEADER]
    for number in range(chance.randint(0, 5)):
        row = [
            f"{cell('id', 2)}{number}", CELLS["time"][style], cell("account", 4),
            cell("account", 2), cell("fen", 3), cell("balance", 5), cell("balance", 2),
            cell("channel", 3), cell("currency", 3), cell("reverses", 3), "",
        ]  # fmt: skip
        row[1] = cell("time", 19) if chance.random() < 0.2 else row[1]
        row[10] = row[1] if chance.random() < 0.2 else ""
        if chance.random() < 0.05:
            row.pop()
        row = [f'"{text}"' if chance.random() < 0.1 else text for text in row]
        lines.append(",".join(row))
        if chance.random() < 0.05:
            lines.append(chance.choice(["", " ", ",,,,,,,,,,", '"', "a\rb"]))
    return chance.choice(["\n", "\r\n"]).join(lines) + chance.choice(["", "\n"])


def test_dirty_files_are_read_alike_or_left_to_the_exact_reader(path: Path) -> None:
    settled = 0
    for number in range(1_500):
        chance = Random(number)
        encoding = chance.choice(["utf-8", "utf-8-sig", "gb18030"])
        path.write_bytes(dirty(chance).encode(encoding, "replace"))
        settled += both(path, {"A": "B"} if number % 3 == 0 else None)
    assert settled > 300


@pytest.mark.parametrize(
    "times",
    [
        ["5", "-3", "4"],
        ["20260318", "19991231", "20260317"],
        ["20260318", "19870701", "20260317"],
        ["20260318", "20261318", "20260317"],
        ["20260318105800", "20260318105801", "20000229000000"],
        ["20260318105860", "20260318105801", "20000229000000"],
        ["2026-03-18", "2026/03/18 10:58:00", "20260317"],
        ["2026-03-18", "2026-03-18T02:58:00Z", "2026-3-1 9:05"],
        ["2026-03-18 10:58:00.250", "2026-03-18 10:58:00", "1986-05-04 03:00:00"],
        ["2100-02-28", "2096-02-29", "1992-01-01 00:00:00"],
    ],
)
def test_times_of_every_form_are_read_alike(path: Path, times: list[str]) -> None:
    rows = [f"r{at},{time},A,B,1" for at, time in enumerate(times)]
    path.write_text("\n".join([HEADER[: HEADER.index(",balance")], *rows]) + "\n", "utf-8")
    assert both(path) or "1987" in times[1]


def test_every_day_of_two_centuries_is_the_calendar_s(path: Path) -> None:
    days = np.arange("1992-01-01", "2200-01-01", dtype="datetime64[D]")
    rows = [f"r{at},{day},A,B,1" for at, day in enumerate(days.tolist())]
    path.write_text("\n".join([HEADER[: HEADER.index(",balance")], *rows]), "utf-8")
    ledger = read_ledger(path, {})
    ahead = round(np.datetime64("1992-01-01", "s").item().astimezone(ZONE).timestamp())
    assert ahead >= 0
    seconds = days.astype("datetime64[s]").astype(np.int64) - 8 * 3_600
    assert ledger.time.tolist() == seconds.tolist()


def test_blocks_of_any_size_give_the_same_rows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"r{at},{at // 3},账户{at % 40},B{at % 7},{at}" for at in range(500)]
    path.write_text("\n".join([HEADER[: HEADER.index(",balance")], *rows]), "utf-8")
    for size in (64, 333, 5_000):
        monkeypatch.setattr("fanzha.tracing.blocks.BLOCK_BYTES", size)
        assert both(path)


def test_ten_thousand_names_outgrow_every_table(path: Path) -> None:
    long = "L" * 70_000
    rows = [f"r{at},{at},N{at},{long if at == 9_000 else 'B'},1" for at in range(10_000)]
    path.write_text("\n".join([HEADER[: HEADER.index(",balance")], *rows]), "utf-8")
    assert both(path)


def text_of(case: Case, chance: Random) -> str:
    """The case as a file: its times as dates and times, now and then as a date alone."""
    dated = chance.random() < 0.3

    def moment(seconds: int) -> str:
        text = f"2026-03-{10 + seconds // 20:02} 10:00:{seconds % 20:02}"
        return text[:10] if dated and seconds % 3 == 0 else text

    def line(row: Row) -> str:
        cells = (
            row.id, moment(row.time), row.payer, row.payee, row.fen,
            "" if row.payer_balance is None else row.payer_balance,
            "" if row.payee_balance is None else row.payee_balance,
            row.channel, row.currency, row.reverses,
            "" if row.time_to is None else moment(max(row.time_to, 0)),
        )  # fmt: skip
        return ",".join(map(str, cells))

    return "\n".join([HEADER, *map(line, case.rows)]) + "\n"


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Files of any size are read in columns, and walked on the index."""
    monkeypatch.setattr(files, "WIDE_BYTES", 0)
    monkeypatch.setattr(narrow, "PLAIN_ROWS", 0)
    monkeypatch.setattr("fanzha.tracing.engine.planner.PLAIN_ROWS", 0)
    return monkeypatch


def answered(folder: Path, rule: str, question: Question, *, wide: bool) -> tuple[Any, ...] | str:
    """The record, every format and every explanation; or the refusal."""
    names = {name: folder / f"{name}.csv" for name in ("movements", "seeds", "openings", "known")}
    given = {name: path for name, path in names.items() if path.exists()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "WIDE_BYTES", 0 if wide else 10**12)
        try:
            found = read_trace_files(**given)
            trace, record = ask(found, rule, question, {n: str(p) for n, p in given.items()})
        except (BadFile, InputError) as fault:
            return str(fault)
    assert not wide or isinstance(found.movements, Ledger)
    forms = [exported(record, form, trace.movements) for form in ("json", "csv", "graphml")]
    return forms, [explain(trace, number) for number in range(len(record["ends"]))]


def write_case(folder: Path, case: Case, chance: Random) -> None:
    """Write the files of one question."""
    (folder / "movements.csv").write_text(text_of(case, chance), "utf-8")
    seeds = "".join(f"{name},{claim}\n" for name, claim in case.seeds.items())
    (folder / "seeds.csv").write_text("id,claim\n" + seeds, "utf-8")
    openings = "".join(f"{name},{fen}\n" for name, fen in case.openings.items())
    (folder / "openings.csv").write_text("account,amount_fen\n" + openings, "utf-8")
    (folder / "known.csv").unlink(missing_ok=True)
    if case.known is not None:
        (folder / "known.csv").write_text("account\n" + "\n".join(sorted(case.known)), "utf-8")


def question_of(case: Case) -> Question:
    """The limits of the case as the command line takes them."""
    asked = case.limits
    told = Limits(asked.min_amount_fen, asked.max_hops, asked.hop_window, asked.max_transfers)
    return Question(limits=told)


@pytest.mark.parametrize("rule", RULE_VERSIONS)
@settings(
    max_examples=30, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(number=st.integers(0, 2**32), size=st.integers(2, 24))
def test_a_wide_file_is_answered_like_a_narrow_one(
    tmp_path: Path, wide: pytest.MonkeyPatch, rule: str, number: int, size: int
) -> None:
    chance = Random(number)
    case = network(size, chance, FEATURES if chance.random() < 0.7 else {"openings", "exits"})
    write_case(tmp_path, case, chance)
    question = question_of(case)
    plain = answered(tmp_path, rule, question, wide=False)
    assert answered(tmp_path, rule, question, wide=True) == plain


def test_backward_tracing_goes_through_the_same_rows(
    tmp_path: Path, wide: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        chance = Random(number)
        write_case(tmp_path, network(20, chance, {"exits"}), chance)
        question = Question(limits=read_limits(""), backward_reason="asked by the court")
        for rule in ("fifo", "lifo"):
            plain = answered(tmp_path, rule, question, wide=False)
            assert answered(tmp_path, rule, question, wide=True) == plain


def test_a_result_of_a_wide_file_holds_when_it_is_replayed(
    tmp_path: Path, wide: pytest.MonkeyPatch
) -> None:
    chance = Random(7)
    case = network(24, chance, {"exits", "openings"})
    write_case(tmp_path, case, chance)
    found = read_trace_files(tmp_path / "movements.csv", tmp_path / "seeds.csv")
    names = {name: str(tmp_path / f"{name}.csv") for name in ("movements", "seeds")}
    _, record = ask(found, "fifo", Question(limits=read_limits("")), names)
    (tmp_path / "result.json").write_text(json.dumps(record), "utf-8")
    stored, trace, again = replay(tmp_path / "result.json")
    assert stored == again
    assert trace.movements.part_of == 24
    wide.setattr(files, "WIDE_BYTES", 10**12)
    assert replay(tmp_path / "result.json")[2] == record
    assert limits_text(record["limits"]) == ""


def test_where_too_many_accounts_are_in_reach_only_ends_have_bounds(
    tmp_path: Path, wide: pytest.MonkeyPatch
) -> None:
    rows = ["pay,1,V,A,10", "own,1,W,A,10", "on,2,A,B,10", "far,3,B,C,5", "tie,3,W,B,1"]
    (tmp_path / "movements.csv").write_text(
        "\n".join([HEADER[: HEADER.index(",balance")], *rows]), "utf-8"
    )
    (tmp_path / "seeds.csv").write_text("id\npay\n", "utf-8")
    question = Question(limits=read_limits(""))
    for module in (narrow, ranging):
        wide.setattr(module, "MOST_ROWS", 10)
    listed = []
    for most in (6, 5):
        for module in (narrow, ranging):
            wide.setattr(module, "MOST_BOUNDS", most)
        narrow_way, wide_way = (
            answered(tmp_path, "fifo", question, wide=each) for each in (False, True)
        )
        assert narrow_way == wide_way
        record = json.loads(wide_way[0][0])
        assert record["orders"] == {"traced": 0, "outer_bound": True}
        listed.append({(each["account"], each["high_fen"]) for each in record["ranges"]})
    assert listed == [{("A", 10), ("B", 10), ("C", 5)}, {("B", 10), ("C", 10)}]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("x,2026-03-19,A,B,-3", "row 3, amount_fen: -3 is too small"),
        ("x,soon,A,B,3", "row 3, time: 'soon' is no time"),
        ("x,2026-03-19,,,3", "row 3, to_account: both accounts are empty"),
        ("pay,2026-03-19,A,B,3", "row 3, id: the id 'pay' stands twice"),
        ("x,2026-03-19,A", "row 3: 3 fields where the header has 5"),
        ('x,2026-03-19,A,"B,3', "row 3: unexpected end of data"),
    ],
)
def test_a_fault_in_a_file_too_large_to_keep_is_named_all_the_same(
    tmp_path: Path, wide: pytest.MonkeyPatch, row: str, words: str
) -> None:
    path = tmp_path / "movements.csv"
    path.write_text(
        "\n".join([HEADER[: HEADER.index(",balance")], "pay,2026-03-18,V,A,5", row]), "utf-8"
    )
    wide.setattr(files, "largest_file", lambda: 10)
    (tmp_path / "seeds.csv").write_text("id\npay\n", "utf-8")
    with pytest.raises(BadFile, match=words):
        read_trace_files(path, tmp_path / "seeds.csv")


def test_what_no_machine_holds_is_refused_before_it_is_read(
    tmp_path: Path, wide: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "movements.csv"
    rows = [f"r{at:05},{at},A,B,1" for at in range(10_000)]
    path.write_text("\n".join([HEADER[: HEADER.index(",balance")], *rows]), "utf-8")
    (tmp_path / "seeds.csv").write_text("id\nr00000\n", "utf-8")
    wide.setattr(files, "_memory", lambda: 10_500 * files.WIDE_MEMORY_PER_ROW)
    assert len(read_trace_files(path, tmp_path / "seeds.csv").movements) == 10_000
    wide.setattr(files, "_memory", lambda: 9_500 * files.WIDE_MEMORY_PER_ROW)
    with pytest.raises(BadFile, match="keep only the rows of the accounts in question"):
        read_trace_files(path, tmp_path / "seeds.csv")
