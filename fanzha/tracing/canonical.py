"""The hash of a trace's input when its rows are a Ledger: the very hash of the same Movements."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import numpy as np

from fanzha.tracing.engine.columns import CODE_OF, KINDS
from fanzha.tracing.engine.model import EndKind
from fanzha.tracing.engine.texts import is_plain
from fanzha.tracing.ledger import DAY
from fanzha.tracing.naming import Texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.tracing.engine.canon import Pages, Script
    from fanzha.tracing.ledger import Ledger

ROOM: Final = 1 << 22


def canonical_lines(ledger: Ledger) -> Iterator[bytes]:
    """The lines of all rows in `seq` order, many at a time."""
    from fanzha.tracing.engine.canon import MOST_BESIDE_TEXTS, put_lines

    pages, used, row = _pages(ledger), np.zeros(2, np.int64), 0
    texts = (pages.ids, pages.ids, pages.names, pages.names, pages.kinds, pages.currencies)
    longest = MOST_BESIDE_TEXTS + sum(int(np.diff(each.starts).max(initial=0)) for each in texts)
    out = np.empty(max(ROOM, longest), np.uint8)
    while row < len(ledger):
        row = put_lines(pages, row, longest, out, used)
        yield out[: used[0]].tobytes()


def _pages(ledger: Ledger) -> Pages:
    from fanzha.tracing.engine.canon import Pages

    return Pages(
        time=ledger.time,
        arrived=ledger.arrived,
        dated=ledger.dated,
        payer=ledger.payer,
        payee=ledger.payee,
        fen=ledger.fen,
        balance_from=ledger.balance_from,
        balance_to=ledger.balance_to,
        channel=ledger.channel,
        currency=ledger.currency,
        reverses=ledger.reverses,
        place=ledger.place,
        ids=_script(ledger.ids),
        names=_script(ledger.names.texts),
        kinds=_script(Texts.of(kind.value for kind in KINDS)),
        currencies=_script(Texts.of(ledger.currencies)),
        day=DAY,
        unknown=CODE_OF[EndKind.UNKNOWN],
    )


def _script(texts: Texts) -> Script:
    """The texts as JSON writes them between quotes."""
    from fanzha.tracing.engine.canon import Script

    if is_plain(texts.data):
        return Script(texts.data, texts.starts)
    written = Texts.of(json.dumps(texts.text(at))[1:-1] for at in range(len(texts)))
    return Script(written.data, written.starts)
