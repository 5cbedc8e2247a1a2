"""Runs of digits: card and account numbers, phones, ID numbers; whole or masked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fanzha.entities import rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.intake.recognition.spans import Sheet

RUN = re.compile(r"(?<![0-9A-Za-z_.])[+(]{0,2}[0-9](?:[- ()]{0,3}[0-9]){4,59}[Xx]?(?![0-9A-Za-z_])")
MASKED = re.compile(
    r"(?<![0-9A-Za-z])[0-9]{2,8}[ -]?(?:[*xX×•●#][ -]?){2,14}[0-9]{2,6}[Xx]?(?![0-9A-Za-z])"
)
TAIL = re.compile(
    r"(?:尾号|尾数|末尾|[末后][四4六6五5]位?[码数]?|卡号?[末后][四4六6]位|末[四4]码)(?:数字)?(?:分别)?(?:[为是:： “\"(]){0,3}"
    r"(?P<n>[0-9]{3,6})(?![0-9.,:]|[元块万])"
)
CARD_TAIL = re.compile(
    r"(?<=[行卡户宝])[(\[](?P<n>[0-9]{4})[)\]]|(?<=行)卡?(?P<m>[0-9]{4})(?=[的转向付给]|账户|卡)"
)
TAIWAN_CODE = re.compile(
    r"(?<![0-9])[(]?(?P<code>[0-9]{3})[) -]{1,2}"
    r"(?P<n>[0-9]{10,14}|(?<=\))[0-9]{3,6}(?:-[0-9]{3,8}){1,3})(?![0-9-])"
)
TAIWAN_ID = re.compile(r"(?<![0-9A-Za-z])[A-Z][1289][0-9]{8}(?![0-9A-Za-z])")
ACCOUNT_WORD = re.compile(
    r"银行卡号?|储蓄卡号?|借记卡号?|信用卡号?|对公账[户号]|对公|银行账[户号]|存折|卡号|账号|账户|户头|收款|付款|汇款至|卡"
    r"|商户号?|[转汇付打存充][入到至给进往]了?|转账|汇款|打款|付给|户名|农商行|银行|信用社|支付"
)
OTHER_WORD = re.compile(
    r"订单号?|单号|订单编号|流水号?|交易号|编号|工号|案号|警号|编码|验证码|运单|快递|物流|合同|发票|税号|信用代码|凭证号?"
    r"|批次|会议号?|房间号?|会员|IMEI|imei|序列号|回执|尾号|保单|学号|执照|邀请码|群号|商品|包裹|取件码|参考号|ID"
)
ID_WORD = re.compile(r"身份证|身份号码|证件号|身分证|公民身份|[Ii][Dd]号")
PHONE_WORD = re.compile(
    r"(?:电话|手机|号码|热线|致电|来电|拨打|回拨|拨通|联系方式|座机|固话|[Tt][Ee][Ll]|短信)(?:号码?)?"
    r"[是为:： (“\"了一个的:.]{0,4}$"
)
MONEY_BEFORE = re.compile(r"(?:[¥$€£]|人民币|RMB|CNY|USDT|[台港]币|美元|金额[:：]?) ?$")
OTHER_NUMBER = re.compile(
    r"(?:发票|证件|身份|订单|车牌|中奖|合同|编|快递|卡|账户|会员|彩票)号码[^0-9]{0,4}$"
)
PHONE_AFTER = re.compile(
    r" ?[)”\"]?的? ?(?:陌生)?(?:来电|电话|短信|座机|手机|热线|号码|打来|打电话|客服)"
)
MONEY_AFTER = re.compile(r" ?(?:元|块|万|亿|圆|美元|U|港币|人民币)|\.[0-9]|,[0-9]{3}")
STRONG = re.compile(r"(?:账[号户]|存折|户头|卡号|对公账?户?)[^0-9，。]{0,6}$")
HOLDER_AFTER = re.compile(r"[ ,，(]{0,2}(?:户名|开户|的?(?:账户|账号|银行卡|卡|收款))")
CARD_LENGTHS = range(12, 20)
LONGEST_GROUPS = 6
SHORTEST_SAID = 5


def find(sheet: Sheet, prefixes: Mapping[str, str]) -> None:
    """Add ID numbers, phones and accounts. `prefixes`: card prefix -> registered institution."""
    for match in TAIWAN_ID.finditer(sheet.open):
        number = match[0]
        if rules.taiwan_id_ok(number) or ID_WORD.search(sheet.before(match.start(), 10)):
            sheet.add(*match.span(), "id_number", number, valid=rules.taiwan_id_ok(number))
    for match in MASKED.finditer(sheet.open):
        _masked(sheet, match, prefixes)
    for match in TAIWAN_CODE.finditer(sheet.open):
        bank = rules.clearing_codes().get(match["code"])
        if bank:
            number = rules.digits_of(match["n"])
            sheet.add(*match.span("n"), "account", number, bank=bank, luhn=rules.luhn_ok(number))
    sheet.settle()
    for match in RUN.finditer(sheet.open):
        _run(sheet, match.start(), match[0], prefixes)
    sheet.settle()
    _tails(sheet)
    sheet.settle()


def _masked(sheet: Sheet, match: re.Match[str], prefixes: Mapping[str, str]) -> None:
    number = rules.normal_account(match[0])
    before = sheet.before(match.start(), 14)
    if len(number) == 11 and number[0] == "1":  # noqa: PLR2004 - a mobile number
        sheet.add(*match.span(), "phone", number, masked=True)
    elif ID_WORD.search(before) or match[0][-1] in "xX":
        sheet.add(
            *match.span(), "id_number", number + ("X" if match[0][-1] in "xX" else ""), masked=True
        )
    elif re.search(r"[0-9]{3}", number) and not _other(before):
        bank = rules.bank_of(number, prefixes) if "*" not in number[:6] else None
        sheet.add(match.start(), match.end(), "account", number, masked=True, **_bank(bank))


def _tails(sheet: Sheet) -> None:
    for match in TAIL.finditer(sheet.open):
        before = sheet.before(match.start(), 8)
        if ID_WORD.search(before + sheet.folded[match.start() : match.start("n")]):
            continue
        phone = re.search(r"(?:手机|电话)(?:号码?)?的?$", before)
        sheet.add(*match.span("n"), "phone" if phone else "account", match["n"], masked=True)
    for match in CARD_TAIL.finditer(sheet.open):
        name = "n" if match["n"] else "m"
        sheet.add(*match.span(name), "account", match[name], masked=True)


def _run(sheet: Sheet, start: int, text: str, prefixes: Mapping[str, str]) -> None:
    """Classify a run; where it is nothing as a whole, its longest parts from the left."""
    groups = list(re.finditer(r"[+(]{0,2}[0-9]+[Xx]?\)?", text))
    if len(groups) > 1 and MONEY_AFTER.match(sheet.folded[start + len(text) :][:5]):
        groups.pop()  # 6299 … 7731 50000元: the last group is the sum paid
    sizes = [len(rules.digits_of(group[0])) for group in groups]
    first = 0
    while first < len(groups):
        for last in range(min(len(groups), first + LONGEST_GROUPS), first, -1):
            begin, end = groups[first].start(), groups[last - 1].end()
            if not 5 <= sum(sizes[first:last]) <= 25:  # noqa: PLR2004 - no number is such
                continue
            whole = (first == 0 and last == len(groups)) or (
                sizes[first : last - 1] == [4, 4, 4, 4][: last - 1 - first]
                and last - first >= 4  # noqa: PLR2004 - four by four, as a card is printed
                and groups[first][0].startswith("62")
            )
            if _classify(sheet, start + begin, start + end, prefixes, whole=whole):
                first = last
                break
        else:
            first += 1


def _classify(
    sheet: Sheet, start: int, end: int, prefixes: Mapping[str, str], *, whole: bool
) -> bool:
    text = sheet.folded[start:end]
    if text.endswith(")") and "(" not in text:
        end, text = end - 1, text[:-1]
    if MONEY_AFTER.match(sheet.folded[end : end + 5]):
        return False
    digits = rules.digits_of(text)
    before = sheet.before(start, 16)
    if MONEY_BEFORE.search(before):
        return False
    if text[-1] in "xX" or len(digits) in {15, 18}:
        number = rules.normal_id_number(text)
        named = bool(ID_WORD.search(before)) and len(number) in {15, 18}
        sure = rules.id_number_ok(number) and not _account_word(before)
        sure = sure and len(number) == 18  # noqa: PLR2004 - 15 digits carry no check sign
        if named or sure:
            return sheet.add(start, end, "id_number", number, valid=rules.id_number_ok(number))
    if _is_phone(sheet, text, digits, before, end):
        return sheet.add(start, end, "phone", rules.normal_phone(text))
    if text[0] in "+(" or not _is_account(sheet, digits, before, end, prefixes, whole=whole):
        return False
    bank = rules.bank_of(digits, prefixes)
    return sheet.add(start, end, "account", digits, luhn=rules.luhn_ok(digits), **_bank(bank))


def _bank(name: str | None) -> dict[str, object]:
    return {"bank": name} if name else {}


def _is_phone(  # noqa: PLR0911 - one line for each kind of phone number
    sheet: Sheet, text: str, digits: str, before: str, end: int
) -> bool:
    named = not OTHER_NUMBER.search(before) and bool(
        PHONE_WORD.search(before) or PHONE_AFTER.match(sheet.folded[end : end + 8])
    )
    size = len(digits)
    named = named or (_follows(sheet, "phone", before) and size >= SHORTEST_SAID)
    if STRONG.search(before) or (_other(before) and not named):
        return False
    if text.startswith("+"):
        return 7 <= size <= 15  # noqa: PLR2004 - E.164
    if re.fullmatch(r"(?:86|0086)?1[0-9]{10}", digits):
        return not re.search(r"卡号|银行账[号户]|存折|户头", before)
    if _account_word(before) and not named and not re.match(r"[(]?0[0-9]{2,3}[)-]", text):
        return False
    if re.fullmatch(r"00[0-9]{8,14}", digits) and (named or re.match(r"00[0-9 -]{1,4}[ -]", text)):
        return True
    if re.fullmatch(r"400[0-9]{7}|800[0-9]{7}", digits):
        return True
    if re.match(r"[(]?0[0-9]{1,3}[) -]{1,2}[0-9]", text) and size in {9, 10, 11, 12}:
        return True
    if re.fullmatch(r"09[0-9]{8}|0[1-9][0-9]{9,10}", digits):
        return True
    if re.fullmatch(r"9[56][0-9]{3,4}|100[0-9]{2}|12[0-9]{3}", text):
        return named
    return named and (5 <= size <= 12 or digits.startswith("106"))  # noqa: PLR2004 - local numbers


def _is_account(
    sheet: Sheet, digits: str, before: str, end: int, prefixes: Mapping[str, str], *, whole: bool
) -> bool:
    size = len(digits)
    if _other(before):
        return False
    named = _account_word(before) or bool(HOLDER_AFTER.match(sheet.folded[end : end + 6]))
    named = named or _follows(sheet, "account", before)
    known = rules.bank_of(digits, prefixes) is not None
    if size in range(16, 20) and (rules.luhn_ok(digits) or known):
        return True
    if not whole:
        return False
    if STRONG.search(before) and 8 <= size <= 25:  # noqa: PLR2004 - passbooks and company accounts
        return True
    if size in range(16, 20):
        return named or digits.startswith("62")
    return named and size in CARD_LENGTHS


def _follows(sheet: Sheet, kind: str, before: str) -> bool:
    """Whether a list of numbers of this kind goes on: 卡号分别是…、…和…."""
    last = sheet.spans[-1] if sheet.spans else None
    return bool(last and last.kind == kind and re.search(r"[0-9] ?[、,，和及与/] ?$", before))


def _account_word(before: str) -> bool:
    return _last(ACCOUNT_WORD, before) > _last(OTHER_WORD, before)


def _other(before: str) -> bool:
    """Whether the nearest word names another kind of number: an order, a parcel, a meeting."""
    return _last(OTHER_WORD, before) > _last(ACCOUNT_WORD, before)


def _last(pattern: re.Pattern[str], text: str) -> int:
    return max((match.end() for match in pattern.finditer(text)), default=-1)
