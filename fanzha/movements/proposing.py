"""An unknown layout: a mapping is proposed with its confidence; a person makes it a profile.

Nothing is ever imported by a guess: what is proposed here is shown, corrected and saved first.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.movements.cells import Unreadable, account_of, amount_of, clean, time_of
from fanzha.movements.profile import guesses, known_names, load, marked, plain_name
from fanzha.movements.source import HEADER_WITHIN, candidates, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from fanzha.movements.sheets import Table

SAMPLE = 200
"""So many rows are looked at."""
MOST = 0.8
"""So large a share of filled cells has to fit for a column to be taken by its content."""
BY_NAME, BY_PART, BY_CONTENT, BY_SUM, AGAINST = 0.9, 0.6, 0.4, 0.98, 0.2
FEWEST_STEPS = 3
"""A balance that follows from an amount fewer times may do so by chance."""
MOST_WORDS = 12
_NAME = re.compile(r"[\u4e00-\u9fff·*]{2,30}")
_CLOCK = re.compile(r"[0-2]?[0-9]:?[0-5][0-9](?::?[0-5][0-9])?")
_NAMELESS = re.compile(r"column [0-9]+")
_PLAIN_KEY = re.compile(r"\w[\w-]{0,29}")


class ProfileNeedsColumns(Refusal):
    """A mapping that says too little to read a movement by."""

    message = gettext_noop("Name the column of %(field)s; without it no row can be read.")


class BadProfileName(Refusal):
    """A name that could not be told from others in a list."""

    message = gettext_noop("A profile's name has 1 to 30 letters, digits, - or _ and no blanks.")


@dataclass(frozen=True)
class Guess:
    """One column: `at` counts from 0, `canonical` is empty where nothing fits.

    `confidence` is 0 to 1; `because` says why: name, part, content, balance or person.
    """

    at: int
    name: str
    canonical: str = ""
    confidence: float = 0.0
    because: str = ""


@dataclass(frozen=True)
class Proposal:
    """How a table of an unknown layout could be read; a person may change every part of it.

    `header_row` counts from 1. `sign`: the direction of a plus where the sign decides, else empty.
    `fen`: amounts are minor units. `directions`: word -> in or out, only where the balance says
    so or the word is known. `sample`: cells of the first rows below the header.
    """

    header_row: int
    delimiter: str
    columns: tuple[Guess, ...]
    directions: Mapping[str, str]
    sign: str = ""
    fen: bool = False
    sample: tuple[tuple[str, ...], ...] = ()

    @property
    def place(self) -> dict[str, int]:
        """Canonical column -> which cell."""
        return {each.canonical: each.at for each in self.columns if each.canonical}

    def chosen(self, columns: Mapping[int, str], **other: Any) -> Proposal:
        """The same with a person's columns (place -> canonical or empty); `other` parts replace."""
        told = tuple(
            replace(each, canonical=columns[each.at], confidence=1.0, because="person")
            if columns.get(each.at, each.canonical) != each.canonical
            else each
            for each in self.columns
        )
        return replace(self, columns=told, **other)


def propose(table: Table) -> Proposal | None:
    """A mapping for a table of text, by names, content and balances; None if it is no table."""
    lines = lines_of(table.content)[: HEADER_WITHIN + SAMPLE]
    best: tuple[tuple[float, ...], int, str, tuple[str, ...], list[list[str]]] | None = None
    for number, delimiter, names, cells in candidates(lines):
        rank = _rank(names, cells)
        if rank[0] and (best is None or rank > best[0]):
            best = rank, number, delimiter, names, cells
    if best is None:
        return None
    _, number, delimiter, names, cells = best
    columns = _columns(names, cells)
    found = Proposal(
        number, delimiter, columns, {}, sample=tuple(tuple(each) for each in cells[:20])
    )
    return _settled(found, cells)


def profile_from(mapping: Proposal, name: str, *, version: int = 1) -> dict[str, Any]:
    """The profile of a mapping, in the form of the YAML files (profile.parsed reads it).

    Raises ProfileNeedsColumns and BadProfileName.
    """
    if not _PLAIN_KEY.fullmatch(name):
        raise BadProfileName
    columns = {
        each.canonical: [each.name] for each in mapping.columns if each.canonical
    }  # fmt: skip
    two = "amount_fen" not in columns and columns.keys() >= {"amount_in", "amount_out"}
    amounts = ["amount_in", "amount_out"] if two else ["amount_fen"]
    needs = ["txn_time|txn_date", *amounts]
    for need in needs:
        if not columns.keys() & set(need.split("|")):
            raise ProfileNeedsColumns(field=load().names[need.partition("|")[0]])
    data: dict[str, Any] = {
        "name": name,
        "version": version,
        "marks": sorted({plain_name(each.name) for each in mapping.columns if each.name}),
        "needs": needs,
        "only": True,
        "columns": columns,
    }
    directions: dict[str, list[str]] = defaultdict(list)
    for word, way in sorted(mapping.directions.items()):
        directions[way].append(word)
    optional = {
        "directions": dict(directions),
        "sign": "" if two else mapping.sign,
        "unit": "fen" if mapping.fen else "",
    }
    return data | {key: value for key, value in optional.items() if value}


def _rank(names: Sequence[str], cells: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """First whether it is a header of movements at all, then how well."""
    body = list(zip(*cells, strict=False))
    moments = sum(_share(column, _is_time) >= MOST for column in body)
    amounts = sum(_share(column, _is_amount) >= MOST for column in body)
    plain = [plain_name(each) for each in names if not _NAMELESS.fullmatch(each)]
    known = sum(each in known_names() or bool(_by_part(each)) for each in plain)
    data = sum(_is_time(each) or _is_amount(each) for each in names)
    fits = bool(moments and amounts and not data)
    return float(fits), known, len(plain), float(len(cells))


def _columns(names: Sequence[str], cells: Sequence[Sequence[str]]) -> tuple[Guess, ...]:
    """Every column's best guess; one canonical column is given once, to the surest."""
    told = []
    for at, name in enumerate(names):
        column = [row[at] for row in cells if at < len(row)]
        told += [Guess(at, name, *guess) for guess in _guesses(name, column)]
    taken: dict[int, Guess] = {}
    used: set[str] = set()
    for each in sorted(told, key=lambda guess: (-guess.confidence, guess.at)):
        spoken = _SPOKEN_FOR.get(each.canonical, set()) if each.because == "content" else set()
        if each.at not in taken and each.canonical not in used and not spoken & used:
            taken[each.at] = each
            used.add(each.canonical)
    return tuple(taken.get(at, Guess(at, name)) for at, name in enumerate(names))


def _guesses(name: str, column: Sequence[str]) -> Iterable[tuple[str, float, str]]:
    exact = known_names().get(plain_name(name))
    if exact:
        yield exact, BY_NAME if _fits(exact, column) else AGAINST, "name"
    part = _by_part(plain_name(name))
    if part and part != exact and _fits(part, column):
        yield part, BY_PART, "part"
    for canonical in _BY_CONTENT:
        if _share(column, _TESTS[canonical]) >= MOST:
            yield canonical, BY_CONTENT, "content"


def _by_part(name: str) -> str:
    words = guesses()
    other = any(each in name for each in words["other_side"])
    if any(each in name for each in words["banks"]):
        return "cp_bank" if other else ""
    for canonical, parts in words["names"].items():
        if any(part.upper() in name for part in parts):
            return words["other"].get(canonical, "") if other else str(canonical)
    return ""


def _settled(found: Proposal, cells: Sequence[Sequence[str]]) -> Proposal:
    """What the balance says about amount, sign and direction words; else what words are known."""
    place = found.place
    known = {word: way for each in (*marked(), load()) for word, way in each.directions.items()}
    at = place.get("direction")
    words = Counter(row[at] for row in cells if at is not None and at < len(row) and row[at])
    told = {word: known[word.casefold()] for word in words if word.casefold() in known}
    if "balance_fen" not in place or "amount_fen" not in place:
        return replace(found, directions=told)
    steps = _steps(cells, place["amount_fen"], place["balance_fen"])
    fit = [(row, way) for row, way in steps if way]
    if len(fit) < max(FEWEST_STEPS, MOST * len(steps)):
        # Two columns of amounts without names prove nothing about which is the balance.
        columns = tuple(
            Guess(each.at, each.name)
            if (each.canonical, each.because) == ("balance_fen", "content")
            else each
            for each in found.columns
        )
        return replace(found, columns=columns, directions=told)
    columns = tuple(
        replace(each, confidence=BY_SUM, because="balance")
        if each.canonical in ("amount_fen", "balance_fen")
        else each
        for each in found.columns
    )
    if at is None:
        return replace(found, columns=columns, directions=told, sign=_sign(fit, place))
    seen: dict[str, set[str]] = defaultdict(set)
    for row, way in fit:
        seen[row[at]].add(way)
    sure = {word: ways.pop() for word, ways in seen.items() if word and len(ways) == 1}
    return replace(found, columns=columns, directions=told | sure)


def _sign(fit: Iterable[tuple[Sequence[str], str]], place: Mapping[str, int]) -> str:
    """The direction of a plus, if amounts are signed and every sign agrees with the balance."""
    ways = {(_amount(row[place["amount_fen"]]) or 0) > 0: set[str]() for row, _ in fit}
    for row, way in fit:
        ways[(_amount(row[place["amount_fen"]]) or 0) > 0].add(way)
    plus, minus = ways.get(True, set()), ways.get(False, set())
    return next(iter(plus)) if len(plus) == 1 and len(minus) == 1 and plus != minus else ""


def _steps(
    cells: Sequence[Sequence[str]], amount: int, balance: int
) -> list[tuple[Sequence[str], str]]:
    """Each row whose balance can be compared with its neighbour's: in, out or neither.

    A table runs from old to new or from new to old: whichever explains more.
    """
    ways = []
    for rows in (cells, cells[::-1]):
        steps: list[tuple[Sequence[str], str]] = []
        for before, row in pairwise(rows):
            if max(amount, balance) >= min(len(before), len(row)):
                continue
            last, now, moved = (
                _amount(before[balance]), _amount(row[balance]), _amount(row[amount])
            )  # fmt: skip
            if last is None or now is None or moved is None:
                continue
            change = now - last
            way = "" if abs(change) != abs(moved) or not change else "in" if change > 0 else "out"
            steps.append((row, way))
        ways.append(steps)
    return max(ways, key=lambda steps: sum(bool(way) for _, way in steps))


def _amount(text: str) -> int | None:
    try:
        return amount_of(clean(text))
    except Unreadable:
        return None


def _is_amount(text: str) -> bool:
    text = clean(text)
    if not re.search(r"[.,¥￥]|^[+-]?[0-9]{1,7}$", text):
        return False
    try:
        amount_of(text)
    except Unreadable as error:
        return error.reason == "sub_fen"
    return True


def _is_time(text: str) -> bool:
    text = clean(text)
    try:
        time_of(text)
    except Unreadable:
        return False
    return not text.replace(".", "").isdigit() or len(text) >= len("20260318")


def _is_clock(text: str) -> bool:
    """A time of day, whose day stands in another column."""
    return bool(_CLOCK.fullmatch(clean(text))) or _is_time(text)


def _is_number(text: str) -> bool:
    account = account_of(clean(text))
    return account.kind == "number" and len(account.key) >= len("62990100000")


def _is_direction(text: str) -> bool:
    text = clean(text)
    return text.casefold() in load().directions and not text.isdigit()


def _is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(clean(text)))


_TESTS: Mapping[str, Callable[[str], bool]] = {
    "txn_time": _is_clock,
    "txn_date": _is_time,
    "amount_fen": _is_amount,
    "amount_in": _is_amount,
    "amount_out": _is_amount,
    "balance_fen": _is_amount,
    "direction": _is_direction,
    "card_no": _is_number,
    "cp_account_no": _is_number,
    "cp_name": _is_name,
}
_BY_CONTENT = ("txn_date", "amount_fen", "balance_fen", "direction", "card_no", "cp_account_no",
               "cp_name")  # fmt: skip
_SPOKEN_FOR = {
    "txn_date": {"txn_time"},
    "amount_fen": {"amount_in", "amount_out"},
    "card_no": {"account_no"},
}
"""What is not looked for by content once another column holds it by name."""
_STRICT = ("txn_time", "txn_date", "amount_fen", "amount_in", "amount_out", "balance_fen")


def _fits(canonical: str, column: Sequence[str]) -> bool:
    return canonical not in _STRICT or _share(column, _TESTS[canonical]) >= MOST


def _share(column: Iterable[str], test: Callable[[str], bool]) -> float:
    empty = load().empty
    filled = [cell for cell in map(clean, column) if cell and cell.casefold() not in empty]
    return sum(map(test, filled)) / len(filled) if filled else 0.0
