"""The officers of the demo: one takes reports, two approve, one follows the money."""

from __future__ import annotations

import secrets
from collections import Counter
from typing import TYPE_CHECKING, Any

from fanzha.simulation.demo.browser import Browser, Form, Page, PageUnlike

if TYPE_CHECKING:
    from fanzha.simulation.demo.story import Telling

OK, NOTHING_NEW, CONFLICT = 200, 204, 409
TRIES = 2
"""A step that the rules refused this often is not asked for again."""


class Person:
    """An officer at her browser."""

    def __init__(self, base: str, username: str, one_time_password: str) -> None:
        self.username = username
        self.browser = Browser(base)
        page = self.browser.open("/login/")
        form = _form_with(page, "username")
        form.fill(username=username, password=one_time_password)
        page = self.browser.send(page, form)
        own = secrets.token_urlsafe(16)
        form = _form_with(page, "new_password1").fill(new_password1=own, new_password2=own)
        page = self.browser.send(page, form)
        if page.status != OK:
            raise PageUnlike(f"{username} could not log in: {page.text[:200]}")


class DutyOfficer(Person):
    """Types what the caller says, looks at what was recognised, corrects it, presses the button."""

    def take(self, told: Telling) -> tuple[str, int, int]:
        """Take one report; the case number, payments recognised rightly, payments told."""
        page = self.browser.open("/intake/")
        form = _form_with(page, "told").fill(told=told.told, door=told.door)
        marked = self.browser.send(page, Form("/intake/marks/", "post", dict(form.fields)))
        form = _form_with(marked, "told")
        right = sum(_recognised(form, payment) for payment in told.payments)
        form.fill(ongoing=told.ongoing, door=told.door, told=told.told)
        if not form.value("victim_name"):
            form.fill(victim_name=told.name)
        _read_back(form, told)
        done = self.browser.send(marked, Form("/intake/", "post", form.fields))
        if "/cases/" not in done.url:
            raise PageUnlike(f"the report of {told.key} was not taken: {done.text[:400]}")
        return done.url.rstrip("/").rsplit("/", 1)[1], right, len(told.payments)


class Approver(Person):
    """Opens every package in her queue and approves it as it stands."""

    def approve_all(self) -> int:
        """Approve what waits; how many packages."""
        count = 0
        page = self.browser.open("/approvals/")
        while True:
            try:
                form = page.form("/approve/")
            except PageUnlike:
                return count
            page = self.browser.send(page, form)
            if page.status == CONFLICT:
                # Somebody else with the same power was faster.
                page = self.browser.open("/approvals/")
            elif page.status != OK:
                raise PageUnlike(f"{self.username} could not approve: {page.text[:300]}")
            else:
                count += 1

    def file_case(self, number: str, decision: str) -> None:
        """Decide to file a case."""
        page = self.browser.open(f"/cases/{number}/")
        form = page.form("/file/")
        form.fields[_text_field(form)] = [decision]
        done = self.browser.send(page, form)
        if done.status != OK:
            raise PageUnlike(f"{number} could not be filed: {done.text[:300]}")


class Analyst(Person):
    """Reads the fund flow of a case and drafts what it proposes."""

    def __init__(self, base: str, username: str, one_time_password: str) -> None:
        super().__init__(base, username, one_time_password)
        self._tried: Counter[tuple[str, str]] = Counter()
        self._seen: dict[str, str] = {}

    def follow(self, number: str, what: str, kinds: tuple[str, ...]) -> int:
        """Draft all proposed steps of these kinds with one button; how many were new.

        A case in which nothing came in since the last look is left alone.
        """
        key = f"{number} {what}"
        news = f"/cases/{number}/flow/news/?seen={self._seen.get(key, '')}"
        if key in self._seen and self.browser.open(news).status == NOTHING_NEW:
            return 0
        flow: dict[str, Any] = self.browser.json(f"/cases/{number}/flow.json")
        self._seen[key] = str(flow.get("seen", ""))
        steps = [
            (row["node"], step["kind"])
            for row in flow.get("table", ())
            for step in row["next"]
            if step["kind"] in kinds and step["draft"]
            and self._tried[row["node"], step["kind"]] < TRIES
        ]  # fmt: skip
        if not steps:
            return 0
        self._tried.update(steps)
        page = self.browser.open("/cases/")
        done = self.browser.post(f"/cases/{number}/flow/draft/", page, what=what)
        if done.status != OK:
            raise PageUnlike(f"{number} could not be followed: {done.text[:300]}")
        return len(steps)


def _read_back(form: Form, told: Telling) -> None:
    """The officer reads the card back to the caller and corrects what was not understood."""
    named = [name.partition("-") for name in form.fields if name.startswith("p")]
    rows = sorted({row for row, dash, _ in named if dash})
    free = [
        row
        for row in rows
        if not form.value(f"{row}-to_account") and not form.value(f"{row}-amount")
    ]
    for payment in told.payments:
        row = _row_of(form, payment, rows)
        if row is None:
            row = free.pop(0) if free else f"p{len(rows) + 1}"
            rows.append(row)
        else:
            rows.remove(row)
        for name, value in payment.items():
            if not form.value(f"{row}-{name}") or name in ("amount", "to_account"):
                form.fields[f"{row}-{name}"] = [value]
        form.fields.setdefault(f"{row}-kind", ["bank"])
    for row in rows:
        if form.value(f"{row}-amount") or form.value(f"{row}-to_account"):
            form.fields[f"{row}-drop"] = ["1"]


def _row_of(form: Form, payment: dict[str, str], rows: list[str]) -> str | None:
    same = [row for row in rows if _plain(form.value(f"{row}-to_account")) == payment["to_account"]]
    paid = _amount(payment["amount"])
    exact = [row for row in same if _amount(form.value(f"{row}-amount")) == paid]
    return next(iter(exact or same), None)


def _recognised(form: Form, payment: dict[str, str]) -> bool:
    rows = {name.split("-")[0] for name in form.fields if name.endswith("-amount")}
    return any(
        _plain(form.value(f"{row}-to_account")) == payment["to_account"]
        and _amount(form.value(f"{row}-amount")) == _amount(payment["amount"])
        for row in rows
    )


def _plain(text: str) -> str:
    return "".join(text.split())


def _amount(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return 0.0


def _form_with(page: Page, field: str) -> Form:
    for form in page.forms:
        if field in form.fields:
            return form
    raise PageUnlike(f"{page.url} ({page.status}) has no field {field}: {page.text[:300]}")


def _text_field(form: Form) -> str:
    return next(name for name in form.fields if name != "csrfmiddlewaretoken")
