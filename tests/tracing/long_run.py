"""Compares engine and reference on very many networks; prints the smallest disagreements.

    python -m tests.tracing.long_run --networks 200000 --from 0

Counts networks per comparison; every network is drawn from its number alone.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import replace
from functools import partial
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from fanzha.tracing.engine import VALUATIONS
from tests.tracing.agreement import (
    backward_differences,
    differences,
    fate_differences,
    range_differences,
    reach_differences,
    value_differences,
)
from tests.tracing.networks import FEATURES, ONE_TIME, PLAIN, UNSTATED, changed, network
from tests.tracing.reference import Limits, Row, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tracing.reference import Case

    Comparison = Callable[[Case], list[str]]


class Comparing(NamedTuple):
    """How to compare, on networks of how many rows and with what in them."""

    compare: Comparison
    most_rows: int = 24
    features: frozenset[str] = FEATURES


def comparisons() -> dict[str, Comparing]:
    """Every comparison by name."""
    found: dict[str, Comparing] = {}
    for rule in Rule:
        found[rule.value] = Comparing(partial(differences, rule=rule))
        for valuation in sorted({*VALUATIONS} - {"timestamp_ladder"}):
            compare = partial(value_differences, valuation=valuation, flow_rule=rule)
            found[f"{valuation} by {rule}"] = Comparing(compare)
        mixed = {"reversals"} if rule is Rule.ROLLING_PRO_RATA else set()
        compare = partial(fate_differences, rule=rule)
        found[f"fates of {rule}"] = Comparing(compare, 24, FEATURES - mixed)
        compare = partial(range_differences, rule=rule)
        found[f"ranges of {rule}"] = Comparing(compare, 5, ONE_TIME)
        found[f"ranges of {rule}, two times"] = Comparing(compare, 4, UNSTATED)
    for rule in (Rule.FIFO, Rule.LIFO):
        found[f"{rule} backward"] = Comparing(partial(_backward, rule=rule), 14)
    ladder = partial(value_differences, valuation="timestamp_ladder", flow_rule=Rule.FIFO)
    found["timestamp_ladder"] = Comparing(ladder, 5, ONE_TIME)
    found["poison"] = Comparing(reach_differences)
    return found


def _backward(case: Case, rule: Rule) -> list[str]:
    return backward_differences(
        replace(case, limits=replace(case.limits, max_transfers=None)), rule
    )


def attempt(comparison: Comparison, case: Case) -> list[str]:
    """Compare; an exception is a difference too."""
    try:
        return comparison(case)
    except Exception as problem:  # noqa: BLE001 - whatever breaks is a finding
        return [f"{type(problem).__name__}: {problem}"]


def smaller(comparison: Comparison, case: Case) -> Case:
    """Leave out rows, limits, openings one by one as long as the two still differ."""
    again = True
    while again:
        again = False
        for less in _less(case):
            if attempt(comparison, less):
                case, again = less, True
                break
    return case


def _less(case: Case) -> list[Case]:
    needed = {row.reverses for row in case.rows}
    found = [
        changed(case, rows=[row for row in case.rows if row is not left_out])
        for left_out in case.rows
        if left_out.id not in needed and left_out.id not in case.seeds
    ]
    found += [
        changed(case, seeds={name: c for name, c in case.seeds.items() if name != seed})
        for seed in case.seeds
        if len(case.seeds) > 1
    ]
    if case.openings:
        found.append(changed(case, openings={}))
    if case.known is not None:
        found.append(changed(case, known=None))
    if case.gaps:
        found.append(changed(case, gaps={}))
    if case.limits != Limits():
        found.append(changed(case, limits=Limits()))
    return found


def short(row: Row) -> str:
    """A row without the fields that are not set."""
    unset = Row("", 0, "", "", 0)._asdict()
    told = {name: value for name, value in row._asdict().items() if value != unset[name]}
    return ", ".join(f"{name}={value}" for name, value in told.items())


def show(case: Case) -> str:
    """A case as one can read it."""
    rows = "\n".join(f"    {short(row)}" for row in sorted(case.rows, key=lambda row: row.time))
    more = {
        "seeds": case.seeds,
        "openings": case.openings,
        "known": case.known,
        "gaps": case.gaps,
        "limits": case.limits,
    }
    return f"{rows}\n    {more}"


def say(text: str) -> None:
    """Print at once: a long run is watched."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(argv: list[str]) -> int:
    """Run; returns 1 if anything disagreed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=1000)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--only", default="", help="comparisons whose name holds this")
    parser.add_argument("--shown", type=int, default=3, help="disagreements shown per comparison")
    told = parser.parse_args(argv)
    names = {name: what for name, what in comparisons().items() if told.only in name}
    counts: Counter[str] = Counter()
    wrong: dict[str, list[Case]] = {name: [] for name in names}
    start = perf_counter()
    order = list(names.items())
    for number in range(told.first, told.first + told.networks):
        name, comparing = order[number % len(order)]
        chance = Random(number)
        features = comparing.features if chance.random() < 0.8 else PLAIN
        case = network(chance.randint(2, comparing.most_rows), chance, features)
        counts[name] += 1
        if attempt(comparing.compare, case):
            wrong[name].append(case)
    for name, (comparison, _, _) in names.items():
        say(f"{name}: {counts[name]} networks, {len(wrong[name])} disagree")
        cases = [smaller(comparison, case) for case in wrong[name][: 5 * told.shown]]
        for case in sorted(cases, key=lambda case: len(case.rows))[: told.shown]:
            say(show(case))
            say("    " + "\n    ".join(attempt(comparison, case)))
    say(f"{counts.total()} networks in {perf_counter() - start:.0f} s")
    return 1 if any(wrong.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
