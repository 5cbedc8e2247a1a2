"""Instructions in number: the sweeps of ends and of clocks, and the lists, at many open ones.

Every open instruction has its clock; as many as are over have a warning that is due. Each sweep
runs in a process of its own while an officer writes beside it. The lists are read as the app role
in the scope of the city and of one county, first page and one far behind. The peer of the list is
the same page with an offset and a count of all, as a pager usually does it. Last comes a burst of
reports: from their approval to the banks.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

from bench.goals import Goal, percentile
from bench.home import throw_away_home

if TYPE_CHECKING:
    from collections.abc import Callable

OPEN = {"small": 100_000, "full": 1_000_000}
DUE = {"small": 500, "full": 5_000}
LIST_MS, WRITE_MS = 300.0, 200.0
PAGE = 50
TRIES = 15
SWEEP = """
from fanzha.wiring.database import setup_django
setup_django()
from fanzha.core import clock
from fanzha.duties.sweeps import press_due
from fanzha.instructions.sweeps import lapse_due
import time, os, sys
sweep = {"end": lapse_due, "press": lambda: press_due(clock.now())}[sys.argv[1]]
begun = time.perf_counter()
print(sweep(), time.perf_counter() - begun, sum(os.times()[:2]))
"""
FILL = """
INSERT INTO instructions_instruction (case_id, unit_path, restricted, public_id, package_id, kind,
  state, account, account_name, institution_code, institution_name, necessity, reason, out_account,
  application_id, drafted_by_id, drafted_at, approved_by_id, approved_at, sent_at, answered_at,
  effective_at, ends_at, ends_rule, due_rule, result_code, result_text, release_ground,
  release_due_rule)
SELECT c.id, c.unit_path, c.restricted, 'I-LJ-' || n, p.id, 'stop_payment', 'effective',
  '6299' || lpad(n::text, 15, '0'), '贾某', '990100000000', '银行', '', '被害人转账', '',
  lpad(n::text, 36, '0'), 1, %(at)s, 2, %(at)s, %(at)s, %(at)s, %(at)s,
  CASE WHEN n %% %(every)s = 0 THEN %(at)s - interval '1 second'
       ELSE %(at)s + interval '1 day' + n * interval '10 ms' END,
  'stop_window', '', '0000', '', '', ''
FROM generate_series(1, %(count)s) n
JOIN cases_case c ON c.id = n %% %(cases)s + 1
JOIN LATERAL (SELECT id FROM instructions_package p WHERE p.case_id = c.id LIMIT 1) p ON true
"""
CLOCKS = """
INSERT INTO duties_clock (case_id, unit_path, restricted, rule, version, basis, about_kind, about,
  started_at, due_at, presses, pressed, next_press_at, state, escalated_path)
SELECT i.case_id, i.unit_path, i.restricted, 'stop_window', 1, '', 'instruction', i.public_id,
  i.effective_at, i.ends_at, ARRAY[w.warn, i.ends_at], (i.ends_at < %(at)s)::int,
  CASE WHEN i.ends_at < %(at)s THEN i.ends_at ELSE w.warn END, 'running', ''
FROM (SELECT * FROM instructions_instruction
       WHERE public_id ~ '^I-LJ-[0-9]{1,7}$' OFFSET 0) i
CROSS JOIN LATERAL (SELECT CASE
  WHEN i.ends_at < %(at)s THEN i.ends_at - interval '12 hours'
  WHEN substr(i.public_id, 6)::bigint %% %(every)s = 1 THEN %(at)s - interval '1 second'
  ELSE i.ends_at - interval '1 minute' END AS warn) w
"""
CASES = 2_000


def measure(size: str) -> list[Goal]:
    """Fill, read the list, sweep while an officer writes."""
    with throw_away_home():
        from fanzha.wiring.cli.run import prepare
        from fanzha.wiring.database import setup_django

        setup_django()
        prepare()
        _fill(OPEN[size], DUE[size])
        found = [*_lists(), *_clock_lists()]
        found += [*_sweep("end", DUE[size]), *_sweep("press", DUE[size])]
    return [*found, *_burst(size)]


def _burst(size: str) -> list[Goal]:
    """The burst of reports, in a process and a home of its own."""
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "bench.burst", size], stdout=subprocess.PIPE, check=True
    )
    return [Goal(**each) for each in json.loads(done.stdout)]


def _fill(count: int, due: int) -> None:
    import psycopg
    from django.conf import settings

    from bench.city import people
    from bench.desk import filled
    from fanzha.core import clock

    filled(CASES, people(20))
    url = settings.EMBEDDED.url("fanzha_owner")
    with psycopg.connect(url) as owner:
        facts = {"at": clock.now(), "count": count, "every": count // due, "cases": CASES}
        owner.execute(FILL, facts)
        owner.execute(CLOCKS, facts)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("VACUUM (ANALYZE)")


def _lists() -> list[Goal]:
    return [
        _list(f"list {name} {place} page, {scope}", unit, state, place)
        for unit, scope in (("lj", "city"), ("lj.c1", "county"))
        for name, state in (("all", ""), ("holding", "effective"))
        for place in ("first", "far")
    ]


def _list(name: str, unit: str, state: str, place: str) -> Goal:
    from fanzha.instructions import queries
    from fanzha.instructions.rules import State

    states = {State(state)} if state else set()
    middle = _middle() if place == "far" else None

    def ours() -> None:
        assert queries.part(states, before=middle, size=PAGE).rows

    def peer() -> None:
        found = queries.visible()
        if states:
            found = found.filter(state__in=sorted(states))
        offset = found.count() // 2 * (place == "far")
        assert list(found[offset : offset + PAGE])

    return Goal(
        f"{name} p95", percentile(_timed(unit, ours, TRIES), 95), "ms", target=LIST_MS,
        peer=percentile(_timed(unit, peer, 3), 95),
    )  # fmt: skip


def _clock_lists() -> list[Goal]:
    from fanzha.duties import queries

    return [
        Goal(
            f"list of clocks {name}, {scope} p95",
            percentile(
                _timed(unit, partial(queries.clocks, rule=rule, unit=of, size=PAGE), TRIES), 95
            ),
            "ms", target=LIST_MS,
        )
        for unit, scope in (("lj", "city"), ("lj.c1", "county"))
        for name, rule, of in (
            ("all", "", ""), ("of a rule", "stop_window", ""), ("of a unit", "", "lj.c1"),
        )
    ]  # fmt: skip


def _timed(unit: str, work: Callable[[], object], tries: int) -> list[float]:
    """Milliseconds of each try, each in a transaction and scope of its own, as the app role."""
    from django.db import transaction

    from fanzha.identity.models import Officer
    from fanzha.scope.current import Scope, scoped

    officer = Officer.objects.filter(unit__path=unit).order_by("pk").values_list("pk", flat=True)[0]
    taken = []
    for _ in range(tries + 1):
        begun = time.perf_counter()
        with transaction.atomic(), scoped(Scope(unit, officer)):
            work()
        taken.append((time.perf_counter() - begun) * 1000)
    return taken[1:]


def _middle() -> int:
    from django.db.models import Max

    from fanzha.identity.acting import system_scope
    from fanzha.instructions.models import Instruction

    with system_scope("bench"):
        return int(Instruction.objects.aggregate(last=Max("pk"))["last"]) // 2


def _sweep(name: str, due: int) -> list[Goal]:
    """A sweep in its own process; meanwhile an officer opens one case after the other."""
    sweep = subprocess.Popen(  # noqa: S603 - our own text
        [sys.executable, "-c", SWEEP, name], stdout=subprocess.PIPE, text=True
    )
    writes = []
    while sweep.poll() is None:
        writes.append(_write())
        time.sleep(0.02)
    told, _ = sweep.communicate()
    ended, seconds, processor = (float(each) for each in told.split())
    return [
        Goal(f"sweep to {name}: due and not done", due - ended, "instructions", target=0),
        Goal(f"sweep to {name}: all claimed and audited", seconds, "s"),
        Goal(f"sweep to {name}: of which its own processor time", processor, "s"),
        Goal(f"sweep to {name}: an officer's write meanwhile p95", percentile(writes, 95), "ms",
             target=WRITE_MS),
        Goal(f"sweep to {name}: writes measured", len(writes), "writes"),
    ]  # fmt: skip


def _write() -> float:
    from fanzha.audit.rules import Ground
    from fanzha.cases import actions as cases
    from fanzha.core import clock
    from fanzha.identity.acting import acting_for
    from fanzha.identity.models import Officer

    officer = Officer.objects.select_related("unit").filter(username="u1").get()
    begun = time.perf_counter()
    with acting_for(officer):
        cases.open_case(
            officer, fraud_type="AG", victim_name="周某", search_text="周某", at=clock.now(),
            ground=Ground("duty", "", "bench"),
        )  # fmt: skip
    return (time.perf_counter() - begun) * 1000
