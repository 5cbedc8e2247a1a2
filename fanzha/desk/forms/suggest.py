"""From recognised text to suggestions for the card: pure.

Recognition finds spans; here they become a victim, payments and contacts. Names of account
holders are found here, since only the words around an account say that a name is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from fanzha.core.money import format_yuan
from fanzha.core.refusal import gettext_noop as _
from fanzha.desk.forms.cells import DOUBTFUL, UNSEEN, Guess
from fanzha.intake.recognition import Recognition, Span, recognise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fanzha.intake.recognition.payments import Payment

HOLDER = re.compile(
    r"(?:户名|收款人(?:姓名)?|收款方|账户名称?|开户名|账户姓名|对方姓名)[是为叫:：“\" ]{0,3}"
    r"(?P<name>[一-鿿·（）()]{2,30}?)(?=账[号户]|卡号|尾号|开户|的|[^一-鿿·（）()]|$)"
)
TOWARDS = re.compile(
    r"(?:给|到|至|向|入)(?P<name>[一-鿿（）()]{2,24}?(?:公司|商行|经营部|工作室|商贸|店))"
    r"|(?:给|到|至|向|入)(?:一个叫|名为|名叫)?(?P<person>[一-鿿]{2,3}?)的?(?:账[户号]|银行卡|卡)"
)
NO_NAME = re.compile(
    r"对方|指定|公司|个人|他们|她们|骗子|安全|以下|上述|一个|这个|那个|自己|本人|我|她|他|银行|支付|名下|不同|多个|陌生|私人|对公"
)
NOT_SAID = re.compile(
    r"^(?:对方|不详|不明|未知|不清楚|不知道|忘记?了)|^(?:该|一家|某|对方|他们)[^一-鿿]*公司$"
)
VICTIM = re.compile(
    r"(?:报警人|报案人|被害人|受害人|事主|我叫|我的名字[是叫])[是为叫:： ]{0,2}(?P<name>[一-鿿]{2,4})(?=[^一-鿿]|$)"
    r"|^(?P<title>[一-鿿]{1,3}(?:女士|先生))"
)
VICTIM_PHONE = re.compile(
    r"(?:本人|我的|我|联系|报警人|报案人|回拨)(?:的)?(?:电话|手机|号码|手机号|联系电话)"
)
OTHER_SIDE = re.compile(r"接到|来电|打来|对方|客服|自称|陌生|嫌疑|骗子")
BANK_ACCOUNT = re.compile(r"62\d{14,17}")
MENTIONED = ("phone", "url", "app", "chat_id", "wallet")
KIND_OF_CHANNEL = {
    "cash_courier": "cash_courier", "gold": "gold", "gift_card": "gift_card", "wallet": "wallet",
    "alipay": "payment_firm", "wechat": "payment_firm",
}  # fmt: skip
CHANNEL_WORDS = {
    "qr_code": "扫码", "atm": "ATM", "counter": "柜面", "mobile_bank": "手机银行",
    "online_bank": "网银", "alipay": "支付宝", "wechat": "微信",
}  # fmt: skip
NEAR = 45
"""A name farther than this from an account is not its holder's (assumed)."""
MASKED_TAIL = 8
"""A number with fewer digits is the tail of one."""


@dataclass(frozen=True)
class Bank:
    """A registered institution as suggestions need it."""

    code: str
    name: str
    kind: str


@dataclass(frozen=True)
class Suggested:
    """What the machine would put on the card, and what it found in the text."""

    fields: Mapping[str, Guess] = field(default_factory=dict)
    rows: tuple[Mapping[str, Guess], ...] = ()
    spans: tuple[Span, ...] = ()
    mentions: tuple[tuple[str, str], ...] = ()
    fraud_reason: str = ""
    ongoing: bool | None = None
    phrase: str = ""


def suggest(
    text: str, at: datetime, *, banks: Iterable[Bank], prefixes: Mapping[str, str]
) -> Suggested:
    """Read the text as told at `at`; never raises on any text."""
    if not text.strip():
        return Suggested()
    found = recognise(text, at, prefixes=prefixes)
    names = holder_names(text, found.spans)
    fields = _victim(text, found)
    if found.fraud_type.code:
        fields["fraud_type"] = Guess(found.fraud_type.code)
    known = {bank.name: bank for bank in banks}
    rows = [_row(payment, found.spans, known) for payment in found.payments]
    for name in names:
        _give_holder(name, found, rows)
    taken = {guess.value for guess in fields.values()}
    return Suggested(
        fields=fields,
        rows=tuple(rows),
        spans=tuple(sorted((*found.spans, *names), key=lambda span: span.start)),
        mentions=_mentions(found.spans, taken),
        fraud_reason=found.fraud_type.reason,
        ongoing=found.ongoing.ongoing,
        phrase=found.ongoing.phrase,
    )


def holder_names(text: str, spans: Iterable[Span]) -> list[Span]:
    """Names of account holders as the words around them say, as spans of kind `holder`."""
    taken = [(span.start, span.end) for span in spans]
    found: list[Span] = []
    for pattern in (HOLDER, TOWARDS):
        for match in pattern.finditer(text):
            group = "name" if match["name"] else "person"
            name = match[group].rstrip("（(")
            start, end = match.start(group), match.start(group) + len(name)
            free = all(end <= first or start >= last for first, last in taken)
            vague = NO_NAME if group == "person" else NOT_SAID
            if not free or vague.search(name):
                continue
            taken.append((start, end))
            doubtful = {"doubtful": True} if pattern is TOWARDS else {}
            found.append(Span(start, end, "holder", name, name, doubtful))
    return found


def _give_holder(name: Span, found: Recognition, rows: list[dict[str, Guess]]) -> None:
    """Write the name on the payment whose account (or amount) stands nearest to it."""
    best: tuple[int, int] | None = None
    for index, payment in enumerate(found.payments):
        anchors = [i for i in payment.target if found.spans[i].kind == "account"] or payment.amount
        for i in anchors:
            span = found.spans[i]
            apart = max(name.start - span.end, span.start - name.end)
            if apart <= NEAR and (best is None or apart < best[0]):
                best = (apart, index)
    if best is None:
        return
    guess = Guess(str(name.value), DOUBTFUL if name.extra.get("doubtful") else UNSEEN)
    account = rows[best[1]].get("to_account")
    for index, row in enumerate(rows):
        if index == best[1] or (account and row.get("to_account") == account):
            row.setdefault("to_name", guess)


def _victim(text: str, found: Recognition) -> dict[str, Guess]:
    fields: dict[str, Guess] = {}
    name = VICTIM.search(text)
    if name:
        titled = name["name"] is None
        ask = _("Full name?") if titled else ""
        fields["victim_name"] = Guess(
            name["name"] or name["title"], DOUBTFUL if titled else UNSEEN, ask
        )
    phones = [span for span in found.spans if span.kind == "phone" and not span.extra.get("masked")]
    own = [
        span for span in phones if VICTIM_PHONE.search(text[max(0, span.start - 12) : span.start])
    ]
    unsaid = [span for span in phones if not OTHER_SIDE.search(_around(text, span))]
    if own:
        fields["victim_phone"] = Guess(str(own[0].value))
    elif len(phones) == 1 and unsaid:
        fields["victim_phone"] = Guess(
            str(unsaid[0].value), DOUBTFUL, _("Is this the caller's own?")
        )
    ids = [
        span for span in found.spans if span.kind == "id_number" and not span.extra.get("masked")
    ]
    if ids and not OTHER_SIDE.search(_around(text, ids[0])):
        wrong = ids[0].extra.get("valid") is False
        ask = _("The check digit does not fit: read it back.") if wrong else ""
        fields["victim_id_number"] = Guess(str(ids[0].value), DOUBTFUL if wrong else UNSEEN, ask)
    return fields


def _around(text: str, span: Span) -> str:
    return text[max(0, span.start - 16) : span.end + 6]


def _row(payment: Payment, spans: tuple[Span, ...], banks: Mapping[str, Bank]) -> dict[str, Guess]:
    row = {"amount": _amount(spans[payment.amount[0]], each=payment.each)}
    if payment.time:
        row["time"] = _time(spans[payment.time[0]])
    row |= _account("from_account", [spans[i] for i in payment.source])
    target = [spans[i] for i in payment.target]
    row |= _account("to_account", target)
    named = [str(span.extra.get("bank", "")) for span in target if span.kind == "account"]
    named += [str(span.value) for span in target if span.kind == "bank"]
    bank = next((banks[name] for name in named if name in banks), None)
    hint = CHANNEL_WORDS.get(payment.channel, "")
    if bank:
        row["to_institution"] = Guess(bank.code)
    elif any(named):
        hint = " ".join(part for part in (hint, next(filter(None, named))) if part)
    if hint:
        row["to_hint"] = Guess(hint)
    firm = bank is not None and bank.kind == "payment_firm"
    kind = "payment_firm" if firm else KIND_OF_CHANNEL.get(payment.channel, "bank")
    if any(span.kind == "wallet" for span in target):
        kind = "wallet"
    row["kind"] = Guess(kind)
    return row


def _amount(span: Span, *, each: bool) -> Guess:
    if span.extra.get("currency", "CNY") != "CNY":
        return Guess(span.text, DOUBTFUL, _("How much in yuan?"))
    unsure = bool(span.extra.get("approx"))
    ask = _("Each time this much?") if each else _("How much exactly?") if unsure else ""
    return Guess(format_yuan(int(span.value)), DOUBTFUL if ask else UNSEEN, ask)


def _time(span: Span) -> Guess:
    try:
        moment = datetime.fromisoformat(str(span.value))
    except ValueError:
        return Guess("", DOUBTFUL, _("When exactly?"))
    if "T" not in str(span.value):
        return Guess("", DOUBTFUL, _("At what time of that day?"))
    unsure = bool(span.extra.get("approx")) or span.extra.get("precision") not in {
        "minute",
        "second",
    }
    return Guess(
        f"{moment:%Y-%m-%d %H:%M}",
        DOUBTFUL if unsure else UNSEEN,
        _("At what minute?") if unsure else "",
    )


def _account(name: str, spans: list[Span]) -> dict[str, Guess]:
    found = next((span for span in spans if span.kind in {"account", "wallet"}), None)
    if found is None:
        return {}
    number = str(found.value)
    if found.extra.get("masked"):
        number = as_tail(number)
        return {name: Guess(number, DOUBTFUL, _("The full number?"))}
    odd = found.extra.get("luhn") is False and BANK_ACCOUNT.fullmatch(number)
    ask = _("The check digit does not fit: read it back.") if odd else ""
    return {name: Guess(number, DOUBTFUL if odd else UNSEEN, ask)}


def as_tail(number: str) -> str:
    """A short run of digits is the tail of a number: `*4410`."""
    if number.isdigit() and len(number) < MASKED_TAIL:
        return "*" + number
    return number


def _mentions(spans: Iterable[Span], taken: set[str]) -> tuple[tuple[str, str], ...]:
    found = [
        (span.kind, str(span.value))
        for span in spans
        if span.kind in MENTIONED and not span.extra.get("masked") and str(span.value) not in taken
    ]
    return tuple(dict.fromkeys(found))
