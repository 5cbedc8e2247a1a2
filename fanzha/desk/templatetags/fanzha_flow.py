"""`{% load fanzha_flow %}`: short forms for the picture, where room is scarce.

| Write | Get |
|---|---|
| `{{ fen|yuan }}` | `900,000` or `900,000.50`: as exact as `money`, without empty decimals |
| `{{ fen|beside_tail }}` | the same where it fits beside an account, else `496.3 万` |
| `{{ span|spell }}` | `6 min 40 s` of a timedelta or of seconds |
| `{{ kind|exit_word }}`, `{{ kind|exit_icon }}` | the way money left, in a word and a sign |
| `{{ number|tier_word }}` | the name of a column |
| `{{ msgid|say:facts }}` | a sentence in the reader's language |
| `{{ entry|node_name }}`, `{{ entry|node_label }}` | a node by its short name; with its sums |
| `{{ hop|hop_words }}`, `{{ row|way_words:sheet }}` | from whom to whom |
| `{{ node|name_in:sheet }}` | the same by the id of the node |
| `{{ rows|times_of:sheet }}`, `{{ rows|start_of:sheet }}` | attributes for the replay |
| `{{ edge|share_of:sheet }}` | its part of what was paid, and its times |
| `{{ rows|joined_in:sheet }}`, `{{ sheet|sides:number }}` | joined by hand; a side of it |
| `{{ moment|stamp }}` | a moment without markup |
| `{{ aim|for_victim:id }}`, `{{ aim|for_rule:id }}` | the address of a neighbouring picture |
| `{{ offer|order_words:entry }}`, `{{ offer|order_terms:entry }}` | what a button will do |
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_noop

from fanzha.core import clock
from fanzha.core.masking import mask_name
from fanzha.core.money import FEN_PER_YUAN, format_yuan
from fanzha.desk import words
from fanzha.desk.drawing import fate_word, hint
from fanzha.desk.flow.steps import WORDS, Step, StepKind
from fanzha.desk.flow.ways import moment
from fanzha.desk.forms.choices import chinese
from fanzha.desk.ordering import result_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from fanzha.desk.flow.accounts import Account
    from fanzha.desk.flow.aim import Aim
    from fanzha.desk.flow.drawer import Offer
    from fanzha.desk.flow.picture import Edge
    from fanzha.desk.flow.rows import Row
    from fanzha.desk.flow.sheet import Entry, Sheet
    from fanzha.duties.models import Order

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86400
ROOM_SIGNS = 10
NUMERALS = "〇一二三四五六七八九十"

EXITS: Mapping[str, tuple[str, str]] = {
    "cash": (gettext_noop("Cash"), "cash"),
    "merchant": (gettext_noop("Merchant"), "shopping-bag"),
    "payment_institution": (gettext_noop("Payment firm"), "wallet"),
    "crypto_otc": (gettext_noop("Coins (likely)"), "currency-bitcoin"),
    "fee": (gettext_noop("Fee"), "receipt"),
    "unknown": (gettext_noop("Way unknown"), "question-mark"),
    "currency_exchange": (gettext_noop("Exchanged"), "exchange"),
}
ICON_SIGNS: Mapping[str, int] = {
    "cash": 0xEA55,
    "shopping-bag": 0xF5F8,
    "wallet": 0xEB75,
    "currency-bitcoin": 0xEBAB,
    "receipt": 0xEDFD,
    "eye-off": 0xECF0,
    "question-mark": 0xEC9D,
    "exchange": 0xEBE7,
    "lock": 0xEAE2,
    "alert-triangle": 0xEA06,
    "user": 0xEB4D,
    "shield-x": 0xEB23,
    "hourglass": 0xEF93,
    "clock-exclamation": 0xF847,
    "ban": 0xEA2E,
    "scissors": 0xEB1B,
    "topology-star": 0xF5E5,
    "arrow-right": 0xEA1F,
    "stack": 0xEB2D,
}
"""Code points of the icon font, for SVG text, which takes no classes of it."""


@register.filter
def yuan(fen: int) -> str:
    """`900,000`, with decimals only where there are fen."""
    text = format_yuan(fen)
    return text if fen % FEN_PER_YUAN else text[:-3]


@register.filter
def wan(fen: int) -> str:
    """`27.1 万` or `271K`, or the plain sum below 10,000 yuan."""
    return hint(fen) or yuan(fen)


@register.filter
def beside_tail(fen: int) -> str:
    """Give a sum that fits beside the last four signs: exact, or else with a unit."""
    exact = yuan(fen)
    return exact if len(exact) <= ROOM_SIGNS else hint(fen)


@register.filter
def spell(span: timedelta | float | None) -> str:
    """A length of time in its two largest units."""
    if span is None:
        return ""
    seconds = int(span.total_seconds() if isinstance(span, timedelta) else span)
    if seconds < MINUTE:
        return gettext("%(seconds)s s") % {"seconds": seconds}
    if seconds < HOUR:
        parts = {"minutes": seconds // MINUTE, "seconds": seconds % MINUTE}
        return gettext("%(minutes)s min %(seconds)s s") % parts
    if seconds < DAY:
        parts = {"hours": seconds // HOUR, "minutes": seconds % HOUR // MINUTE}
        return gettext("%(hours)s h %(minutes)s min") % parts
    parts = {"days": seconds // DAY, "hours": seconds % DAY // HOUR}
    return gettext("%(days)s d %(hours)s h") % parts


@register.filter
def exit_word(kind: str) -> str:
    """Name a way out."""
    return gettext(EXITS[kind][0]) if kind in EXITS else kind


@register.filter
def exit_icon(kind: str) -> str:
    """Name its icon."""
    return EXITS[kind][1] if kind in EXITS else "question-mark"


@register.filter
def icon_sign(name: str) -> str:
    """Give the sign of an icon in the icon font."""
    return chr(ICON_SIGNS.get(name, ICON_SIGNS["question-mark"]))


@register.filter
def tier_word(column: int) -> str:
    """Name a column: the victims, then tier by tier."""
    if column == 0:
        return gettext("Victim")
    number = NUMERALS[column] if chinese() and column < len(NUMERALS) else str(column)
    return gettext("Tier %(number)s") % {"number": number}


@register.filter
def say(message: str, facts: Mapping[str, Any] | None = None) -> str:
    """Translate a marked sentence and fill in its facts."""
    return gettext(message) % (facts or {})


@register.filter
def times_of(rows: Collection[int], sheet: Sheet) -> str:
    """Give the attributes that say when the first of the rows moved, for the replay."""
    at = moment(sheet.flow.trace, min(rows))
    when = f"{clock.local(at):%m-%d %H:%M:%S}"
    return format_html('data-at="{}" data-when="{}"', int(at.timestamp()), when)


@register.filter
def start_of(rows: Collection[int], sheet: Sheet) -> str:
    """Give the attribute that says when a box first got money."""
    return format_html('data-at="{}"', int(moment(sheet.flow.trace, min(rows)).timestamp()))


@register.filter
def joined_in(rows: Collection[int], sheet: Sheet) -> int:
    """Count the rows that were joined by hand."""
    return len(sheet.flow.by_hand(rows))


@register.filter
def stamp(at: datetime) -> str:
    """Say a moment in a list to choose from."""
    return f"{clock.local(at):%m-%d %H:%M:%S}"


@register.filter
def sides(sheet: Sheet, number: str) -> str:
    """Name a side of a transfer of the sheet."""
    return party(sheet, number)


@register.filter
def share_of(edge: Edge, sheet: Sheet) -> str:
    """Say which part of what was paid an edge carries, and when its transfers were made."""
    paid = sum(each.paid_fen for each in ([sheet.chosen] if sheet.chosen else sheet.victims))
    times = [clock.local(moment(sheet.flow.trace, row)) for row in (min(edge.rows), max(edge.rows))]
    return gettext("%(part)s of what was paid, %(first)s to %(last)s") % {
        "part": f"{edge.fen / paid:.1%}" if paid else "—",
        "first": f"{times[0]:%m-%d %H:%M:%S}",
        "last": f"{times[1]:%m-%d %H:%M:%S}",
    }


@register.filter
def band_word(band: str) -> str:
    """Name a strip of an edge."""
    return gettext("held") if band == "held" else fate_word(band)


@register.filter
def for_victim(aim: Aim, victim: str) -> str:
    """Give the end of the address of the same picture for one victim."""
    return aim.but(victim=victim)


@register.filter
def for_rule(aim: Aim, rule: str) -> str:
    """Give the end of the address of the same picture under a rule."""
    return aim.but(rule=rule)


@register.filter
def fate_name(fate: str) -> str:
    """Name a fate, or what was paid."""
    return gettext("Paid") if fate == "paid" else fate_word(fate)


@register.filter
def step_word(step: Step) -> str:
    """Say the next step in a few words."""
    return gettext(WORDS[step.kind])


kind_word = register.filter("kind_word", words.kind_word)


@register.filter("account_word")
def account_name(account: Account | None) -> str:
    """Bank and last four signs, as people name a card."""
    if account is None:
        return ""
    if account.closed:
        return gettext("Restricted account")
    if account.is_nameless:
        return gettext("number not told")
    return f"{account.institution_name} {account.tail}".strip()


def party(sheet: Sheet, number: str) -> str:
    """Name a side of a transfer: a victim by surname, an account by bank and last four."""
    victim = sheet.victim_of.get(number)
    if victim is not None and victim.name:
        return mask_name(victim.name)
    return account_name(sheet.accounts[number])


@register.filter
def node_name(entry: Entry) -> str:
    """Name a node shortly: bank and last four signs, the victim's surname, the way out."""
    node = entry.node
    if node.kind == "account":
        return account_name(entry.account)
    if node.kind == "victim":
        return mask_name(entry.victim.name) if entry.victim else gettext("Victim")
    if node.kind == "exit":
        return exit_word(node.exit)
    if node.kind == "exits":
        return gettext("Other exits")
    return gettext("%(count)s other accounts") % {"count": node.accounts}


@register.filter
def name_in(node: str, sheet: Sheet) -> str:
    """Name a node of the picture by its id."""
    return node_name(sheet.entry_of[node])


@register.filter
def node_label(entry: Entry) -> str:
    """Say what the box shows, for who hears it."""
    if entry.node.kind == "victim":
        return gettext("%(name)s, paid %(sum)s") % {
            "name": node_name(entry), "sum": yuan(entry.paid_fen)
        }  # fmt: skip
    if entry.closed:
        return node_name(entry)
    text = gettext("%(name)s, received %(sum)s") % {
        "name": node_name(entry), "sum": yuan(entry.node.received_fen)
    }  # fmt: skip
    return f"{text}, {gettext(entry.look.word)}" if entry.look else text


@register.filter
def members_of(entry: Entry, sheet: Sheet) -> list[dict[str, Any]]:
    """List the accounts of a pile, the largest first: name, id of its drawer, what it received."""
    ordered = sorted(entry.node.members.items(), key=lambda item: (-item[1], item[0]))
    return [
        {
            "name": party(sheet, number), "node": sheet.node_id(number),
            "fen": None if sheet.accounts[number].closed else fen,
        }
        for number, fen in ordered
    ]  # fmt: skip


@register.filter
def order_result(order: Order) -> str:
    """Say what the owner answered."""
    return result_of(order.kind, order.result)


@register.filter
def hop_words(each: Mapping[str, Any]) -> str:
    """Say who paid whom in one transfer of a way."""
    hop, sheet = each["hop"], each["sheet"]
    to = party(sheet, hop.to_account) if hop.to_account else exit_word(each["channel"])
    return f"{party(sheet, hop.from_account)} → {to}" if each["first"] else f"→ {to}"


@register.filter
def way_words(row: Row, sheet: Sheet) -> str:
    """Say who paid whom in one movement."""
    payer, payee = row.hop.from_account, row.hop.to_account
    to = party(sheet, payee) if payee else exit_word(row.channel)
    return f"{party(sheet, payer)} → {to}"


@register.filter
def order_words(offer: Offer, entry: Entry) -> str:
    """Say the verb and the object of the button."""
    orders = {
        StepKind.STOP: gettext("Draft: stop %(account)s"),
        StepKind.QUERY: gettext("Draft: query %(account)s"),
        StepKind.FREEZE: gettext("Draft: freeze %(account)s"),
        StepKind.FIND_PAYEE: gettext("Draft: query the account that paid"),
    }
    return orders[offer.step.kind] % {"account": account_name(entry.account)}


@register.filter
def order_terms(offer: Offer, entry: Entry) -> str:
    """Say amount, term, and who must approve."""
    terms = {
        StepKind.STOP: gettext("receive only, 48 hours from effect; the duty head approves"),
        StepKind.QUERY: gettext("holder and all movements; the county-level head approves"),
        StepKind.FREEZE: gettext("up to %(sum)s, six months; the county-level head approves"),
        StepKind.FIND_PAYEE: gettext(
            "movements around the payment; the county-level head approves"
        ),
    }
    return terms[offer.step.kind] % {"sum": yuan(entry.in_account_fen)}
