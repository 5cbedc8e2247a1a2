"""What an endpoint must do: one check per rule of the profile, named by the rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from fanzha.channels.bank_gateway.certifying.examiner import TAKEN, TWICE, Examiner, Failed
from fanzha.channels.bank_gateway.client import MESSAGES_MAX
from fanzha.channels.bank_gateway.codec import encode
from fanzha.channels.bank_gateway.failures import MalformedMessage, TransportFailure
from fanzha.channels.bank_gateway.replies import read_freeze, read_statement, read_stop
from fanzha.channels.bank_gateway.serials import new_serial
from fanzha.core import clock
from fanzha.core.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from fanzha.channels.bank_gateway.codec import Message

OK = 200
CLOCKS_APART = timedelta(minutes=5)
REFUSED = frozenset({"200001", "0599"})
BOMB = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY x SYSTEM "file:///etc/hostname">]>
<Response><Head><TxCode>100301</TxCode></Head><Body><Reason>&b;&x;</Reason></Body></Response>"""
WORKED = frozenset({"0000", "1200"})


@dataclass(frozen=True)
class Finding:
    """One rule; `flaw` says what the endpoint does otherwise, empty when it obeys."""

    rule: str
    flaw: str = ""


def examine(examiner: Examiner, *, holds: bool) -> Iterator[Finding]:
    """Check rule after rule; with `holds` also by stopping, freezing and releasing the account."""
    examiner.rewind()
    for rule, check in ({**RULES, **HOLDS} if holds else RULES).items():
        try:
            check(examiner)
        except (Failed, TransportFailure, MalformedMessage, Refusal) as flaw:
            yield Finding(rule, str(flaw))
        else:
            yield Finding(rule)


def _want(truth: object, sentence: str) -> None:
    if not truth:
        raise Failed(sentence)


def _health(by: Examiner) -> None:
    health = by.front.health()
    known = ", ".join(health.institutions) or "nobody"
    _want(by.subject.bank in health.institutions, f"/health names {known}, not {by.subject.bank}")
    apart = abs(clock.now() - health.time)
    _want(apart <= CLOCKS_APART, f"its clock is {apart.total_seconds():.0f} s away from ours")


def _token(by: Examiner) -> None:
    status = by.raw("GET", "/messages?after=0", token="wrong")  # noqa: S106 - it is meant to fail
    _want(status != OK, "a wrong token was let in")


def _bodies(by: Examiner) -> None:
    for what, body in (
        ("a body that is no JSON", {"content": b"{"}),
        ("no message at all", {"json": {"messages": []}}),
        ("more than 100 messages", {"json": {"messages": ["QQ=="] * (MESSAGES_MAX + 1)}}),
        ("a message that is no Base64", {"json": {"messages": ["*"]}}),
    ):
        _want(by.raw("POST", "/messages", **body) != OK, f"{what} was taken")


def _order(by: Examiner) -> None:
    asked = [by.query() for _ in range(3)]
    codes = by.send(*asked)
    _want(codes == [TAKEN] * 3, f"three queries in one call were acknowledged by {codes}")
    for each in asked:
        by.feedback(each)


def _query(by: Examiner) -> None:
    statement = read_statement(by.ask(by.query()))
    _want(statement.result.code in ("0000", "2400"), f"the Result is {statement.result.code}")
    _want(not statement.issues, "; ".join(statement.issues[:3]))


def _same_serial(by: Examiner) -> None:
    query = by.query()
    by.ask(query)
    (code,) = by.send(query)
    _want(code == TWICE, f"the same TransSerialNumber again was answered {code}, not {TWICE}")


def _same_application(by: Examiner) -> None:
    query = by.query()
    by.ask(query)
    again = replace(query, serial=new_serial(query.message_from, by.now()))
    (code,) = by.send(again)
    if code == TAKEN:
        found = by.feedback(again, count=2).body.get("Result")
        _want(found == "0900", f"the same ApplicationID again was answered {found}, not 0900")
    else:
        _want(code == TWICE, f"the same ApplicationID again was answered {code}")


def _any_order(by: Examiner) -> None:
    query = by.query()
    turned = (
        encode(query).decode().replace("</Body>", "<NotInTheProfile>1</NotInTheProfile></Body>")
    )
    head, _, rest = turned.partition("<Reason>")
    reason, _, tail = rest.partition("</Reason>")
    moved = tail.replace("</Body>", f"<Reason>{reason}</Reason></Body>")
    (code,) = by.send((head + moved).encode())
    _want(code == TAKEN, f"elements in another order, and one more, were answered {code}")
    found = str(by.feedback(query).body.get("Result"))
    _want(found in ("0000", "2400"), f"elements in another order were answered {found}")


def _garbage(by: Examiner) -> None:
    for what, content in (("garbage", b"\x00\xff<<"), ("a document type with entities", BOMB)):
        (code,) = by.send(content)
        _want(code in REFUSED, f"{what} was answered {code}, not 200001")
    by.front.health()


def _unknown_account(by: Examiner) -> None:
    found = by.result(by.query(account="6299000000000000000"))
    _want(found == "0300", f"an account that does not exist was answered {found}, not 0300")


def _read_again(by: Examiner) -> None:
    before = by.cursor
    by.ask(by.query())
    first, again = by.front.fetch(before), by.front.fetch(before)
    _want(first.items[:1] == again.items[:1], "the same cursor gave another message")
    one = by.front.fetch(before, limit=1)
    _want(len(one.items) == 1, f"limit=1 gave {len(one.items)} messages")


def _acknowledged(by: Examiner) -> None:
    by.ask(by.query())
    by.front.acknowledge(by.cursor)
    by.ask(by.query())


def _wrong_name(by: Examiner) -> None:
    found = by.result(by.stop(holder="查无此人"))
    _want(found == "0301", f"a name that does not match was answered {found}, not 0301")


def _no_paper(by: Examiner) -> None:
    stop = by.stop()
    found = by.result(
        replace(stop, body={k: v for k, v in stop.body.items() if k != "Attachments"})
    )
    _want(found == "0600", f"a stop without its paper was answered {found}, not 0600")


def _bad_time(by: Examiner) -> None:
    stop = by.stop()
    found = by.result(replace(stop, body=stop.body | {"ExpireTime": "2026-03-02"}))
    _want(found == "0800", f"a badly written time was answered {found}, not 0800")


def _missing_original(by: Examiner) -> None:
    found = by.result(by.release("100103", "0101" + "9" * 32))
    _want(found == "0400", f"the release of an unknown stop was answered {found}, not 0400")


def _stop(by: Examiner) -> None:
    stop = by.stop()
    reply = read_stop(by.ask(stop))
    try:
        _want(reply.result.code in WORKED, f"the stop was answered {reply.result.code}")
        _want(reply.start_time and reply.expire_time, "the feedback lacks StartTime or ExpireTime")
        _want(not reply.issues, "; ".join(reply.issues[:3]))
        second = by.result(by.stop())
        _want(second == "1301", f"a second stop was answered {second}, not 1301")
    finally:
        if reply.result.code in WORKED:
            _released(by, "100103", stop)


def _freeze(by: Examiner) -> None:
    freeze = by.freeze(100)
    reply = read_freeze(by.ask(freeze))
    _want(reply.result.code == "0000", f"the freeze was answered {reply.result.code}")
    _released(by, "100203", freeze)
    _want(reply.frozen_fen is not None or reply.queued, "the feedback lacks FrozedBalance")
    _want(not reply.issues, "; ".join(reply.issues[:3]))


def _released(by: Examiner, tx_code: str, hold: Message) -> None:
    found = by.result(by.release(tx_code, hold.application_id))
    _want(found == "0000", f"the release was answered {found}")


RULES: Mapping[str, Callable[[Examiner], None]] = {
    "10 /health names the institution and the time": _health,
    "10 a wrong token is refused": _token,
    "10 a body that is not agreed is refused": _bodies,
    "10 one acknowledgement per message, in order": _order,
    "10 the same TransSerialNumber again is a duplicate": _same_serial,
    "10 the same cursor range can be read again": _read_again,
    "10 what is acknowledged may go, what comes later is kept": _acknowledged,
    "2 readers do not depend on the order of elements": _any_order,
    "3 a bad message is refused, and nothing breaks": _garbage,
    "3 the same ApplicationID again is not done again": _same_application,
    "6 a query is answered by a statement": _query,
    "7 an account that does not exist: 0300": _unknown_account,
}
"""Section of the profile and rule -> its check; none of these holds money."""
HOLDS: Mapping[str, Callable[[Examiner], None]] = {
    "7 a name that does not match: 0301": _wrong_name,
    "7 a missing paper: 0600": _no_paper,
    "7 a bad time: 0800": _bad_time,
    "7 a missing original: 0400": _missing_original,
    "6 a stop is answered with its term, a second one by 1301, and released": _stop,
    "6 a freeze is answered with what it holds, and released": _freeze,
}
"""The same, of stops and freezes."""
