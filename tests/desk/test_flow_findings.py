"""What stands out in a fund flow: loops, ways between two places, large accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from fanzha.desk.flow.findings import MOST_WAYS, loops, shortest, ways
from tests.build import MULE, OTHER_MULE
from tests.desk.browser import HTMX, browser, shown
from tests.desk.net import picture, traced
from tests.desk.test_flow import case, data, noon_in_english, row_of, statement

if TYPE_CHECKING:
    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

__all__ = ["case", "noon_in_english"]


def test_a_loop_is_found_and_walks_along_edges() -> None:
    drawn = picture()
    edges = {(edge.source, edge.target): edge.fen for edge in drawn.edges}
    found = loops(drawn)
    assert found
    for way in found:
        assert way.nodes[0] == way.nodes[-1]
        steps = [edges[pair] for pair in zip(way.nodes, way.nodes[1:], strict=False)]
        assert way.fen == min(steps)
    names = [{drawn.by_id[node].key[1] for node in way.nodes} for way in found]
    assert {"A", "C", "D"} in names


def test_a_network_without_a_way_back_has_no_loop() -> None:
    rows = [("p1", 0, "V", "A", 10, ""), ("m1", 1, "A", "B", 10, "")]
    assert loops(picture(traced(rows, ("p1",)), victims={"p1": "v"}, until=None)) == ()


def test_every_way_between_two_places_is_found_shortest_first() -> None:
    drawn = picture()
    ids = {node.key[1]: node.id for node in drawn.nodes if node.kind in {"account", "victim"}}
    found = ways(drawn, ids["v"], ids["D"])
    assert not found.more
    lengths = [len(way.nodes) for way in found.found]
    assert lengths == sorted(lengths)
    direct = shortest(drawn, ids["v"], ids["D"])
    assert direct is not None
    assert len(direct.nodes) == lengths[0]
    assert shortest(drawn, ids["E"], ids["v"]) is None
    assert ways(drawn, ids["E"], ids["v"]).found == ()


def test_a_search_for_ways_is_bounded_and_says_so() -> None:
    rows = [("p1", 0, "V", "A", 100, "")]
    rows += [(f"o{n}", 1 + n, "A", f"M{n}", 5, "") for n in range(20)]
    rows += [(f"i{n}", 30 + n, f"M{n}", "Z", 5, "") for n in range(20)]
    drawn = picture(traced(rows, ("p1",)), victims={"p1": "v"}, until=None)
    ids = {node.key[1]: node.id for node in drawn.nodes}
    found = ways(drawn, ids["A"], ids["Z"])
    assert (len(found.found), found.more) == (MOST_WAYS, True)


def test_the_panel_shows_ways_and_large_accounts(lin: Officer, chen: Officer, case: Case) -> None:
    statement(case, chen)
    found = data(lin, case)
    ends = {"from": row_of(found, MULE[-4:])["node"], "to": row_of(found, OTHER_MULE[-4:])["node"]}
    address = reverse("desk:flow_findings", args=[case.number])
    page = shown(browser(lin).get(address, ends, headers=HTMX))
    assert "at most 300,000" in page
    back = {"from": ends["to"], "to": ends["from"]}
    assert "no such way" in shown(browser(lin).get(address, back, headers=HTMX))
    whole = shown(browser(lin).get(address))
    assert "No money came round" in whole
    assert MULE not in whole
    assert browser(lin).get(address, {"from": "x", "to": "y"}).status_code == 404
