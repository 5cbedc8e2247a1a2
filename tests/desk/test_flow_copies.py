"""What is kept of a fund flow says what the page says, and shows nobody without a reason."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from django.urls import reverse

from fanzha.audit.models import Entry
from fanzha.desk.flow.aim import FORMS as OFFERED
from fanzha.desk.views.flow_copies import FORMS
from tests.build import MULE, OTHER_MULE
from tests.desk.browser import browser, stored
from tests.desk.test_flow import VICTIM, case, data, noon_in_english, statement

if TYPE_CHECKING:
    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

__all__ = ["case", "noon_in_english"]


def kept(officer: Officer, case: Case, form: str, **asked: str) -> bytes:
    answer: Any = browser(officer).get(reverse("desk:flow_copy", args=[case.number, form]), asked)
    assert answer.status_code == 200, answer.content[:500]
    content: bytes = answer.content
    return content


def words(content: bytes) -> str:
    """Text of a file; a spreadsheet is a ZIP of texts."""
    if content[:2] != b"PK":
        return content.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def test_what_is_offered_can_be_kept() -> None:
    assert [form for form, _ in OFFERED] == list(FORMS)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_made_and_shows_no_number(
    lin: Officer, chen: Officer, case: Case, form: str
) -> None:
    statement(case, chen)
    text = words(kept(lin, case, form))
    for secret in (MULE, OTHER_MULE, VICTIM, "周敏", "贾某", "钱某"):
        assert secret not in text


@pytest.mark.parametrize("form", ["flow.csv", "sheet.xlsx", "picture.svg", "flow.graphml"])
def test_every_text_says_its_hashes_and_up_to_when_statements_came(
    lin: Officer, chen: Officer, case: Case, form: str
) -> None:
    statement(case, chen)
    text = words(kept(lin, case, form))
    assert "收到的流水" in text
    assert data(lin, case)["input_sha256"] in text


@pytest.mark.parametrize("form", ["sheet.pdf", "report.pdf", "picture.pdf", "flow.csv"])
def test_the_same_flow_is_the_same_bytes(
    lin: Officer, chen: Officer, case: Case, form: str
) -> None:
    statement(case, chen)
    assert kept(lin, case, form) == kept(lin, case, form)


def test_the_figures_of_the_table_are_those_of_the_page(
    lin: Officer, chen: Officer, case: Case
) -> None:
    statement(case, chen)
    lines = list(csv.reader(io.StringIO(kept(lin, case, "flow.csv").decode("utf-8-sig"))))
    head = next(at for at, line in enumerate(lines) if line[0] == "序号")
    traced = sum(int(line[11].replace(",", "").replace(".", "")) for line in lines[head + 1 :])
    assert traced == sum(edge["fen"] for edge in data(lin, case)["picture"]["edges"])
    assert "bank.csv 第" in lines[head + 1][12]


def test_the_graph_has_the_edges_of_the_table(lin: Officer, chen: Officer, case: Case) -> None:
    statement(case, chen)
    graph = ET.fromstring(kept(lin, case, "flow.graphml"))  # noqa: S314 - our own file
    space = {"g": "http://graphml.graphdrawing.org/xmlns"}
    nodes = {node.get("id") for node in graph.findall(".//g:node", space)}
    edges = graph.findall(".//g:edge", space)
    assert len(edges) == 3
    assert {edge.get(end) for edge in edges for end in ("source", "target")} == nodes


def test_entities_validate_with_the_library(lin: Officer, chen: Officer, case: Case) -> None:
    library = pytest.importorskip("followthemoney", reason="it is not among the requirements")
    statement(case, chen)
    for line in kept(lin, case, "flow.ftm.json").decode().splitlines():
        given = json.loads(line)
        made = library.model.get_proxy(given, cleaned=False)
        made.schema.validate(given)
        assert {name: made.get(name) for name in given["properties"]} == given["properties"]


def test_in_full_needs_a_reason_that_is_kept(lin: Officer, chen: Officer, case: Case) -> None:
    statement(case, chen)
    address = reverse("desk:flow_copy", args=[case.number, "sheet.xlsx"])
    assert browser(lin).post(address, {"reason": " "}).status_code == 409
    answer: Any = browser(lin).post(address, {"reason": "起诉意见书附件"})
    assert MULE in words(answer.content)
    seen = [each for each in stored(Entry) if "起诉意见书附件" in str(vars(each))]
    assert len(seen) >= 2


def test_an_unknown_form_is_not_found(lin: Officer, case: Case) -> None:
    address = reverse("desk:flow_copy", args=[case.number, "flow.exe"])
    assert browser(lin).get(address).status_code == 404
