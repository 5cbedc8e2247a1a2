"""Invented people, accounts and tellings, drawn by chance; every number is visibly fake."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "敏静伟磊洋艳勇军杰娟涛明超秀兰霞平刚桂英文辉玲丹萍鑫波宁晨雨欣怡"
BANKS = (
    "江岚",
    "湖滨",
    "西山",
    "柳桥",
    "云海",
    "东岭",
    "南浦",
    "北原",
    "青禾",
    "白石",
    "长汀",
    "金川",
)
FRAUDS = {
    "AG": "对方冒充公司领导，在群里要求尽快转账付货款，说稍后补手续",
    "AC": "自称平台客服，说开通了百万保障，不取消每月扣费，要求共享屏幕后转账",
    "AE": "网上认识后被拉进荐股群，下载软件充值，前几次能提现，后来提不出来",
    "AB": "先做小额刷单返佣，之后说任务没做完要连续垫付，最后不返还本金",
    "AJ": "说校园贷账户不注销会影响征信，引导在各平台借款后转到指定账户",
    "AL": "收到短信说中奖，需要先交手续费和保证金才能领取",
}
DOORS = ("110", "desk", "station", "bank")


def name(chance: Random) -> str:
    """A Chinese name of two or three signs."""
    return chance.choice(SURNAMES) + "".join(chance.choices(GIVEN, k=chance.choice((1, 2))))


def phone(chance: Random) -> str:
    """A mobile number of a prefix that nobody has."""
    return chance.choice(("10", "11", "12")) + f"{chance.randrange(10**9):09d}"


def account(chance: Random, bank: int) -> str:
    """A card of one of the invented banks; its numbers begin with 6299 and the bank."""
    return f"6299{bank:02d}{chance.randrange(10**13):013d}"


def id_number(chance: Random) -> str:
    """An identity number of no region, whose check digit nobody computed."""
    return f"000000{chance.randrange(1950, 2008)}{chance.randrange(10**7):07d}0"


def telling(chance: Random, code: str, who: str, yuan: int, to: str) -> str:
    """What was told, as a call taker types it."""
    hour, minute = chance.randrange(24), chance.randrange(60)
    app = chance.choice(("企聊", "蓝信会议", "小橙书", "云课堂", "快拍"))
    return (
        f"报警人{who}称，今日{hour}时{minute:02d}分许，{FRAUDS[code]}。双方通过{app}联系，"
        f"对方账号hx{chance.randrange(10**6)}。报警人按要求分次向尾号{to[-4:]}的账户（{to}）转账，"
        f"共计{yuan}元，后对方失联，报警人意识到被骗，手机号{phone(chance)}为对方来电。"
    )
