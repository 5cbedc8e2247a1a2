"""A traced result as CSV, XLSX or GraphML. A cell that a spreadsheet would run is made text."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO
from itertools import chain
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.core.sheets import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fanzha.tracing.engine import Movements

FORMATS: Final = ("json", "csv", "xlsx", "graphml")
_TABLES: Final = {
    "ends": ("account", "kind", "fen", "by_claim"),
    "pieces": ("id", "fen", "by_claim"),
    "valuations": ("account", "rule", "cap_fen", "share_fen", "by_claim"),
    "ranges": ("account", "kind", "claim", "low_fen", "high_fen"),
    "notes": ("kind", "account", "id", "fen", "text"),
    "table": ("claim", "seeded_fen", "min_fen", "max_fen", "held_fen"),
}
_GRAPHML: Final = "http://graphml.graphdrawing.org/xmlns"
_ABOUT: Final = ("rule", "version", "engine", "input_sha256", "output_sha256", "limits", "currency")


class OneRuleOnly(Refusal):
    """A graph shows one rule."""

    message = gettext_noop("GraphML shows one rule at a time; ask for one by --rule.")


def exported(record: Mapping[str, Any], form: str, movements: Movements) -> bytes:
    """Write a report in one of FORMATS; raises OneRuleOnly."""
    if form == "json":
        return json.dumps(record).encode()
    if form == "csv":
        return _as_csv(record)
    if form == "xlsx":
        return _as_xlsx(record)
    if record["rule"] == "all":
        raise OneRuleOnly
    return _as_graphml(record, movements)


def _rows(record: Mapping[str, Any]) -> Iterator[tuple[str, str, list[tuple[str, ...]]]]:
    """(rule, table, rows) of every table of a report; shares per claim are written out."""
    for each in [record, *record.get("rules", [])]:
        for table, columns in _TABLES.items():
            if each.get(table):
                yield each["rule"], table, [_cells(columns, row) for row in each[table]]


def _cells(columns: Iterable[str], row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(
        "; ".join(f"{name}: {fen}" for name, fen in row[column].items())
        if isinstance(row[column], dict)
        else row[column]
        for column in columns
    )


def _as_csv(record: Mapping[str, Any]) -> bytes:
    """One table under the other, each with its name, its rule and its own head."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerows(_about(record))
    for rule, table, rows in _rows(record):
        writer.writerows([[], [table, rule], _TABLES[table]])
        writer.writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _as_xlsx(record: Mapping[str, Any]) -> bytes:
    """One sheet per table and rule; account numbers are text."""
    import xlsxwriter  # type: ignore[import-untyped] # it has no stubs

    raw = BytesIO()
    book = xlsxwriter.Workbook(raw, {"in_memory": True, "strings_to_formulas": False})
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet("about")
    for at, line in enumerate(_about(record)):
        sheet.write_row(at, 0, line)
    for rule, table, rows in _rows(record):
        name = table if record["rule"] != "all" else f"{table} {rule}"
        sheet = book.add_worksheet(name[:31])
        sheet.write_row(0, 0, _TABLES[table], bold)
        sheet.freeze_panes(1, 0)
        for at, row in enumerate(rows, start=1):
            for column, cell in enumerate(map(safe, row)):
                write = sheet.write_number if isinstance(cell, int) else sheet.write_string
                write(at, column, cell)
        sheet.autofit()
    book.close()
    return raw.getvalue()


def _about(record: Mapping[str, Any]) -> list[list[object]]:
    return [[name, safe(str(record[name]))] for name in _ABOUT if name in record]


def _as_graphml(record: Mapping[str, Any], movements: Movements) -> bytes:
    """Accounts as nodes with what ended there, transfers as edges with their traced part."""
    root = ET.Element("graphml", xmlns=_GRAPHML)
    kinds = {"name": "string", "ends": "string", "held_fen": "long"}
    edges = {"id": "string", "time": "long", "amount_fen": "long", "traced_fen": "long"}
    for of, names in (("node", kinds), ("edge", edges | {"by_claim": "string"})):
        for name, kind in names.items():
            attributes = {"id": f"{of}_{name}", "for": of, "attr.name": name, "attr.type": kind}
            ET.SubElement(root, "key", attributes)
    graph = ET.SubElement(root, "graph", id=record["rule"], edgedefault="directed")
    rows = [movements.row_of[piece["id"]] for piece in record["pieces"]]
    ends = [(int(movements.from_account[row]), int(movements.to_account[row])) for row in rows]
    # Numbered as the pieces name them: rows beside the trace change nothing.
    node = {code: at for at, code in enumerate(dict.fromkeys(chain.from_iterable(ends)))}
    _nodes(graph, record, {movements.name(code): at for code, at in node.items()})
    for at, (piece, row, (payer, payee)) in enumerate(
        zip(record["pieces"], rows, ends, strict=True)
    ):
        places = {"source": f"n{node[payer]}", "target": f"n{node[payee]}"}
        edge = ET.SubElement(graph, "edge", {"id": f"e{at}"} | places)
        _data(edge, "edge", {
            "id": piece["id"], "time": int(movements.time[row]),
            "amount_fen": int(movements.amount_fen[row]), "traced_fen": piece["fen"],
            "by_claim": json.dumps(piece["by_claim"], ensure_ascii=False),
        })  # fmt: skip
    raw: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return raw


def _nodes(graph: ET.Element, record: Mapping[str, Any], numbers: Mapping[str, int]) -> None:
    """The accounts, each with its number."""
    ended: dict[str, dict[str, int]] = {}
    for end in record["ends"]:
        ended.setdefault(end["account"], {})[end["kind"]] = end["fen"]
    for name, number in numbers.items():
        ends = ended.get(name, {}) if name else {}
        node = ET.SubElement(graph, "node", id=f"n{number}")
        facts = {"name": name or "(outside)", "ends": json.dumps(ends)}
        _data(node, "node", facts | {"held_fen": ends.get("held", 0)})


def _data(parent: ET.Element, of: str, facts: Mapping[str, object]) -> None:
    for name, value in facts.items():
        ET.SubElement(parent, "data", key=f"{of}_{name}").text = str(value)
