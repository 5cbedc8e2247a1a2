"""The duty desk, the case list and the text search under load, under row-level security.

Ten thousand cases, the site as it runs in production on the app role, and twenty officers at once:
half of them see the city, half one county. Each reads a page for about two seconds before she asks
for the next; then nobody pauses and twenty requests are open all the time. Both are judged alike.
The load runs on the same cores as the site and its database. Whatever else runs there counts too:
so the processor time of a page is told, of the site, of its database and of the load.
"""

from __future__ import annotations

import os
import sys
import time
from random import Random
from typing import TYPE_CHECKING, Any

from bench.cpu import used
from bench.goals import Goal, percentile
from bench.home import free_port, throw_away_home
from bench.load import User, Visit, put_under_load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import Connection

    from fanzha.wiring.processes import Supervisor

CASES = {"small": 10_000, "full": 50_000}
SECONDS = {"small": 60.0, "full": 240.0}
RUSH_SECONDS = {"small": 20.0, "full": 60.0}
USERS = 20
TARGET_MS = 300.0
WARM_UP_SECONDS = 6.0
PAUSE_SECONDS = 2.0
"""Between two pages of one officer, give or take half of it."""
PASSWORD = "only-for-the-benchmark"  # noqa: S105 - of a home that is thrown away
PAGES = {"duty": "/", "list": "/cases/", "search": "/search/"}
SEED = 20160318


def measure(size: str) -> list[Goal]:
    """Fill, start the site, log in, measure with pauses and without."""
    with throw_away_home():
        from fanzha.wiring.cli.run import prepare
        from fanzha.wiring.database import setup_django

        setup_django()
        prepare()
        return _on_a_site(size)


def _on_a_site(size: str) -> list[Goal]:
    from bench.city import people
    from fanzha.wiring.processes import Process, Supervisor

    folk = people(USERS)
    begun = time.monotonic()
    words = filled(CASES[size], folk)
    _say(f"{CASES[size]} cases in {time.monotonic() - begun:.1f} s")
    port = free_port()
    with Supervisor([Process("web", ["web", "--port", str(port)])]) as supervisor:
        supervisor.wait_for_site(port)
        users = [User(each, port, words, Random(each.pk)) for each in folk]
        for user in users:
            user.log_in(PASSWORD)
        _say("logged in")
        put_under_load(users, PAGES, seconds=WARM_UP_SECONDS, pause=0)
        goals = _measured(users, "", SECONDS[size], PAUSE_SECONDS, supervisor)
        return goals + _measured(users, "no pause: ", RUSH_SECONDS[size], 0, supervisor)


def _measured(
    users: Sequence[User], name: str, seconds: float, pause: float, supervisor: Supervisor
) -> list[Goal]:
    """Put the site under load and judge it; then what a page cost."""
    (web,) = (process.running for process in supervisor.processes)
    assert web is not None
    roots = {"site": web.pid, "database": _server(), "load": os.getpid()}
    before = {each: used(pid) for each, pid in roots.items()}
    visits = put_under_load(users, PAGES, seconds=seconds, pause=pause)
    cost = {each: used(pid) - before[each] for each, pid in roots.items()}
    cost["load"] -= cost["site"]  # which is our child
    return [
        *_goals(visits, name),
        Goal(f"{name}pages", len(visits) / seconds, "per second"),
        *(
            Goal(f"{name}processor time of a page, {each}", 1000 * spent / len(visits), "ms")
            for each, spent in cost.items()
        ),
    ]


def _server() -> int:
    """The process of the embedded database."""
    from django.conf import settings

    return int((settings.EMBEDDED.data / "postmaster.pid").read_text().split()[0])


def filled(cases: int, folk: Sequence[Any]) -> list[str]:
    """Fill the database as the owner; words to search for that occur in it."""
    import psycopg
    from django.conf import settings
    from django.contrib.auth.hashers import make_password

    from bench.city import found
    from bench.copying import Rows
    from bench.fill import fill
    from fanzha.core import clock

    at = clock.now()
    chance = Random(SEED)
    with psycopg.connect(settings.EMBEDDED.url("fanzha_owner")) as owner:
        found(owner, list(folk), make_password(PASSWORD), at)
        fill(owner, Rows(), chance, folk, cases=cases, at=at)
        words = _words(owner)
    # As autovacuum would do within the minute; now, so that it does not do so while we measure.
    with psycopg.connect(settings.EMBEDDED.url("fanzha_owner"), autocommit=True) as owner:
        owner.execute("VACUUM (ANALYZE)")
    return words


def _words(owner: Connection[Any]) -> list[str]:
    """A third names, a third numbers of accounts, a third the running part of case numbers."""
    rows = owner.execute(
        "SELECT c.victim_name, p.to_account, right(c.number, 6) FROM cases_case c"
        " JOIN intake_payment p ON p.case_id = c.id ORDER BY md5(c.number) LIMIT 300"
    ).fetchall()
    return [row[at % 3] for at, row in enumerate(rows)]


def _goals(visits: Sequence[Visit], name: str) -> list[Goal]:
    goals = []
    for page in PAGES:
        for scope in ("city", "county"):
            taken = [v.seconds * 1000 for v in visits if (v.page, v.scope) == (page, scope)]
            label = f"{name}{page} {scope}"
            goals.append(Goal(f"{label} p50", percentile(taken, 50), "ms"))
            goals.append(Goal(f"{label} p95", percentile(taken, 95), "ms", target=TARGET_MS))
    return goals


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
