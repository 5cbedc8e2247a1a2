"""Trials of reports by banks: kept once, decided once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.channels.bank_gateway import actions as gateway
from fanzha.channels.bank_gateway.client import Item
from fanzha.channels.bank_gateway.codec import decode
from fanzha.channels.bank_gateway.models import FrontEnd, Message
from fanzha.instructions import leads
from fanzha.instructions.checks import LeadDecided
from fanzha.instructions.models import Lead
from tests import build
from tests.cast import DUTY, NOON, officer
from tests.refusals.of_instructions import WHY
from tests.refusals.trial import Done, Refused, Trial, writing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.cases.models import Case
    from fanzha.identity.acting import System

RAW = (
    b"<Response><Head><TxCode>100403</TxCode></Head><Body><ApplicationID>0403"
    b"</ApplicationID><FeatureCode>1001</FeatureCode></Body></Response>"
)


def _received(system: System) -> Message:
    build.bank()
    end = FrontEnd.objects.get()
    gateway.keep_received(system, end, [Item(1, RAW)], at=NOON, ground=DUTY)
    return Message.objects.get(outgoing=False)


def _kept(system: System) -> Lead:
    leads.keep(system, _received(system), decode(RAW), at=NOON, ground=DUTY)
    return Lead.objects.get()


def _decided(lead: Lead, state: str) -> Lead:
    with writing():
        Lead.objects.filter(pk=lead.pk).update(decided_at=NOON if state else None)
    return lead


def _beside(system: System) -> tuple[Lead, Case]:
    return _kept(system), build.case(officer("lin"))


def _decided_beside(both: tuple[Lead, Case], state: str) -> tuple[Lead, Case]:
    return _decided(both[0], state), both[1]


ONCE: Mapping[str, Refused | Done] = {"": Done(), "decided": Refused(LeadDecided)}
TRIALS = (
    Trial(
        leads.keep,
        lambda by, message: leads.keep(by, message, decode(RAW), at=NOON, ground=DUTY), _received,
    ),
    Trial(
        leads.join, lambda by, both: leads.join(by, *both, at=NOON, ground=DUTY), _beside,
        _decided_beside, ONCE,
    ),
    Trial(
        leads.settle,
        lambda by, lead: leads.settle(by, lead, at=NOON, ground=WHY), _kept, _decided, ONCE,
    ),
)  # fmt: skip
