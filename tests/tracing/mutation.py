"""Changes the engine by one small thing at a time; some test must notice every change.

    python -m tests.tracing.mutation --out found.jsonl

Run from the top of a copy of the tree (mutated modules are written into it), by a Python that has
`mutmut` beside pytest and hypothesis: mutmut makes the changes, this runs the tests. All tests are
imported once; every change is tried in a fork, by the tests that call the changed function, those
that noticed its neighbours first, up to the first that fails. See docs/tracing-proof.md.
"""

from __future__ import annotations

import argparse
import ast
import gc
import importlib
import json
import os
import signal
import sys
from collections import defaultdict
from difflib import unified_diff
from functools import wraps
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ENGINE: Final = "fanzha.tracing.engine"
MODULES: Final = (
    "limits", "given", "lots", "line", "follow", "replay", "own_first", "rounding", "mix",
    "mixture", "pro_rata", "valuations", "poison", "result", "run",
)  # fmt: skip
TESTS: Final = (
    "agreement", "engine_examples", "figures_that_add_up", "figures_that_must_not_change",
    "fingerprint", "golden", "lots", "mixed_money", "pausing", "rounding",
    "refusals_and_notes", "rules_by_the_sentence", "small_print", "worked_examples",
)  # fmt: skip
ASKED: Final = (
    "-p", "no:randomly", "-p", "no:django", "-p", "no:cacheprovider", "-o", "timeout=0",
    "--tb=native", "--assert=plain", "-q",
)  # fmt: skip
FAILED, TOO_LONG = 1, -signal.SIGPROF


class Active:
    """The mutant that is tried now, and what has been called while no mutant was."""

    module = ""
    name = ""
    called: set[str] = set()


def trampoline(mutants: Mapping[str, Callable[..., Any]], **_: Any) -> Callable[..., Any]:
    """Stand in for mutmut's, which asks the environment at every call."""

    def mutated(decorated: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(decorated)
        def call(*args: Any, **kwargs: Any) -> Any:
            original = mutants["_mutmut_orig"]
            if not Active.module:
                Active.called.add(f"{original.__module__}.{original.__name__}")
            elif Active.module == original.__module__:
                return mutants.get(Active.name, original)(*args, **kwargs)
            return original(*args, **kwargs)

        return call

    return mutated


class Mutant(NamedTuple):
    """One change: its module, and its name there."""

    module: str
    name: str

    @property
    def original(self) -> str:
        """The function that it changes."""
        return f"{self.module}.{self.name.rpartition('__mutmut_')[0]}__mutmut_orig"

    def __str__(self) -> str:
        return f"{self.module.rpartition('.')[2]}.{self.name}"


def write_mutants(modules: list[str]) -> list[Mutant]:
    """Write all mutants of the modules into the copy, beside the originals."""
    Path("setup.cfg").write_text("[mutmut]\nsource_paths=fanzha\n", encoding="utf-8")
    maker = importlib.import_module("mutmut.mutation.file_mutation")
    mutmut: Any = importlib.import_module("mutmut.mutation.trampoline")
    mutmut.wrap_in_trampoline = trampoline
    found = []
    for name in modules:
        path = Path(*ENGINE.split("."), f"{name}.py")
        clean = path.with_suffix(".clean")
        if not clean.exists():
            clean.write_bytes(path.read_bytes())
        made = maker.mutate_file_contents(str(path), clean.read_text(encoding="utf-8"))
        path.write_text(made.code, encoding="utf-8")
        found += [Mutant(f"{ENGINE}.{name}", mutant) for mutant in made.mutant_names]
    return found


def change(mutant: Mutant) -> str:
    """What the mutant changes, as a difference of lines."""
    tree = ast.parse(Path(*mutant.module.split(".")).with_suffix(".py").read_text("utf-8"))
    names = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    orig = f"{mutant.name.rpartition('__mutmut_')[0]}__mutmut_orig"
    before, after = (
        ast.unparse(names[name]).replace(name, "").splitlines() for name in (orig, mutant.name)
    )
    differ = list(unified_diff(before, after, n=0, lineterm=""))[2:]
    return "\n".join(line for line in differ if not line.startswith("@@"))


class Trying:
    """A pytest plugin: runs the tests once to see what they call, then per mutant."""

    def __init__(self, mutants: list[Mutant], out: Path, slowest: float) -> None:
        self.mutants, self.out, self.slowest = mutants, out, slowest
        self.took: dict[pytest.Item, float] = {}
        self.calls: defaultdict[str, list[pytest.Item]] = defaultdict(list)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try all mutants; results are appended to a file, a line each."""
        for item in session.items:
            Active.called, start = set(), perf_counter()
            if failed(item):
                pytest.exit(f"{item.nodeid} fails on the unchanged engine", returncode=3)
            self.took[item] = perf_counter() - start
            for called in Active.called:
                self.calls[called].append(item)
        gc.collect()
        gc.freeze()
        first: dict[str, list[pytest.Item]] = {}
        with self.out.open("a", encoding="utf-8") as out:
            for mutant in self.mutants:
                there = [i for i in self.calls[mutant.original] if self.took[i] <= self.slowest]
                noticed = first.setdefault(mutant.original, [])
                order = noticed + sorted(set(there) - set(noticed), key=self.took.__getitem__)
                state, by = self.tried(mutant, order)
                if state == "noticed" and by in noticed:
                    noticed.remove(by)
                if by is not None:
                    noticed.insert(0, by)
                told = {"mutant": str(mutant), "state": state, "by": by and by.nodeid}
                told |= {"change": change(mutant)} if state != "noticed" else {}
                out.write(json.dumps(told) + "\n")
                out.flush()
        return True

    def tried(self, mutant: Mutant, items: list[pytest.Item]) -> tuple[str, pytest.Item | None]:
        """Try one mutant in a fork: what came of it, and by which test."""
        if not items:
            return "no test calls it", None
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            Active.module, Active.name = mutant.module, mutant.name
            for at, item in enumerate(items):
                os.write(write, at.to_bytes(4, "big"))
                signal.setitimer(signal.ITIMER_PROF, 2 + 10 * self.took[item])
                if failed(item):
                    os._exit(FAILED)
            os._exit(0)
        os.close(write)
        _, status = os.waitpid(child, 0)
        with os.fdopen(read, "rb") as pipe:
            last = items[int.from_bytes(pipe.read()[-4:], "big")]
        code = os.waitstatus_to_exitcode(status)
        if code == 0:
            return "alive", None
        return ("out of time" if code == TOO_LONG else "noticed"), last


def failed(item: pytest.Item) -> bool:
    """Run one test."""
    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=None))


def main(argv: list[str]) -> int:
    """Run; a file of results that is there already is added to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", default="", help="modules, with commas between; else all")
    parser.add_argument("--alive", type=Path, help="try again what this file says is not noticed")
    parser.add_argument("--slowest", type=float, default=0.5, help="seconds of the longest test")
    told = parser.parse_args(argv)
    if Path(".git").exists():
        parser.error("this would write mutants into a repository: run it in a copy")
    mutants = write_mutants(told.only.split(",") if told.only else list(MODULES))
    if told.alive:
        lines = [json.loads(line) for line in told.alive.read_text("utf-8").splitlines()]
        again = {line["mutant"] for line in lines if line["state"] != "noticed"}
        mutants = [mutant for mutant in mutants if str(mutant) in again]
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("mutation", database=None, phases=phases, report_multiple_bugs=False)
    settings.load_profile("mutation")
    files = [f"tests/tracing/test_{name}.py" for name in TESTS]
    plugin = Trying(mutants, told.out, told.slowest)
    there = [file for file in files if Path(file).exists()]
    return int(pytest.main([*ASKED, *there], plugins=[plugin]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
