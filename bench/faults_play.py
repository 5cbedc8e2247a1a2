"""One campaign in this process's home: `python -m bench.faults_play small|full CHECK`.

CHECK: "check" or "no check", whether the banks look for duplicates.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections import Counter
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import httpx

from bench.faults_books import CHECKS, violations
from bench.home import free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ACCOUNTS = {"tiny": 2, "small": 4, "full": 70}
"""In each of twelve banks; five instructions for every two."""
SECONDS = {"tiny": 25.0, "small": 30.0, "full": 150.0}
"""So long things are broken."""
SETTLES = {"tiny": 110.0, "small": 110.0, "full": 1500.0}
"""So long a campaign then waits at most until every queue is empty."""
RESEND = dict.fromkeys(("100101", "100201", "100103", "100203", "100105", "100205"), 25)
SEED = 20160318
TOKEN, CONTROL, PASSWORD = "t-front", "t-control", "only-for-the-campaign"
SWALLOWING = ("drop_reply", "garbage_reply", "unknown_code")
LINE = ("http_500", "timeout", "lost_ack", "truncate", "crash", "restart")
OF_A_BANK = ("delay", "duplicate_reply", "silent", "reorder", "wrong_serial", "refuse")
FAULTS = (*SWALLOWING, *LINE, *OF_A_BANK)
KILLED = ("web", "worker", "gateway", "banks", "database")
WAVES = 4
"""Follow-ons are drafted so often, of what is in force by then."""
QUEUE = 12
"""So many packages wait for approval at most."""
SILENT_SECONDS = 2.0


class Campaign:
    """The processes, what is done to them, and who approves meanwhile."""

    def __init__(self, home: Path, size: str, *, check: bool) -> None:
        from bench.faults_city import FRONT_ENDS, write_scenario
        from fanzha.wiring.processes import Process, Supervisor

        self.accounts, self.check = ACCOUNTS[size], check
        self.seconds, self.settles = SECONDS[size], SETTLES[size]
        self.chance, self.counts = Random(SEED), Counter[str]()
        ports = [free_port() for _ in range(FRONT_ENDS + 1)]
        self.urls = [f"http://127.0.0.1:{port}" for port in ports[1:]]
        self.site_url, self.site_port = f"http://127.0.0.1:{ports[0]}", ports[0]
        extra = [] if check else ["--no-duplicate-check"]
        banks = []
        for front_end, port in enumerate(ports[1:]):
            story = home / f"story-{front_end}.yaml"
            write_scenario(story, front_end, self.accounts)
            arguments = [
                "simulate", "banks", "--data", str(home / f"banks-{front_end}"), "--token", TOKEN,
                "--control-token", CONTROL, "--port", str(port), "--scenario", str(story), *extra,
            ]  # fmt: skip
            banks.append(Process("banks", arguments, quiet=True))
        own = [
            Process("web", ["web", "--port", str(ports[0])], quiet=True),
            Process("worker", ["worker"]),
            Process("gateway", ["gateway"]),
        ]
        self.supervisor = Supervisor([*banks, *own])
        self.ended = threading.Event()
        self.batches: list[tuple[int, list[tuple[int, int]]]] = []

    def play(self) -> dict[str, Any]:
        """Draft, break things, let it settle, compare; counts and checks."""
        from bench import faults_city

        faults_city.found(PASSWORD, self.urls, TOKEN)
        self.batches = list(enumerate(faults_city.batches(self.accounts)))[::-1]
        self._draft()
        approvers = [
            threading.Thread(target=self._approve, args=(name,), daemon=True)
            for name in ("zhao", "liang")
        ]
        with self.supervisor:
            self.supervisor.wait_for_site(self.site_port)
            for approver in approvers:
                approver.start()
            for _ in range(WAVES):
                self._break_things(time.monotonic() + self.seconds / WAVES)
                self._draft_follow_ons()
            self._settle()
            self.ended.set()
            return self._compared()

    def _draft(self) -> None:
        """Keep the queue of approvals short, as it is in a centre, until all is drafted."""
        from bench.faults_city import draft, waiting_packages
        from fanzha.core.refusal import Refusal

        queue = self._kept(waiting_packages)
        while self.batches and isinstance(queue, int) and queue < QUEUE:
            number, some = self.batches.pop()
            # A batch that was committed although its connection broke is refused the second time.
            with contextlib.suppress(Refusal):
                self._kept(partial(draft, some, number))
            queue += 2

    def _draft_follow_ons(self) -> None:
        from bench.faults_city import draft_follow_ons

        drafted = self._kept(draft_follow_ons)
        self.counts["follow-ons"] += drafted if isinstance(drafted, int) else 0

    def _break_things(self, until: float) -> None:
        while time.monotonic() < until:
            self._draft()
            self.supervisor.restart_dead()
            time.sleep(self.chance.uniform(0.1, 1.2))
            if self.chance.random() < 0.4:  # noqa: PLR2004 - kills are slower to mend than faults
                self._kill(self.chance.choice(KILLED))
            else:
                self._order(self.chance.choice(self._faults()))

    def _faults(self) -> list[str]:
        return [each for each in FAULTS if self.check or each not in SWALLOWING]

    def _kill(self, name: str) -> None:
        self.counts[f"kill -9 of {name}"] += 1
        if name == "database":
            self._kill_database()
        else:
            victim = self.chance.choice(
                [each for each in self.supervisor.processes if each.name == name]
            )
            assert victim.running
            with contextlib.suppress(ProcessLookupError):
                os.killpg(victim.running.pid, signal.SIGKILL)
            victim.running.wait()
            time.sleep(self.chance.uniform(0, 0.4))
        self.supervisor.restart_dead()

    def _kill_database(self) -> None:
        from django.conf import settings

        server = settings.EMBEDDED
        os.kill(int((server.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        time.sleep(self.chance.uniform(0.3, 0.8))
        assert self._kept(server.start, tries=20) is not _FAILED

    def _order(self, kind: str) -> None:
        from bench.faults_city import BANKS, FRONT_ENDS, bank_code

        bank = self.chance.randrange(BANKS)
        url = self.urls[bank % FRONT_ENDS]
        order: dict[str, Any] = {"kind": kind, "count": 1, "seconds": 1}
        if kind not in LINE:
            order["bank"] = bank_code(bank)
        if self._tell(url, order):
            self.counts[f"fault {kind}"] += 1
        if kind == "silent":
            time.sleep(SILENT_SECONDS)
            self._kept(lambda: self._cleared(url, bank_code(bank)))

    def _cleared(self, url: str, bank: str) -> None:
        if not self._tell(url, {"clear": True, "bank": bank}):
            raise httpx.ConnectError("not yet")

    @staticmethod
    def _tell(url: str, order: dict[str, Any]) -> bool:
        try:
            return httpx.post(
                f"{url}/control/faults", json=order, trust_env=False, timeout=3,
                headers={"Authorization": f"Bearer {CONTROL}"},
            ).is_success  # fmt: skip
        except httpx.HTTPError:
            return False

    def _approve(self, username: str) -> None:
        """Log in and approve, again and again, whatever breaks in between."""
        from fanzha.simulation.demo.browser import Browser, PageUnlike

        while not self.ended.is_set():
            browser = Browser(self.site_url)
            try:
                page = browser.open("/login/")
                form = next(each for each in page.forms if "username" in each.fields)
                browser.send(page, form.fill(username=username, password=PASSWORD))
                page = browser.open("/approvals/")
                while not self.ended.is_set():
                    page = browser.send(page, page.form("/approve/"))
            except (httpx.HTTPError, PageUnlike, StopIteration):
                self.ended.wait(0.2)
            finally:
                browser.close()

    def _settle(self) -> None:
        """Wait until nothing is open but what the banks were ordered to swallow."""
        from bench.faults_ours import is_settled

        swallowed, begun = self._swallowed(), time.monotonic()
        while time.monotonic() < begun + self.settles:
            self.supervisor.restart_dead()
            self._draft()
            if not self.batches and self._kept(partial(is_settled, swallowed)) is True:
                break
            time.sleep(1)
        self.counts["seconds until every queue was empty"] = round(time.monotonic() - begun)

    def _swallowed(self) -> int:
        return sum(self.counts[f"fault {kind}"] for kind in SWALLOWING)

    def _compared(self) -> dict[str, Any]:
        from bench.faults_ours import jobs_left, read

        time.sleep(3)
        ledgers = [
            httpx.get(
                f"{url}/control/ledger", trust_env=False, timeout=60,
                headers={"Authorization": f"Bearer {CONTROL}"},
            ).json()
            for url in self.urls
        ]  # fmt: skip
        books = read(ledgers, self._swallowed())
        found = violations(books)
        for each in found:
            print(f"{each.check}: {each.what}", file=sys.stderr)
        if found:
            print("\n".join(jobs_left()), file=sys.stderr)
        told = Counter(each.check for each in found)
        self.counts["instructions"] = len(books.ours)
        self.counts |= Counter(
            {f"ended {s}": n for s, n in Counter(o.state for o in books.ours).items()}
        )
        return {"counts": self.counts, "checks": {check: told[check] for check in CHECKS}}

    @staticmethod
    def _kept(work: Callable[[], Any], tries: int = 10) -> Any:
        """Try again while something is being restarted."""
        from django.db import Error, connection

        from fanzha.wiring.postgres import DatabaseUnavailable

        for _ in range(tries):
            try:
                return work()
            except (Error, DatabaseUnavailable, httpx.HTTPError):
                connection.close()
                time.sleep(0.5)
        return _FAILED


_FAILED = object()


def main() -> None:
    """Play and print JSON."""
    from pathlib import Path

    os.environ["FANZHA_RESEND_SECONDS"] = json.dumps(RESEND)
    os.environ["FANZHA_LOG"] = "CRITICAL"  # what breaks here was broken on purpose
    from fanzha.wiring.cli.run import prepare
    from fanzha.wiring.database import setup_django

    setup_django()
    prepare()
    size, check = sys.argv[1:]
    played = Campaign(Path(os.environ["FANZHA_HOME"]), size, check=check == "check").play()
    print(json.dumps(played))


if __name__ == "__main__":
    main()
