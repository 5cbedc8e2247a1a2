"""One case's fund flow ready to be shown: picture, table and drawer say the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from fanzha.core.recent import Store
from fanzha.desk.flow import picture as pictures
from fanzha.desk.flow.accounts import Account, Accounts
from fanzha.desk.flow.aim import HOUSE_RULE
from fanzha.desk.flow.bar import bar
from fanzha.desk.flow.columns import Column
from fanzha.desk.flow.fates import IN_THE_ACCOUNT, Fate
from fanzha.desk.flow.picture import MOST_NODES
from fanzha.desk.flow.placing import Placed, place
from fanzha.desk.flow.steps import (
    DRAFTS,
    GAPS,
    LOOKS,
    AccountState,
    Look,
    Seen,
    Step,
    StepKind,
    next_steps,
    state_of,
)
from fanzha.desk.flow.victims import Victim, victims_of
from fanzha.instructions.rules import Kind
from fanzha.tracing.engine import NO_LIMITS
from fanzha.tracing.engine.result import NO_PIECE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from fanzha.cases.models import Case
    from fanzha.desk.flow.closed import Closed
    from fanzha.desk.flow.picture import Node, Picture
    from fanzha.desk.flow.placing import Box
    from fanzha.desk.flow.result import CaseFlow
    from fanzha.intake.models import Payment

LOST_EXITS = frozenset({"unknown", "payment_institution", "currency_exchange"})
"""Exits behind which the money may still be somewhere, but we do not see where."""


_pictures = Store(most=12)
"""Pictures by all that they are made of: a page, its drawer and its rows ask for the same."""
FACES = {
    AccountState.FROZEN: "held",
    AccountState.STOPPED: "held",
    AccountState.LIVE: "live",
    AccountState.UNPROTECTED: "live",
    AccountState.HUB: "hub",
}
"""The style of an account's box by its state; others are gaps or plain."""
METER = 112
"""The widest meter of a box, in pixels."""


@dataclass(frozen=True)
class Entry:
    """What is shown of one node, in the picture, in the table and in the drawer."""

    box: Box
    account: Account | None
    victim: Victim | None
    state: AccountState | None
    until: datetime | None
    steps: tuple[Step, ...]
    dwell_seconds: int | None

    @property
    def node(self) -> Node:
        """The node itself."""
        return self.box.node

    @property
    def closed(self) -> Closed | None:
        """Why the reader may not see the account; None where she may."""
        return self.account.closed if self.account else None

    @property
    def look(self) -> Look | None:
        """Word, icon and tone of the state."""
        return LOOKS[self.state] if self.state else None

    @property
    def in_account_fen(self) -> int:
        """Traced money that lies, or may lie, in the account."""
        return sum(fen for kind, fen in self.node.ends.items() if kind in IN_THE_ACCOUNT)

    @property
    def lost_here_fen(self) -> int:
        """What ended at the account without being in it: overdrafts, missing rows, cut-offs."""
        return self.node.here_fen - self.in_account_fen if self.account else 0

    @property
    def paid_fen(self) -> int:
        """What the victim paid."""
        return self.node.passed_fen - self.node.received_fen + self.node.here_fen

    @property
    def meter(self) -> float:
        """Pixels of what is still in the account, of what it received."""
        here = self.held_fen if self.face == "held" else self.in_account_fen
        if self.face not in {"held", "live"} or not self.node.received_fen:
            return 0
        return round(METER * min(here / self.node.received_fen, 1), 1)

    @property
    def held_fen(self) -> int:
        """Stopped and frozen."""
        return self.node.here[Fate.STOPPED] + self.node.here[Fate.FROZEN]

    @property
    def other_fen(self) -> int | None:
        """The rest of the balance that the bank stated; None: it did not say."""
        if self.account is None or self.account.balance_fen is None:
            return None
        return max(self.account.balance_fen - self.in_account_fen, 0)

    @property
    def is_gap(self) -> bool:
        """Whether nobody can look into it: drawn dashed."""
        return self.state in GAPS or self.node.exit in LOST_EXITS

    @property
    def face(self) -> str:
        """The style of its box: victim, held, live, hub, gap, exit, closed, others or plain."""
        kind = self.node.kind
        if kind in {"victim", "others"}:
            return kind
        if self.closed:
            return "closed"
        if kind in {"exit", "exits"}:
            return "gap" if self.is_gap else "exit"
        plain = "gap" if self.is_gap else "plain"
        return FACES.get(self.state, plain) if self.state else plain


class Sheet:
    """The fund flow of one case, for all its victims or for one."""

    def __init__(
        self, case: Case, flow: CaseFlow, *, secret: bytes, victim: str = "", most: int = MOST_NODES
    ) -> None:
        self.most = most
        self.case = case
        self.flow = flow
        self.secret = case.public_id.encode() + secret
        self.victims = victims_of(case.pk, flow.given.payments, self.secret)
        self.chosen = next((each for each in self.victims if each.id == victim), None)
        self.accounts = Accounts(case.pk, flow.given, flow.tiers, self.node_id)

    @property
    def picture(self) -> Picture:
        """Nodes and edges."""
        return self._drawn[0]

    @property
    def placed(self) -> Placed:
        """The same with positions."""
        return self._drawn[1]

    @cached_property
    def _drawn(self) -> tuple[Picture, Placed]:
        """Both made once for all who ask for the same."""
        flow = self.flow
        claims = self.chosen.claims if self.chosen else None
        asked = (flow.state, self.secret, self.victims, claims, self.most)
        return _pictures.made(asked, lambda: self._draw(claims))

    def prepare(self) -> None:
        """Have the picture made, for whoever asks for it next."""
        self._drawn  # noqa: B018 - reading it makes and keeps it

    def _draw(self, claims: Collection[str] | None) -> tuple[Picture, Placed]:
        victims = {claim: each.id for each in self.victims for claim in each.claims}
        picture = pictures.build(
            self.flow.trace, self.flow.ends, victims, secret=self.secret, claims=claims,
            most=self.most,
        )  # fmt: skip
        return picture, place(picture)

    @property
    def is_house(self) -> bool:
        """Whether drafts may rest on it: the rule of the house, nothing cut or joined by hand."""
        trace, joined = self.flow.trace, self.flow.given.bridges
        return trace.rule == HOUSE_RULE and trace.limits == NO_LIMITS and not joined

    @property
    def beyond_fen(self) -> int:
        """What the limits cut off; it counts as unknown, as does what came to a hub."""
        return sum(
            entry.node.ends["beyond_limits"]
            for entry in self.entries
            if not (entry.account and entry.account.omitted)
        )

    @property
    def has_more(self) -> bool:
        """Whether small ones are drawn as piles that could stand alone."""
        return self.picture.grouped > 0 and self.most < MOST_NODES

    def draw_all(self) -> None:
        """Draw every account, also those in piles."""
        self.most = len(self.flow.trace.movements.accounts) * 9
        for name in (
            "_drawn", "entries", "entry_of", "_lost", "columns", "fates", "proposed",
        ):  # fmt: skip
            self.__dict__.pop(name, None)

    def node_id(self, account: str) -> str:
        """The id of an account's node, drawn or not."""
        return pictures.opaque_id(self.secret, "account", account)

    @cached_property
    def victim_of(self) -> Mapping[str, Victim]:
        """The victims' own accounts."""
        movements = self.flow.trace.movements
        of_claim = {claim: each for each in self.victims for claim in each.claims}
        seeds = self.flow.trace.seeds
        return {
            movements.name(int(movements.from_account[row])): of_claim[claim]
            for row, claim in zip(seeds.rows, seeds.claims, strict=True)
        }

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Every node in reading order: by column, then from the top."""
        return tuple(self._entry(box) for box in self.placed.boxes)

    @cached_property
    def entry_of(self) -> Mapping[str, Entry]:
        """Entries by node id."""
        return {entry.node.id: entry for entry in self.entries}

    @cached_property
    def bar(self) -> dict[str, int]:
        """Figures for the money bar: its parts sum to `paid`."""
        return bar(self.picture.figures)

    @cached_property
    def fates(self) -> list[str]:
        """What rows can be asked for: what was paid, and each fate with money in it."""
        return ["paid", *(str(fate) for fate in Fate if self.picture.figures[fate])]

    @cached_property
    def unseen_seeds(self) -> list[Entry]:
        """Accounts that got a victim's payment and that nobody has asked about."""
        return [
            entry
            for entry in self.entries
            if entry.node.column == 1
            and entry.state is AccountState.NOT_QUERIED
            and any(step.kind is StepKind.QUERY for step in entry.steps)
        ]

    @cached_property
    def proposed(self) -> Mapping[str, int]:
        """How many instructions of each kind the picture proposes to draft; empty if none."""
        steps = [step.kind for entry in self.entries for step in entry.steps]
        counted = Counter(str(DRAFTS[kind]) for kind in steps if kind in DRAFTS)
        return {str(kind): counted[kind] for kind in DRAFTS.values()} if counted else {}

    @property
    def account_count(self) -> int:
        """Accounts reached."""
        return sum(entry.node.accounts for entry in self.entries)

    @property
    def gap_count(self) -> int:
        """Places where nobody sees on."""
        return sum(entry.is_gap for entry in self.entries)

    @property
    def exit_count(self) -> int:
        """Known ways out."""
        return sum(entry.face == "exit" for entry in self.entries)

    @cached_property
    def columns(self) -> list[Column]:
        """The columns with their figures."""
        columns = [Column(number) for number in range(self.picture.columns)]
        for entry in self.entries:
            columns[entry.node.column].accounts += entry.node.accounts
            columns[entry.node.column].held_fen += entry.held_fen
        return columns

    @cached_property
    def dwell(self) -> Mapping[str, int]:
        """Seconds that money stayed in an account before it went on, averaged by fen."""
        trace = self.flow.trace
        moments = trace.movements.time.tolist()
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for piece in trace.pieces:
            if piece.parent == NO_PIECE:
                continue
            payer = trace.movements.name(int(trace.movements.from_account[piece.row]))
            fen, parent = piece.hi - piece.lo, trace.pieces[piece.parent]
            sums[payer][0] += fen * (moments[piece.row] - moments[parent.row])
            sums[payer][1] += fen
        return {account: round(total / fen) for account, (total, fen) in sums.items() if fen}

    def _entry(self, box: Box) -> Entry:
        node = box.node
        victim = next((each for each in self.victims if each.id == node.key[1]), None)
        if node.kind != "account":
            return Entry(box, None, victim, None, None, (), None)
        account = self.accounts[node.key[1]]
        seen = self._seen(node, account)
        state = state_of(seen)
        freeze = account.latest(Kind.FREEZE)
        steps = next_steps(
            seen, filed=self.case.filed_at is not None, freeze_state=freeze.state if freeze else ""
        )
        until = _until(account, state)
        dwell = None if account.closed else self.dwell.get(account.number)
        return Entry(box, account, None, state, until, tuple(steps), dwell)

    def _seen(self, node: Node, account: Account) -> Seen:
        query, stop = account.latest(Kind.QUERY), account.latest(Kind.STOP)
        return Seen(
            ends=node.ends,
            hold=account.hold,
            complete=account.is_complete,
            lost_fen=self._lost.get(node.id, 0),
            query_state=query.state if query else "",
            stop_state=stop.state if stop else "",
            reached=bool(account.institution_code) or account.is_nameless,
            released=account.released,
            payer_query=self._payer_query(account),
            hub=account.omitted > 0,
            closed=account.closed is not None,
            asked=account.closed is not None and not account.closed.may_ask,
        )

    def unnamed(self, account: Account) -> Payment | None:
        """The largest payment to an account of which no whole number is known."""
        if account.is_complete:
            return None
        found = (
            each
            for each in self.flow.given.payments
            if account.number in (f"told:{each.public_id}", each.to_account)
        )
        return max(found, key=lambda each: each.amount_fen, default=None)

    def _payer_query(self, account: Account) -> str | None:
        payment = self.unnamed(account)
        payer = self.accounts[payment.from_account] if payment else None
        if payer is None or not (payer.is_complete and payer.institution_code):
            return None
        query = payer.latest(Kind.QUERY)
        return query.state if query else ""

    @cached_property
    def _lost(self) -> Mapping[str, int]:
        """What left each node by a way nobody knows."""
        lost: dict[str, int] = defaultdict(int)
        for edge in self.picture.edges:
            if self.picture.by_id[edge.target].exit in LOST_EXITS:
                lost[edge.source] += edge.fen
        return lost


def _until(account: Account, state: AccountState) -> datetime | None:
    """The clock of the state: when the hold ends, or when the bank's answer is due."""
    if state is AccountState.FROZEN:
        return account.hold.frozen_until
    if state is AccountState.STOPPED:
        return account.hold.stopped_until
    if state in {AccountState.ASKED, AccountState.NO_REPLY}:
        query = account.latest(Kind.QUERY)
        return query.due_at if query else None
    return None
