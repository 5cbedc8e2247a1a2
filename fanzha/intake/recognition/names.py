"""Names: programs the victim was made to use, and the banks and payment firms involved."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fanzha.entities import rules
from fanzha.intake.recognition.fold import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fanzha.intake.recognition.spans import Sheet

DATA = Path(__file__).parents[1] / "data"
_APP = r"(?:[Aa][Pp][Pp](?![A-Za-z])|软体|软件|应用程序|应用|客户端|小程序|程序)"
_OPEN, _SHUT = "“\"'「『《【‘〈（(", "”\"'」』》】’〉）)"
_QUOTE = (
    rf"[{re.escape(_OPEN)}](?P<name>[^{re.escape(_OPEN + _SHUT)}\0，。；\n]{{1,20}})"
    rf"[{re.escape(_SHUT)}]"
)
QUOTED = re.compile(_QUOTE + rf"(?=的? ?(?:手机)?(?:{_APP}|平台|投资平台|网站|交易所))")
INSTALLED = re.compile(
    r"(?:下载|安装|装|卸载|登录|登入|注册|打开|使用)(?:了|并安装|一个|一款|个|款|名为|叫做?|名叫|的| )*"
    + _QUOTE
)
CALLED = re.compile(
    rf"(?:名为|名叫|叫做?|一款|一个)(?P<name>[A-Za-z0-9\u4e00-\u9fff]{{2,12}}?)(?=的?(?:手机)?(?:{_APP}))"
)
SUFFIXED = re.compile(rf"(?P<name>[A-Za-z0-9\u4e00-\u9fff·]{{1,16}}) ?(?={_APP})")
TRIM = re.compile(
    r"^.*(?:下载安装|下载|安装|卸载|登录|登入|注册|打开|使用|通过|进入|名为|名叫|叫做|一个|一款|这个|那个|某个|该"
    r"|[叫用在的了到从把装款个是和让我他她你其入将向])"
)
NOT_APP = re.compile(
    r"^(?:手机|银行|官方|一些|这款|投资|理财|聊天|交友|购物|会议|远程|相关|指定|对方|陌生|诈骗|虚假|非法|涉诈|(?:网络|网上|小额)?贷款|网贷|炒股"
    r"|刷单|反诈|股票|电脑|应用|恶意|不明|第三方|木马|外汇|游戏|社交|屏幕共享|共享屏幕|控制|视频|此|上述|另外?|两|新|网银|手机银行|网上银行)?$"
)
_TYPES = (
    r"农村商业银行|农村信用社|农村合作银行|村镇银行|商业银行|农商银行|农商行|农信社|信用社|银行"
)
NAMED_BANK = re.compile(rf"(?P<name>[\u4e00-\u9fff]{{2,8}}?(?:{_TYPES}))")
NAMED_FIRM = re.compile(
    r"(?:付给|转[到给至入]|[通经]过|扫码付给|[打充]到|[用向从])(?P<name>[\u4e00-\u9fff]{2,4}支付)"
    r"|(?P<before>[\u4e00-\u9fff]{2,4}支付)(?=(?:的)?(?:商户|账户|账号|公司|平台|有限|钱包|余额|收款))"
)
BANK_TRIM = re.compile(
    r"^.*(?:开户行|[从到给在用的是转汇向往我他她你其了和与及将把至为由去叫跑找办一致送发使、个张份入名下有让跟款过卡自])"
)
NOT_BANK = re.compile(
    r"^(?:手机|网上|开户|对方|本人|某某?|各个?|各大|多家|几家|哪个|什么|任何|其他|其它|另一|另外|收款|付款|发卡|不同|商业|农村"
    r"|附近|当地|所有|中央|人民|中国人民|央行|投资|国有|股份制|一家|正规|地下|该|此|这家|那家|两家|自己|我们?|私人|外资|海外"
    r"|开户的?|卡和|余额|绑定|您?|您的|贵|来自|接到|冒充|自称|谎称|假冒|称|电子"
    r"|网络|线上|前往|直接|通过|收到|联系)*(?:农村商业|商业|村镇|农商|农村)?(?:银行|农商行|农信社|信用社)$"
)
NOT_FIRM = re.compile(
    r"^(?:扫码|移动|在线|网上|电子|快捷|免密|手机|线上|线下|第三方|需要|要求|已经|无法|刷脸|分期|信用|提前|先行|继续|成功|再次|直接|全额|一次性|平台|现金|网络)"
)
WECHAT_MONEY = re.compile(
    r"微信(?=(?:又|再|扫码?|转|付|支付|收款|红包|零钱|钱包|余额|绑定|提现|充值|账户|账单|二维码)|[给向]?(?:我|他|她|对方|其)?(?:转|付|汇|发红包))"
    r"|(?<=[用过从以])微信(?=(?:[^。，\n]{0,10})(?:转|付|汇|充|支付))"
)


@cache
def known_apps() -> re.Pattern[str]:
    """One pattern of all names in the table, the longest first."""
    table = rules.read_table(DATA / "apps.yaml")
    return _words({fold(name) for name in table["names"].split()})


@cache
def known_banks() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """One pattern of all bank names and aliases, and folded name -> the name we show."""
    shown = {fold(name): full for name, full in rules.names().items()}
    return _words(shown), shown


def _words(names: Iterable[str]) -> re.Pattern[str]:
    ordered = sorted(names, key=lambda name: (-len(name), name))
    guarded = (
        rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])" if name.isascii() else re.escape(name)
        for name in ordered
    )
    return re.compile("|".join(guarded))


def find_apps(sheet: Sheet) -> None:
    """Add programs: quoted, said to be installed, ending in APP, or known by name."""
    for pattern in (QUOTED, INSTALLED):
        _apps(sheet, pattern)
    for match in known_apps().finditer(sheet.open):
        if match[0] == "向日葵" and sheet.folded[match.end() : match.end() + 1] in set("花籽田盛"):
            continue
        sheet.add(*match.span(), "app", sheet.raw[slice(*match.span())])
    sheet.settle()
    for pattern in (CALLED, SUFFIXED):
        _apps(sheet, pattern)


def _apps(sheet: Sheet, pattern: re.Pattern[str]) -> None:
    for match in pattern.finditer(sheet.open):
        _app(sheet, match)
    sheet.settle()


def _app(sheet: Sheet, match: re.Match[str]) -> None:
    start, end = match.span("name")
    if match.re is SUFFIXED:
        trimmed = TRIM.match(match["name"])
        start += trimmed.end() if trimmed else 0
    name = re.sub(rf"{_APP}$", "", sheet.folded[start:end]).strip()
    end = start + len(name)
    if (
        not name
        or NOT_APP.match(name)
        or (match.re is SUFFIXED and (name.isdigit() or len(name) == 1))
    ):
        return
    if match.re is SUFFIXED and sheet.folded[match.end() :].lstrip()[:1] in {
        "软",
        "应",
        "程",
        "小",
        "客",
    }:
        known = known_apps().fullmatch(name) or re.search(r"[A-Za-z]", name)
        if not known:
            return
    sheet.add(start, end, "app", sheet.raw[start:end])


def find_banks(sheet: Sheet, registered: Iterable[str]) -> None:
    """Add institutions: registered ones, known names, then anything that ends like one."""
    own = {fold(name): name for name in registered if name}
    if own:
        for match in _words(own).finditer(sheet.open):
            sheet.add(*match.span(), "bank", own[match[0]])
        sheet.settle()
    pattern, shown = known_banks()
    for match in pattern.finditer(sheet.open):
        if _is_short_name(sheet, match):
            sheet.add(*match.span(), "bank", shown[match[0]])
    sheet.settle()
    for match in NAMED_BANK.finditer(sheet.open):
        _named(sheet, match, "name", BANK_TRIM, NOT_BANK)
    for match in NAMED_FIRM.finditer(sheet.open):
        _named(sheet, match, "name" if match["name"] else "before", BANK_TRIM, NOT_FIRM)
    for match in WECHAT_MONEY.finditer(sheet.open):
        sheet.add(*match.span(), "bank", rules.canonical_bank("财付通"))
    sheet.settle()


def _is_short_name(sheet: Sheet, match: re.Match[str]) -> bool:
    """中行 in 其中行驶 is no bank, nor is 建行 in 修建行为; a longer bank name is read whole later."""
    name, start, end = match[0], match.start(), match.end()
    around = sheet.folded[max(0, start - 1) : start], sheet.folded[end : end + 1]
    if len(name) == 2 and name.endswith("行"):  # noqa: PLR2004 - 工行, 中行 …
        return around[0] not in "其空集途旅进修成外务" or not around[0]
    if name in {"信用社", "农信社"} and re.search(r"[\u4e00-\u9fff]", around[0]):
        own = BANK_TRIM.match(sheet.folded[max(0, start - 6) : start])
        return bool(own and own.end() == min(6, start))
    return not (name.endswith("支付") and name == "微信支付" and around[1] == "密")


def _named(
    sheet: Sheet, match: re.Match[str], group: str, trim: re.Pattern[str], never: re.Pattern[str]
) -> None:
    start, end = match.span(group)
    trimmed = trim.match(match[group][:-2])
    start += trimmed.end() if trimmed else 0
    name = sheet.folded[start:end]
    if len(name) < 4 or never.match(name):  # noqa: PLR2004 - 银行 alone names nobody
        return
    sheet.add(start, end, "bank", rules.canonical_bank(sheet.raw[start:end]))
