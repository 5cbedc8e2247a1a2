"""Fan-in 归集, fan-out 打散, and gather-scatter: one account that does both in this order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.tracing.shapes.model import total
from fanzha.tracing.shapes.words import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.tracing.shapes.model import Arc, Network, Shape


def fan_ins(network: Network) -> Iterator[Shape]:
    """Several accounts pay one, each more than a crumb, without a long pause between the rows."""
    for hub, ins in network.ins.items():
        for rows in network.episodes(filter(network.is_branch, ins)):
            payers = {arc.payer for arc in rows}
            if network.enough(len(payers), rows):
                layers = [[arc.payer for arc in rows], [hub]]
                yield network.shape(Kind.FAN_IN, layers, rows, total(rows))


def fan_outs(network: Network) -> Iterator[Shape]:
    """One account pays several, without a long pause; a fair part of what it had received.

    An account that received nothing in the network (a victim, the head of a scheme) needs no
    share. Since every row carries traced money, that money came before it.
    """
    for hub, outs in network.outs.items():
        for rows in network.episodes(outs):
            payees = {arc.payee for arc in rows}
            if not network.enough(len(payees), rows):
                continue
            came = [arc for arc in network.ins.get(hub, ()) if arc.row < rows[-1].row]
            if network.spreads(rows, came):
                layers = [[hub], [arc.payee for arc in rows]]
                yield network.shape(Kind.FAN_OUT, layers, rows, total(rows))


def gather_scatters(network: Network) -> Iterator[Shape]:
    """Several accounts pay one, which then pays several.

    Gathered is what came before its last row out; scattered is what left after a second payer had
    paid in. The scattered money is a fair part of the gathered.
    """
    for hub, ins in network.ins.items():
        for rows in network.episodes(sorted([*ins, *network.outs.get(hub, ())])):
            shape = _gather_scatter(network, hub, rows)
            if shape:
                yield shape


def _gather_scatter(network: Network, hub: int, rows: list[Arc]) -> Shape | None:
    second = _second_payer(hub, rows)
    scattered = [arc for arc in rows if arc.payer == hub and second and arc.row > second.row]
    if not scattered:
        return None
    gathered = [arc for arc in rows if arc.payee == hub and arc.row < scattered[-1].row]
    payers, payees = {arc.payer for arc in gathered}, {arc.payee for arc in scattered}
    least, found = network.bounds.least_branches, gathered + scattered
    if min(len(payers), len(payees)) < least:
        return None
    if not network.enough(max(len(payers), len(payees)), found):
        return None
    if not network.spreads(scattered, gathered):
        return None
    layers = [[arc.payer for arc in gathered], [hub], [arc.payee for arc in scattered]]
    return network.shape(Kind.GATHER_SCATTER, layers, found, total(scattered))


def _second_payer(hub: int, rows: list[Arc]) -> Arc | None:
    """The row by which a second account first paid the hub."""
    first = None
    for arc in rows:
        if arc.payee == hub:
            first = first or arc
            if arc.payer != first.payer:
                return arc
    return None
