"""Both readers give the same rows, rejects, counts and sums, whatever stands in the file."""

from __future__ import annotations

import hashlib
import random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from fanzha.core.refusal import Refusal
from fanzha.movements import lake, rules
from fanzha.movements.columnar import blocks, within
from fanzha.movements.columnar.placed import raw_of
from fanzha.movements.columnar.whole import Summary, read_columns
from fanzha.movements.row import cells_of, hash_of
from tests.movements.build import A, B, at, line, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FILES = 120
CELLS = {
    "交易卡号": [A, B, f"'{A}", "6.299E18", "", "6299****0001", "629901000000000000000"],
    "交易账号": ["990100000001", "", "990100000001_2"],
    "账户开户名称": ["柏小舟", "", " 王 五 ", "甲\t乙", "\u3000丙"],
    "交易时间": [
        at(0), "2026/3/18 1:02", "2026-03-18", "20260318120102", "45000.5", "坏", "",
        "2026-03-18T12:00:01", "2026-2-30", "2026-03-18 00:00:00", "合计", "1991-01-01 00:00:00",
        "20260318 12:01", "2024-02-29", "2026-03-18 120000", "2026-3-1812:30",
    ],
    "交易金额": [
        "100.00", "-5", "1,000.00", "¥3.10", "0.001", "1.2300", "", "-", "26,00", "1e5", "￥7",
        "(3.00)", "0", "９", "+4.", "99999999999999999", " 12 ", "1 000", "5元", ".5", "1,0000",
    ],
    "交易余额": ["100.00", "", "-", "x", "1,234.5", "--"],
    "收付标志": ["进", "出", "借", "贷", "", "O", "1", "-", "2", "0"],
    "交易对手账卡号": [
        B, "", "-", "123", "000000", "62990200000000000000", "6299 0200", "a@b.c", "62********12",
        "6.2E+17", "６２９９０２００００",
    ],
    "对手户名": ["对手", "", "a,b", 'a"b'],
    "摘要说明": ["转账", "", "退\\汇", "x\ny"],
    "交易币种": ["人民币", "", "USD", "JPY", "怪币"],
    "交易是否成功": ["成功", "失败", "", "?"],
    "交易流水号": ["S12345", "", "0000", "S1", "对对对对", "对对对错"],
    "备注": ["", "备注", "null", "\ufffd"],
    "怪": ["", "奇"],
}  # fmt: skip


class Dirty:
    """A file that nothing in the world would print like this, but much of it somewhere."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        choice = self.chance.choice
        self.delimiter, self.line_end = choice([",", ",", "\t", "|"]), choice(["\n", "\r\n", "\r"])
        self.dirt = choice([0, 0.02, 0.2])
        self.sign = choice(["", "", "-"])
        self.moved, self.balance = 1, 0

    def text(self) -> str:
        lines = ["标题"] * self.chance.choice([0, 0, 3]) + [self.delimiter.join(CELLS)]
        lines += [self.line() for _ in range(self.chance.randrange(1, 40))]
        return self.line_end.join(lines) + self.chance.choice([self.line_end, ""])

    def line(self) -> str:
        some = self.delimiter * self.chance.randrange(20)
        odd = ["", self.delimiter.join(CELLS), f"合计{some}3", f'a"b{some}', some, f"\0坏{some}"]
        if self.chance.random() < self.dirt / 2:
            return self.chance.choice(odd)
        quoted = self.chance.random() < 0.3
        cells = [self.cell(name) for name in CELLS]
        if self.chance.random() < self.dirt:
            cells = [*cells, self.chance.choice(["", "x", " "])][self.chance.randrange(16) :]
        return self.delimiter.join(self.written(cell, quoted=quoted) for cell in cells)

    def written(self, cell: str, *, quoted: bool) -> str:
        if quoted or any(sign in cell for sign in (self.delimiter, '"', "\n")):
            return '"{}"'.format(cell.replace('"', '""'))
        return cell

    def cell(self, name: str) -> str:
        if self.chance.random() < self.dirt:
            return self.chance.choice(CELLS[name])
        if name == "交易时间":
            return at(self.chance.randrange(4))
        if name == "交易金额":
            self.moved = self.chance.choice([1, 2, 5])
            return f"{self.sign}{self.moved}.00"
        if name == "交易余额":
            self.balance += self.moved
            return f"{self.balance}.00"
        return CELLS[name][self.chance.random() < 0.2]


def listed(rows: pa.Table, content: bytes = b"") -> list[dict[str, Any]]:
    """The rows, their cells by name: one reader keeps the names in every row or leaves them."""
    found: list[dict[str, Any]] = rows.to_pylist()
    for row in found:
        if place := row.pop("raw_at"):
            row["raw"] = row["raw"] or raw_of(content, place, row["raw_names"], row["row_no"])
        row["row_sha256"] = hash_of(row["raw"], row["row_sha256"])
        row["raw"] = cells_of(row["raw"], row.pop("raw_names"))
    return found


def told_by_rows(content: bytes) -> Any:
    try:
        found = rules.read_file(content, "made.csv")
    except Refusal as refusal:
        return str(refusal)
    facts = (
        found.profile, found.read, len(found.kept), found.duplicates, found.skipped, found.rejects,
        found.findings, found.truncated, found.sums, found.times, found.accounts,
    )  # fmt: skip
    return facts, found.account_checks(), listed(lake.table_of(found.rows))


def whole(tables: Iterator[pa.Table]) -> pa.Table:
    return pa.concat_tables([lake.schema().empty_table(), *tables])


def told_by_columns(content: bytes) -> Any:
    try:
        told = read_columns(content, "made.csv", whole)
        without = read_columns(content, "made.csv", whole, raw=False)
    except Refusal as refusal:
        return str(refusal)
    assert told is not None
    assert without is not None
    found, rows = told
    assert listed(rows) == listed(without[1], content)
    facts = (
        found.profile, found.read, found.kept, found.duplicates, found.skipped, found.rejects,
        found.findings, found.truncated, found.sums, found.times, found.accounts,
    )  # fmt: skip
    return facts, found.checks, listed(rows)


@pytest.mark.parametrize("seed", range(FILES))
def test_a_dirty_file_reads_the_same_in_columns(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    file = Dirty(seed)
    monkeypatch.setattr(blocks, "BLOCK", file.chance.choice([50, 200, 1000, 1 << 20]))
    encoding = file.chance.choice(["utf-8", "utf-8-sig", "gb18030"])
    content = file.text().encode(encoding)
    assert told_by_columns(content) == told_by_rows(content)


def read(*lines: dict[str, str], encoding: str = "utf-8") -> tuple[Summary, list[dict[str, Any]]]:
    told = read_columns(table(*lines).encode(encoding), "made.csv", whole)
    assert told is not None
    return told[0], told[1].to_pylist()


def test_the_comparison_sees_a_difference() -> None:
    one, other = table(line(), line()).encode(), table(line(), line(amount_fen="100.01")).encode()
    assert told_by_columns(one) != told_by_rows(other)


def test_the_same_rows_have_the_same_hash_however_the_file_is_cut_and_encoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [line(txn_time=at(each), cp_name="欧阳𠮷") for each in range(50)]
    found = {read(*lines)[0].rows_sha256, read(*lines, encoding="gb18030")[0].rows_sha256}
    monkeypatch.setattr(blocks, "BLOCK", 333)
    found.add(read(*lines)[0].rows_sha256)
    assert len(found) == 1
    assert read(*lines, line())[0].rows_sha256 not in found


def test_a_mixed_file_is_left_to_the_row_by_row_reader() -> None:
    content = table(line()).encode() + "坏".encode("gb18030") + b"\n"
    assert read_columns(content, "made.csv", whole) is None


def test_a_minus_that_comes_late_is_settled_over_all_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 4096)
    many = [line(txn_time=at(each), direction="出") for each in range(200)]
    content = table(*many, line(amount_fen="-7.00", direction="出")).encode()
    calls: list[int] = []

    def store(tables: Iterator[pa.Table]) -> pa.Table:
        calls.append(1)
        return whole(tables)

    told = read_columns(content, "made.csv", store)
    assert told is not None
    assert len(calls) == 2
    assert told[1].to_pylist()[-1]["direction"] == "unknown"
    assert told[0].sums == rules.read_file(content, "made.csv").sums


@pytest.mark.parametrize(("late", "taken_back"), [("2", 200), ("0", 0)])
def test_a_code_that_comes_late_is_settled_over_all_of_the_file(
    late: str, taken_back: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 4096)
    many = [line(txn_time=at(each), direction="1") for each in range(200)]
    content = table(*many, line(direction=late)).encode()
    told = read_columns(content, "made.csv", whole)
    assert told is not None
    ways = [each["direction"] for each in told[1].to_pylist()]
    assert ways.count("unknown") == taken_back + (late == "2")
    assert told[0].sums == rules.read_file(content, "made.csv").sums


def test_a_file_on_disk_reads_like_its_bytes(tmp_path: Path) -> None:
    content = table(line(), line(direction="出")).encode()
    path = tmp_path / "made.csv"
    path.write_bytes(content)
    keep: Callable[..., Any] = whole
    one, other = read_columns(path, "x", keep), read_columns(content, "x", keep)
    assert one is not None
    assert other is not None
    assert (one[0], one[1].to_pylist()) == (other[0], other[1].to_pylist())


@pytest.mark.parametrize("seed", range(FILES, FILES + 8))
def test_repeats_are_found_however_often_the_table_of_them_grows(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(within, "FIRST_SLOTS", 4)
    monkeypatch.setattr(blocks, "BLOCK", 300)
    content = Dirty(seed).text().encode()
    assert told_by_columns(content) == told_by_rows(content)


def test_a_file_that_names_no_account_stands_for_one_of_its_own() -> None:
    content = "交易时间,收入金额,支出金额,账户余额\n2026-03-18 12:00:00,1.00,,5.00\n".encode()
    told = read_columns(content, "made.csv", whole)
    assert told is not None
    assert told[0].accounts == rules.read_file(content, "made.csv").accounts
    assert told[0].accounts[0].endswith(hashlib.sha256(content).hexdigest()[:8])


def test_an_encoding_that_shows_late_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 100)
    rows = [f"2026-03-18,{n}.00,,9.00,a" for n in range(99)]
    text = "\n".join(
        ["DATE,MONEY IN,MONEY OUT,BALANCE,DETAILS", *rows, "2026-03-19,1.00,,9.00,欧阳"]
    )
    gb18030, mixed = (
        f"{text}\n".encode("gb18030"),
        f"{text}\n".encode("gb18030") + "欧阳\n".encode(),
    )
    assert {blocks.guess_of(each) for each in (gb18030, mixed)} == {"utf-8"}
    assert told_by_columns(gb18030) == told_by_rows(gb18030)
    assert read_columns(mixed, "made.csv", whole) is None
