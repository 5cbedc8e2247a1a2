"""The movements behind a figure of the fund flow, each with where it was read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.core.masking import mask_numbers
from fanzha.desk.flow.closed import AccountClosed
from fanzha.desk.flow.drafting import NodeNotFound
from fanzha.desk.flow.fates import Fate
from fanzha.desk.flow.ways import Hop, hop, shares
from fanzha.identity.queries import officer_names
from fanzha.movements import queries as movements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fanzha.cases.models import Bridge
    from fanzha.desk.flow.picture import Node
    from fanzha.desk.flow.sheet import Sheet
    from fanzha.movements.queries import Witnessed

MOST_ROWS = 500


@dataclass(frozen=True)
class Origin:
    """Where a row was read: file, its row number, its institution's statement."""

    file_name: str
    row_no: int
    sha256: str


@dataclass(frozen=True)
class Row:
    """One movement: the transfer, the traced part of it, the channel, its origins."""

    hop: Hop
    from_node: str
    to_node: str
    channel: str
    summary: str
    origins: tuple[Origin, ...]
    joined: Bridge | None = None
    joined_by: str = ""

    @property
    def joined_why(self) -> str:
        """Why an officer joined it, without long numbers."""
        return mask_numbers(self.joined.reason) if self.joined else ""


@dataclass(frozen=True)
class Panel:
    """The rows behind `ref`; `fen` is the sum of their traced parts, `more` rows are left out."""

    ref: str
    side: str
    node: Node | None
    rows: tuple[Row, ...]
    fen: int
    more: int


def panel(sheet: Sheet, ref: str) -> Panel:
    """Rows of an edge (`<id>`), of a side of a node (`<id>.in`, `.out`, `.here`) or of a fate.

    What they carry sums to the figure. Raises NodeNotFound when the picture has no such thing, and
    AccountClosed.
    """
    name, _, side = ref.partition(".")
    node = sheet.picture.by_id.get(name)
    if node is not None and sheet.entry_of[name].closed:
        raise AccountClosed
    traced = dict(sorted(_traced(sheet, name, side, node).items()))
    shown = list(traced.items())[:MOST_ROWS]
    told = witnessed(sheet, [row for row, _ in shown])
    files, writers = (
        _files(sheet),
        officer_names({b.officer_id for b in sheet.flow.by_hand(traced)}),
    )
    rows = tuple(_row(sheet, row, fen, told[row], files, writers) for row, fen in shown)
    return Panel(ref, side, node, rows, sum(traced.values()), max(len(traced) - MOST_ROWS, 0))


def _traced(sheet: Sheet, name: str, side: str, node: Node | None) -> dict[int, int]:
    """Row -> the fen of it that the figure counts."""
    claims = sheet.chosen.claims if sheet.chosen else None
    if node is not None and side == "here":
        return {row: parts.total() for row, parts in node.ended.items()}
    if name in set(Fate):
        return _with_fate(sheet, Fate(name))
    if node is not None and side in {"in", "out"}:
        return shares(sheet.flow.trace, node.in_rows if side == "in" else node.out_rows, claims)
    edge = next((edge for edge in sheet.picture.edges if edge.id == name), None)
    if edge is not None:
        return shares(sheet.flow.trace, edge.rows, claims)
    if name == "paid":
        return shares(sheet.flow.trace, set(sheet.flow.trace.seeds.rows), claims)
    raise NodeNotFound


def _with_fate(sheet: Sheet, fate: Fate) -> dict[int, int]:
    """The rows that brought money where it has this fate now."""
    sums: Counter[int] = Counter()
    for node in sheet.picture.nodes:
        sums.update({row: parts[fate] for row, parts in node.ended.items() if parts[fate]})
    return sums


def _files(sheet: Sheet) -> dict[str, tuple[str, str]]:
    return {
        each.public_id: (each.file_name, each.file_sha256)
        for each in movements.statements_of_case(sheet.case.pk)
    }


def witnessed(sheet: Sheet, rows: Sequence[int]) -> dict[int, list[Witnessed]]:
    """What statements say of each row; of one joined by hand both sides, if both are shown."""
    ids, links = sheet.flow.trace.movements.ids, sheet.flow.links
    names = {row: [ids[row], *([links[row].also] if row in links else [])] for row in rows}
    told = sheet.flow.given.transfers.told([name for each in names.values() for name in each])
    return {row: [told[name] for name in each if name in told] for row, each in names.items()}


def _row(
    sheet: Sheet,
    row: int,
    fen: int,
    told: list[Witnessed],
    files: dict[str, tuple[str, str]],
    writers: Mapping[int, str],
) -> Row:
    followed = hop(sheet.flow.trace, row, fen)
    edge = next((each for each in sheet.picture.edges if row in each.rows), None)
    witnesses = [each for read in told for each in read.witnesses]
    link = sheet.flow.links.get(row)
    ends = (each for each in (followed.from_account, followed.to_account) if each)
    closed = any(sheet.accounts[each].closed for each in ends)
    return Row(
        followed,
        edge.source if edge else "",
        edge.target if edge else "",
        str(sheet.flow.trace.movements.channel[row]) if not followed.to_account else "",
        told[0].summary if told and not closed else "",
        tuple(Origin(files[s][0], no, files[s][1]) for s, no in witnesses if s in files),
        link.bridge if link else None,
        writers.get(link.bridge.officer_id, "") if link else "",
    )
