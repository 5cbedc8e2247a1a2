from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from fanzha.channels.bank_gateway import profile as profiles
from fanzha.channels.bank_gateway.codec import Message, decode, encode
from fanzha.channels.bank_gateway.profile import Field, Profile, load
from fanzha.channels.bank_gateway.strange import strange

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODES = sorted(code for each in load().tx_codes.values() for code in (each.code, each.feedback))
KINDS = [code for code in dict.fromkeys(CODES) if code]


def filled(name: str, profile: Profile) -> dict[str, Any]:
    """Make a record of every element that the profile lists under `name`."""
    record: dict[str, Any] = {}
    for field in profile.fields_of(name):
        nested = filled(profile.inner(name, field.name), profile) or _value(name, field, profile)
        record[field.name] = [nested] if field.kind == "records" else nested
    return record


def _value(name: str, field: Field, profile: Profile) -> str:
    return next(iter(profile.allowed(name, field.name)), "x") if field.kind == "code" else "x"


@pytest.mark.parametrize("tx_code", KINDS)
def test_every_kind_with_all_its_elements_comes_back_as_it_was_written(tx_code: str) -> None:
    body = filled(tx_code, load())
    assert body
    message = Message(tx_code, "S1", to="990199990000", mode="01", body=body)
    assert decode(encode(message)) == message
    assert strange(message) == ()


def test_an_element_in_no_table_is_kept_and_named() -> None:
    body = filled("100310", load())
    body["Accounts"]["Account"][0] |= {"Colour": "red", "Remark": "?"}
    message = Message("100310", "S1", to="990199990000", mode="01", body=body | {"Novelty": "1"})
    assert decode(encode(message)) == message
    assert strange(message) == ("Accounts/Account/Colour", "Accounts/Account/Remark", "Novelty")


def test_a_code_in_no_table_is_kept_and_named_with_its_value() -> None:
    body = filled("100405", load()) | {"FeatureCode": "7777"}
    assert strange(Message("200405", "S1", body=body)) == ("FeatureCode=7777",)


def test_a_record_that_means_something_else_elsewhere_has_its_own_list() -> None:
    def names(name: str) -> set[str]:
        return {each.name for each in load().fields_of(name)}

    reported = names(load().inner("TransactionList", "Transaction"))
    assert "IsCeased" in reported
    assert "IsCeased" not in names(load().inner("Transactions", "Transaction"))


@pytest.fixture
def second_edition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    shutil.copytree(profiles.DATA / profiles.DEFAULT, tmp_path / profiles.DEFAULT)
    shutil.copytree(profiles.DATA / profiles.DEFAULT, tmp_path / "2099")
    with (tmp_path / "2099" / "fields.csv").open("a", encoding="utf-8") as file:
        file.write("100102,90,Novelty,,10,text,A\n")
    load.cache_clear()
    monkeypatch.setattr(profiles, "DATA", tmp_path)
    yield "2099"
    load.cache_clear()


def test_a_second_edition_is_a_folder_beside_the_first(second_edition: str) -> None:
    edition = load(second_edition)
    assert edition.name == "2099"
    assert "Novelty" in {field.name for field in edition.fields_of("200102")}
    message = Message("100102", "S1", body={"ApplicationID": "A1", "Novelty": "1"})
    assert strange(message, profile=edition) == ()
    assert strange(message, profile=load(profiles.DEFAULT)) == ("Novelty",)


def test_an_edition_that_is_not_there_is_not_made_up() -> None:
    with pytest.raises(FileNotFoundError):
        load("1999")
