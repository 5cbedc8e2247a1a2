"""The demo put together: processes, the cast, the story, the figures."""

from __future__ import annotations

import secrets
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import httpx
from rich.console import Console
from rich.table import Table

from fanzha.core.clock import local, now
from fanzha.core.money import format_yuan
from fanzha.wiring.database import setup_django
from fanzha.wiring.processes import PortTaken, Process, Supervisor, platform_processes

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from fanzha.simulation.demo.actors import Analyst, Approver, DutyOfficer

SCENARIO = "golden_day"
UNITS = (
    ("lj", "岚江市反诈中心", "city"), ("lj.hb", "湖滨分局", "county"), ("lj.xs", "西山分局", "county"),
    ("lj.hb.lq", "柳桥派出所", "station"),
)  # fmt: skip
CAST = (
    ("lin", "林晓", "lj", ["duty_officer"]),
    ("zhao", "赵宁", "lj", ["duty_head"]),
    ("liang", "梁正", "lj", ["county_head"]),
    ("gao", "高远", "lj", ["city_head"]),
    ("chen", "陈析", "lj", ["analyst"]),
    ("wu", "吴迪", "lj.xs", ["duty_officer", "duty_head"]),
    ("sun", "孙明", "lj", ["auditor"]),
)
BEFORE_SECONDS = 640
"""So long has the story been running when the officers come in: nobody has called before."""
LOG_WIDTH = 140
QUIET_PASSES = 8
"""The day is over when the analyst went over all cases so often and found nothing to do."""
LONGEST_PLAY_SECONDS = 110.0


def _console() -> Console:
    found = Console(highlight=False, soft_wrap=True)
    if not found.is_terminal:
        found.width = LOG_WIDTH
    return found


@dataclass
class Demo:
    """One run of the demo."""

    port: int
    folder: Path
    console: Console = field(default_factory=_console)
    supervisor: Supervisor | None = None
    starts: datetime | None = None
    numbers: dict[str, str] = field(default_factory=dict)
    people: dict[str, object] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    passes_without_news: int = 0

    def __post_init__(self) -> None:
        self.bank_token, self.control_token = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        self.bank_port = _free_port()

    def set_up(self) -> None:
        """Database, cast, banks, site."""
        if not _is_free(self.port):
            raise PortTaken(f"port {self.port} is in use; name another with --port")
        self.say("setting up the database")
        setup_django()
        from fanzha.wiring.cli.run import prepare

        prepare()
        self.say("starting banks, site, worker and gateway")
        banks = Process(
            "banks",
            ["simulate", "banks", "--port", str(self.bank_port), "--token", self.bank_token,
             "--control-token", self.control_token, "--data", str(self.folder / "banks"),
             "--scenario", SCENARIO, "--wait"],
            quiet=True,
        )  # fmt: skip
        self.supervisor = Supervisor([banks, *platform_processes(self.port)])
        self.supervisor.start()
        passwords = self._cast()
        self._register()
        self.supervisor.wait_for_site(self.port)
        self._log_in(passwords)
        self._start_story()

    def _cast(self) -> dict[str, str]:
        from fanzha.audit.rules import Ground
        from fanzha.identity import actions, queries
        from fanzha.identity.acting import Occasion, system_scope

        passwords: dict[str, str] = {}
        with system_scope("demo.cast", root="lj") as system:
            facts = Occasion(at=now(), ground=Ground("console", "demo", "cast of the demo"))
            for path, name, level in UNITS:
                parent = queries.unit_at(path.rpartition(".")[0])
                actions.add_unit(
                    system, code=path.rpartition(".")[2], name=name, level=level, parent=parent,
                    **facts,
                )  # fmt: skip
            for number, (username, name, path, roles) in enumerate(CAST, start=1):
                unit = queries.unit_at(path)
                assert unit
                _, passwords[username] = actions.add_officer(
                    system, username=username, name=name, unit=unit, roles=roles,
                    police_number=f"LJ{number:06d}", **facts,
                )  # fmt: skip
        return passwords

    def _register(self) -> None:
        from fanzha.audit.rules import Ground
        from fanzha.channels.bank_gateway import actions as gateway
        from fanzha.identity.acting import Occasion, system_scope
        from fanzha.institutions import actions as institutions
        from fanzha.simulation.banks import scenario

        with system_scope("demo.institutions") as system:
            facts = Occasion(at=now(), ground=Ground("console", "demo", "banks of the demo"))
            for bank in scenario.load(scenario.find(SCENARIO)).banks.values():
                kind = "payment_firm" if "支付" in bank.name else "bank"
                institutions.register(
                    system, code=bank.code, name=bank.name, kind=kind,
                    card_prefixes=[bank.prefix], **facts,
                )  # fmt: skip
                gateway.connect(
                    system, institution_code=bank.code, url=f"http://127.0.0.1:{self.bank_port}",
                    token=self.bank_token, poll_seconds=0.15, **facts,
                )  # fmt: skip

    def _log_in(self, passwords: dict[str, str]) -> None:
        from fanzha.simulation.demo.actors import Analyst, Approver, DutyOfficer

        base = f"http://127.0.0.1:{self.port}"
        cast = {"lin": DutyOfficer, "zhao": Approver, "liang": Approver, "chen": Analyst}
        with ThreadPoolExecutor(len(cast)) as pool:
            arriving = {
                username: pool.submit(role, base, username, passwords[username])
                for username, role in cast.items()
            }
        self.people = {username: each.result() for username, each in arriving.items()}

    def _start_story(self) -> None:
        answer = httpx.post(
            f"http://127.0.0.1:{self.bank_port}/control/start",
            headers={"Authorization": f"Bearer {self.control_token}"}, trust_env=False,
            json={"ago": BEFORE_SECONDS}, timeout=30,
        )  # fmt: skip
        answer.raise_for_status()
        self.starts = now() - timedelta(seconds=BEFORE_SECONDS)
        self.say("for ten minutes victims have been deceived and have paid; now the phones ring")

    def play(self) -> None:
        """Reports come in; officers approve and follow the money until nothing is left to do."""
        ended = threading.Event()
        threads = [
            threading.Thread(target=self._guarded, args=(work, ended), daemon=True)
            for work in (
                self._take_reports,
                partial(self._approve, "zhao"),
                partial(self._approve, "liang"),
                self._follow,
            )
        ]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + LONGEST_PLAY_SECONDS
        while time.monotonic() < deadline and self.supervisor and not self.supervisor.stopping:
            self.supervisor.restart_dead()
            if self._all_reported() and self.passes_without_news >= QUIET_PASSES:
                break
            time.sleep(0.3)
        self._freeze()
        ended.set()
        for thread in threads:
            thread.join(timeout=10)
        if self.supervisor and self.supervisor.stopping:
            raise KeyboardInterrupt

    def _take_reports(self, ended: threading.Event) -> None:
        from fanzha.simulation.demo.story import tellings

        assert self.starts
        lin: DutyOfficer = self.people["lin"]  # type: ignore[assignment] # by name
        self._tellings = tellings(SCENARIO, self.starts)
        for telling in self._tellings:
            due = self.starts + timedelta(seconds=telling.reports_at)
            while now() < due and not ended.wait(0.05):
                continue
            if ended.is_set():
                return
            number, right, told = lin.take(telling)
            self.numbers[telling.key] = number
            self.say(
                f"{number} {telling.name} ({telling.door}) tells of {told} payments, "
                f"{format_yuan(telling.paid_fen)} yuan; {right} of {told} recognised in the words"
            )

    def _approve(self, who: str, ended: threading.Event) -> None:
        person: Approver = self.people[who]  # type: ignore[assignment] # by name
        while not ended.wait(0.1):
            count = person.approve_all()
            if count:
                self.say(f"{who} approves {count} packages")

    def _follow(self, ended: threading.Event) -> None:
        from fanzha.simulation.demo.summary import is_busy

        chen: Analyst = self.people["chen"]  # type: ignore[assignment] # by name
        while not ended.wait(0.05):
            found = 0
            for number in list(dict.fromkeys(self.numbers.values())):
                drafted = chen.follow(number, "follow", ("stop_payment", "transaction_query"))
                found += drafted
                if drafted:
                    self.say(f"{number} chen drafts {drafted} follow-on stops and queries")
            self.passes_without_news = 0 if found or is_busy() else self.passes_without_news + 1

    def _freeze(self) -> None:
        """The big case is filed; what is still held there is frozen up to the traced amount."""
        if not self.numbers or not self.supervisor or self.supervisor.stopping:
            return
        from fanzha.simulation.demo.summary import is_busy

        number = self.numbers.get("accountant") or next(iter(self.numbers.values()))
        liang: Approver = self.people["liang"]  # type: ignore[assignment] # by name
        chen: Analyst = self.people["chen"]  # type: ignore[assignment] # by name
        liang.file_case(number, "岚公（反诈）立字〔2026〕1 号")
        drafted = chen.follow(number, "freeze", ("freeze",))
        self.say(f"{number} is filed; {drafted} freezes drafted, each limited to the traced amount")
        ends = time.monotonic() + 20
        while is_busy() and time.monotonic() < ends:
            time.sleep(0.3)

    def _all_reported(self) -> bool:
        return len(self.numbers) == len(getattr(self, "_tellings", [0]))

    def _guarded(self, work: object, ended: threading.Event) -> None:
        try:
            work(ended)  # type: ignore[operator] # a bound method
        except Exception as problem:  # noqa: BLE001 - shown at the end, with the rest of the day
            if not ended.is_set():
                self.problems.append(f"{type(problem).__name__}: {problem}")
                self.say(f"[red]{self.problems[-1]}[/red]")
        finally:
            from django.db import connections

            connections.close_all()

    def show(self, seconds: float) -> None:
        """Print the day per case, then the log-ins."""
        from fanzha.simulation.demo.summary import lines

        table = Table(title="One day, per case (yuan)", padding=(0, 0))
        heads = (
            "case", "sent", "effective",
            "paid", "stopped", "frozen", "in transit", "gone", "unknown",
        )  # fmt: skip
        for head in heads:
            table.add_column(head, justify="left" if head == "case" else "right", no_wrap=True)
        for line in lines():
            money = [
                format_yuan(line.figures.get(name, 0))
                for name in ("paid", "stopped", "frozen", "transit", "gone", "unknown")
            ]
            table.add_row(line.number, _minutes(line.sent), _minutes(line.effective), *money)
        self.console.print(table)
        self.console.print(
            f"Times are minutes:seconds of the story. The whole run took {seconds:.0f} s."
        )
        for problem in self.problems:
            self.console.print(f"[red]{problem}[/red]")

    def leave_running(self) -> None:
        """Print fresh one-time log-ins and keep everything running until Ctrl-C."""
        table = Table(title="One-time log-ins")
        for head in ("log-in", "one-time password", "who"):
            table.add_column(head)
        for username, password, who in self._fresh_log_ins():
            table.add_row(username, password, who)
        self.console.print(table)
        self.console.print(f"fanzha runs on http://127.0.0.1:{self.port} - Ctrl-C ends it.")
        assert self.supervisor
        self.supervisor.watch()

    def _fresh_log_ins(self) -> list[tuple[str, str, str]]:
        from fanzha.audit.rules import Ground
        from fanzha.identity import actions, rules
        from fanzha.identity.acting import system_scope
        from fanzha.identity.models import Officer

        found = []
        with system_scope("demo.log_ins") as system:
            for username, name, _, roles in CAST:
                officer = Officer.objects.get(username=username)
                password = actions.reset_password(
                    system,
                    officer,
                    at=now(),
                    ground=Ground("console", "demo", "log-in for a visitor"),
                )
                words = "、".join(rules.roles()[role].zh for role in roles)
                found.append((username, password, f"{name} {words}"))
        return found

    def say(self, sentence: str) -> None:
        """One line of progress with the story's time."""
        self.console.print(f"[dim]{local(now()):%H:%M:%S}[/dim]  {sentence}")

    def end(self) -> None:
        """End every process that this run started."""
        from fanzha.wiring.cli.run import stop_database

        if self.supervisor:
            self.supervisor.end()
        try:
            stop_database()
        except Exception as problem:  # noqa: BLE001 - nothing more can be done at the very end
            self.console.print(f"[red]{problem}[/red]")


def _minutes(span: timedelta | None) -> str:
    if span is None:
        return "-"
    seconds = int(span.total_seconds())
    return f"{seconds // 60}:{seconds % 60:02d}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
