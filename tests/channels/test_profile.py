from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from fanzha.channels.bank_gateway import profile as profiles
from fanzha.channels.bank_gateway.codec import Message, decode, encode
from fanzha.channels.bank_gateway.profile import Profile, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CODES = sorted(code for each in load().tx_codes.values() for code in (each.code, each.feedback))
KINDS = [code for code in dict.fromkeys(CODES) if load().fields_of(code)]


def filled(name: str, profile: Profile) -> dict[str, Any]:
    """Make a record of every element that the profile lists under `name`."""
    record: dict[str, Any] = {}
    for field in profile.fields_of(name):
        nested = filled(field.name, profile) or "x"
        record[field.name] = [nested] if field.kind == "records" else nested
    return record


@pytest.mark.parametrize("tx_code", KINDS)
def test_every_kind_with_all_its_elements_comes_back_as_it_was_written(tx_code: str) -> None:
    body = filled(tx_code, load())
    assert body
    message = Message(tx_code, "S1", to="990199990000", mode="01", body=body)
    assert decode(encode(message)) == message


@pytest.fixture
def second_edition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
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


def test_an_edition_that_is_not_there_is_not_made_up() -> None:
    with pytest.raises(FileNotFoundError):
        load("1999")
