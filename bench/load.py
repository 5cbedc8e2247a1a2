"""Twenty officers at once on a running site: who logs in, what is asked for, how long it takes."""

from __future__ import annotations

import http.client
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from bench.city import Person

OK = 200


@dataclass(frozen=True)
class Visit:
    """One answered request: page, scope of the officer, seconds to the last byte, its size."""

    page: str
    scope: str
    seconds: float
    size: int


class LogInFailed(RuntimeError):
    """The form did not let an officer of the benchmark in."""


class PageFailed(RuntimeError):
    """A page answered with something else than 200."""


@dataclass
class User:
    """An officer with a session and one connection that is kept open."""

    person: Person
    port: int
    words: Sequence[str]
    chance: Random
    cookies: str = ""
    token: str = ""
    visits: list[Visit] = field(default_factory=list)
    failure: Exception | None = None

    def log_in(self, password: str) -> None:
        """Log in through the real form; raises LogInFailed."""
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False) as client:
            client.get("/login/")
            form = {"username": self.person.username, "password": password}
            form["csrfmiddlewaretoken"] = client.cookies["csrftoken"]
            client.post("/login/", data=form, timeout=60)
            if "sessionid" not in client.cookies:
                raise LogInFailed(self.person.username)
            self.token = client.cookies["csrftoken"]
            self.cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())

    def work(self, pages: Mapping[str, str], until: float, pause: float) -> None:
        """Ask for one page after the other until `until` (monotonic), `pause` seconds apart."""
        # The plain connection of the standard library: the load shares the cores with the site.
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            if pause:
                time.sleep(self.chance.random() * pause)
            while time.monotonic() < until:
                for page, path in pages.items():
                    self.visits.append(self._ask(line, page, path))
                    if pause:
                        time.sleep(self.chance.uniform(0.5, 1.5) * pause)
        except Exception as failure:  # noqa: BLE001 - told by the thread that started us
            self.failure = failure
        finally:
            line.close()

    def _ask(self, line: http.client.HTTPConnection, page: str, path: str) -> Visit:
        heads = {"Cookie": self.cookies}
        method, body = "GET", None
        if page == "search":
            method, body = "POST", urlencode({"q": self.chance.choice(self.words)})
            heads |= {
                "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": self.token,
            }  # fmt: skip
        begun = time.monotonic()
        line.request(method, path, body=body, headers=heads)
        answer = line.getresponse()
        content = answer.read()
        taken = time.monotonic() - begun
        if answer.status != OK:
            raise PageFailed(f"{page}: {answer.status}")
        return Visit(page, self.person.scope, taken, len(content))


def put_under_load(
    users: Sequence[User], pages: Mapping[str, str], *, seconds: float, pause: float
) -> list[Visit]:
    """Let all users work at the same time; every visit. Raises what one of them met."""
    until = time.monotonic() + seconds
    for user in users:
        user.visits.clear()
    threads = [
        threading.Thread(target=user.work, args=(pages, until, pause), daemon=True)
        for user in users
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for user in users:
        if user.failure:
            raise user.failure
    return [visit for user in users for visit in user.visits]
