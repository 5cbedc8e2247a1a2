from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.channels.bank_gateway.codec import MAX_BYTES, Message, clean, decode, encode
from fanzha.channels.bank_gateway.failures import MalformedMessage
from fanzha.channels.bank_gateway.profile import load

NAMES = st.sampled_from(
    ["ApplicationID", "Result", "AccountName", "Reason", "Unheard", "备注", "X.1", "_y"]
)
TEXTS = (
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30)
    .map(clean)
    .filter(lambda text: "\ufffe" not in text and "\uffff" not in text)
)
RECORDS = st.dictionaries(NAMES, TEXTS, min_size=1, max_size=4)
LISTS = st.lists(TEXTS | RECORDS, min_size=2, max_size=4)
BODIES = st.fixed_dictionaries(
    {"ApplicationID": TEXTS},
    optional={
        "Accounts": st.fixed_dictionaries({"Account": st.lists(RECORDS, min_size=1, max_size=3)}),
        "Unknown": LISTS,
        "Deep": st.fixed_dictionaries({"Er": RECORDS}),
    },
)
HEADS = st.text("0123456789_ABC", min_size=1, max_size=53)


@given(code=HEADS, serial=HEADS, sender=HEADS, body=BODIES, upstream=st.booleans())
def test_a_message_comes_back_as_it_was_written(
    code: str, serial: str, sender: str, body: dict[str, Any], *, upstream: bool
) -> None:
    if upstream:
        message = Message(code, serial, to=sender, mode="01", body=body)
    else:
        message = Message(code, serial, message_from=sender, body=body)
    assert decode(encode(message)) == message


@given(st.binary(max_size=400))
def test_any_bytes_are_a_message_or_malformed(raw: bytes) -> None:
    with pytest.raises(MalformedMessage):
        decode(raw)


@given(st.integers(0, 400), st.binary(min_size=1, max_size=4))
def test_a_damaged_message_never_raises_anything_else(place: int, damage: bytes) -> None:
    raw = encode(Message("100102", "S1", to="990199990000", body={"ApplicationID": "A1"}))
    with suppress(MalformedMessage):
        assert decode(raw[:place] + damage + raw[place + len(damage) :]).tx_code


def xml(body: str, declaration: str = "") -> str:
    head = "<Head><TxCode>100102</TxCode><To>990199990000</To></Head>"
    return f"{declaration}<Antwort>{head}<Body>{body}</Body></Antwort>"


@pytest.mark.parametrize(
    ("raw", "case"),
    [
        (xml("<AccountName>江岚</AccountName>").encode(), "no declaration, any root"),
        (xml("<AccountName>江岚</AccountName>").encode("utf-8-sig"), "byte order mark"),
        (xml("<AccountName>江岚</AccountName>").encode("gb18030"), "GB18030 undeclared"),
        (
            xml("<AccountName>江岚</AccountName>", '<?xml version="1.0" encoding="GBK"?>').encode(
                "gb18030"
            ),
            "GBK declared",
        ),
        (
            xml("<AccountName>江岚</AccountName>", '<?xml version="1.0" encoding="UTF-8"?>').encode(
                "gb18030"
            ),
            "UTF-8 declared, GB18030 written",
        ),
        (
            xml("<n:AccountName xmlns:n='u' k='v'> 江岚\n</n:AccountName><!-- x -->").encode(),
            "namespace, attribute, comment, white space",
        ),
    ],
)
def test_messages_are_read_however_they_are_encoded(raw: bytes, case: str) -> None:
    message = decode(raw)
    assert message.to == "990199990000", case
    assert message.body == {"AccountName": "江岚"}, case


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "no XML"),
        (b"garbage", "no XML"),
        (b"<Response><Head><TxCode>1</TxCode></Head></Response>", "no Head or no Body"),
        (b"<Response><Head/><Body/></Response>", "no TxCode"),
        (b"\xff\xfe\x00<", "neither UTF-8 nor GB18030"),
        (b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", "declares a document type"),
        (b"<!DOCTYPE a SYSTEM 'file:///etc/hostname'><a/>", "declares a document type"),
        (b"<" * 1_000_001, "tags"),
        (b"x" * (MAX_BYTES + 1), "at most"),
        (xml("<a>" * 40 + "</a>" * 40).encode(), "nested deeper"),
        (xml("&unknown;").encode(), "no XML"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_message_is_refused_with_a_sentence(raw: bytes, words: str) -> None:
    with pytest.raises(MalformedMessage, match=words):
        decode(raw)


def test_elements_are_written_in_the_order_of_the_profile_unknown_ones_last() -> None:
    body = {"Novelty": "1", "ExpireTime": "", "Result": "0000", "ApplicationID": "A"}
    raw = encode(Message("100102", "S", to="990199990000", mode="01", body=body)).decode()
    assert raw.endswith(
        "<Response><Head><Mode>01</Mode><To>990199990000</To><TxCode>100102</TxCode>"
        "<TransSerialNumber>S</TransSerialNumber></Head><Body><ApplicationID>A</ApplicationID>"
        "<Result>0000</Result><ExpireTime></ExpireTime><Novelty>1</Novelty></Body></Response>"
    )


def test_what_xml_cannot_carry_is_refused_when_writing() -> None:
    with pytest.raises(MalformedMessage, match="cannot carry"):
        encode(Message("100102", body={"Reason": "a\x00b"}))
    with pytest.raises(MalformedMessage, match="no name"):
        encode(Message("100102", body={"<x>": "a"}))


def test_both_series_share_one_field_list() -> None:
    profile = load()
    assert profile.fields_of("200302") == profile.fields_of("100302") != ()
    assert profile.base_code("200102") == "100102"
    assert profile.base_code("777777") == "777777"


def test_every_code_of_the_profile_has_both_labels_and_a_mark() -> None:
    profile = load()
    for table in (profile.tx_codes, profile.results, profile.gateway):
        assert table
        for row in table.values():
            assert row.zh
            assert row.en
            assert row.mark in {"PC", "A", "P"}
    for fields in profile.fields.values():
        assert len({field.name for field in fields}) == len(fields)
