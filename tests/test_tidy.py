"""What no linter knows: lengths, the clock, opt-outs, templates, and what is never committed."""

from __future__ import annotations

import ast
import re

from tests.tidy.house import ROOT, below, files, name, sources, templates, text, tree

FUNCTION_LINES, FILE_LINES, LINE_COLUMNS, TEMPLATE_LINES, SCRIPT_LINES = 50, 400, 100, 200, 2500
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
OPT_OUT = re.compile(r"#\s*(noqa|type:\s*ignore|pragma|pylint|mypy)\b(.*)")
REASONED = {
    "noqa": re.compile(r": [A-Z]+[0-9]+(, [A-Z]+[0-9]+)* - \S.*"),
    "type: ignore": re.compile(r"\[[a-z-]+(, ?[a-z-]+)*\] +# \S.*"),
}
CLOCKS = re.compile(
    r"(?<!\w)(datetime\.(now|utcnow|today)|date\.today|timezone\.(now|localdate|localtime)"
    r"|time\.(time|time_ns|localtime|gmtime|ctime|strftime))$"
)


def test_a_function_has_at_most_50_lines() -> None:
    long = [
        f"{name(path)}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1}"
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, FUNCTIONS)
        and node.end_lineno
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]
    assert long == []


def test_a_file_has_at_most_400_lines_of_at_most_100_columns() -> None:
    long, wide = [], []
    for path in sources() + below("fanzha", suffix=".js") + below("fanzha", suffix=".css"):
        lines = text(path).splitlines()
        if len(lines) > FILE_LINES:
            long.append(f"{name(path)}: {len(lines)}")
        wide += [
            f"{name(path)}:{number}: {len(line)}"
            for number, line in enumerate(lines, start=1)
            if len(line) > LINE_COLUMNS
        ]
    assert (long, wide) == ([], [])


def test_a_template_has_at_most_200_lines() -> None:
    counts = {name(path): len(text(path).splitlines()) for path in templates()}
    assert {path: count for path, count in counts.items() if count > TEMPLATE_LINES} == {}


def test_our_own_scripts_stay_small() -> None:
    scripts = below("fanzha", suffix=".js")
    assert scripts
    assert sum(len(text(path).splitlines()) for path in scripts) <= SCRIPT_LINES


def test_only_one_file_reads_the_clock() -> None:
    found = [
        f"{name(path)}:{node.lineno} {ast.unparse(node.func)}"
        for path in sources()
        if name(path) != "fanzha/core/clock.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and CLOCKS.search(ast.unparse(node.func))
    ]
    assert found == []


def test_no_clock_comes_in_by_another_name() -> None:
    """`from time import time` and `from django.utils import timezone` would hide the call."""
    found = [
        f"{name(path)}:{node.lineno} {node.module}.{each.name}"
        for path in sources()
        if name(path) != "fanzha/core/clock.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom)
        for each in node.names
        if (node.module == "time" and each.name not in {"monotonic", "perf_counter", "sleep"})
        or (node.module or "", each.name) == ("django.utils", "timezone")
        or (node.module == "django.utils.timezone" and each.name == "now")
    ]
    assert found == []


def test_an_opt_out_carries_its_code_and_a_reason() -> None:
    bare = []
    for path in sources():
        if path.parent.name == "tidy" or path.name == "test_tidy.py":
            continue
        for number, line in enumerate(text(path).splitlines(), start=1):
            for kind, rest in OPT_OUT.findall(line):
                wanted = REASONED.get(re.sub(r":\s*", ": ", kind))
                if not wanted or not wanted.fullmatch(rest.rstrip()):
                    bare.append(f"{name(path)}:{number}: {line.strip()}")
    assert bare == []


def test_what_the_linters_leave_out_has_a_reason_in_the_settings() -> None:
    settings = text(ROOT / "pyproject.toml").splitlines()
    codes = [line for line in settings if re.match(r'\s+"[A-Z]+[0-9]*",', line)]
    assert codes
    assert [line for line in codes if not re.search(r"#\s*\S+", line)] == []


def test_every_package_says_what_it_is() -> None:
    silent = []
    for path in sources("fanzha"):
        if path.name != "__init__.py" or path.parent.name == "templatetags":
            continue
        said = ast.get_docstring(tree(path)) or ""
        if not said.strip().endswith((".", "。")) or not text(path).lstrip().startswith('"""'):
            silent.append(name(path))
    assert silent == []


def test_templates_hold_no_style_no_code_and_escape_everything() -> None:
    forbidden = {
        "style": re.compile(r"\bstyle\s*=|<style\b"),
        "handler": re.compile(r"\son[a-z]+\s*=\s*[\"']"),
        "script with code": re.compile(r"<script\b(?![^>]*\bsrc=)"),
        "unescaped": re.compile(r"\|\s*safe\b|\bautoescape off\b|\|\s*safeseq\b"),
    }
    found = [
        f"{name(path)}: {what}"
        for path in templates()
        for what, pattern in forbidden.items()
        if pattern.search(text(path))
    ]
    assert found == []


def test_no_address_of_a_machine_or_a_registry_is_committed() -> None:
    registry = re.compile(
        r"pypi\.org|pythonhosted|npmjs|npmmirror|artifactory|jfrog|(?:index-url|registry)[ =]+http"
    )
    path_of_a_machine = re.compile(r"(?<![\w.])/(?:work|root|home|Users|tmp)/\w")
    found = []
    for path in files():
        if name(path).startswith("tests/") or path.suffix in {".png", ".mo", ".woff2"}:
            continue
        found += [
            f"{name(path)}: {match[0]}"
            for pattern in (registry, path_of_a_machine)
            if (match := pattern.search(text(path)))
        ]
    assert found == []


def test_no_host_but_our_own_loopback_and_invented_ones_is_named() -> None:
    named = re.compile(r"https?://([\w.-]+)")
    # Names of standards that are written as addresses; nobody calls them.
    known = {"127.0.0.1", "localhost", "www.w3.org", "www.apache.org", "graphml.graphdrawing.org"}
    invented = (".example", ".invalid", ".test", "example.com", "example.org")
    found = [
        f"{name(path)}: {host}"
        for path in below("fanzha", "bench", "docs", ".ci")
        if path.suffix not in {".png", ".mo"}
        for host in named.findall(text(path))
        if host not in known and not host.endswith(invented)
    ]
    assert found == []
