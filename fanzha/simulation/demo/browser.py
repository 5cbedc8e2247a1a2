"""A small browser without scripts: cookies, pages, forms. Pages must work this way too."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

NO_VALUE = {"submit", "button", "image", "reset", "file"}


@dataclass
class Form:
    """A form of a page with the values that it would send."""

    action: str
    method: str = "get"
    fields: dict[str, list[str]] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """The value of a field, empty when there is none."""
        return (self.fields.get(name) or [""])[0]

    def fill(self, **values: str) -> Form:
        """Write values into fields."""
        for name, value in values.items():
            self.fields[name] = [value]
        return self


class _Reader(HTMLParser):
    """Collects forms and plain text."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.text: list[str] = []
        self._open: Form | None = None
        self._by_id: dict[str, Form] = {}
        self._select: tuple[Form, str] | None = None
        self._option: str | None = None
        self._area: tuple[Form, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(found.get("action", ""), found.get("method", "get").lower())
            self.forms.append(self._open)
            if "id" in found:
                self._by_id[found["id"]] = self._open
            return
        owner = self._by_id.get(found.get("form", "")) or self._open
        name = found.get("name", "")
        if tag == "option":
            self._take_option(found)
        elif owner is None or not name:
            return
        elif tag == "input":
            _take_input(owner, name, found)
        elif tag == "select":
            self._select = (owner, name)
        elif tag == "textarea":
            self._area = (owner, name)
            owner.fields[name] = [""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area:
            form, name = self._area
            form.fields[name][0] += data
        elif data.strip():
            self.text.append(data.strip())

    def _take_option(self, found: dict[str, str]) -> None:
        if self._select is None:
            return
        form, name = self._select
        if "selected" in found or name not in form.fields:
            form.fields[name] = [found.get("value", "")]


def _take_input(form: Form, name: str, found: dict[str, str]) -> None:
    kind = found.get("type", "text")
    if kind in NO_VALUE:
        return
    if kind in ("checkbox", "radio"):
        if "checked" in found:
            form.fields.setdefault(name, []).append(found.get("value", "on"))
        return
    form.fields.setdefault(name, []).append(found.get("value", ""))


@dataclass(frozen=True)
class Page:
    """A page as it came."""

    url: str
    status: int
    html: str
    forms: tuple[Form, ...]
    text: str

    def form(self, part: str) -> Form:
        """The form whose action contains `part`; raises PageUnlike when the page has none."""
        for each in self.forms:
            if part in each.action:
                return each
        raise PageUnlike(f"{self.url} ({self.status}) has no form {part!r}: {self.text[:300]}")


class PageUnlike(RuntimeError):
    """A page is not what a person would have expected."""


class Browser:
    """One person's browser."""

    def __init__(self, base: str) -> None:
        self._client = httpx.Client(
            base_url=base, follow_redirects=True, timeout=20, trust_env=False,
            headers={"Accept-Language": "zh-Hans"},
        )  # fmt: skip

    def open(self, path: str) -> Page:
        """Open an address."""
        return _page(self._client.get(path))

    def json(self, path: str) -> dict[str, object]:
        """Read data."""
        answer = self._client.get(path)
        answer.raise_for_status()
        found: dict[str, object] = answer.json()
        return found

    def send(self, page: Page, form: Form) -> Page:
        """Send a form as the browser would."""
        url = urljoin(page.url, form.action or page.url)
        headers = {"Referer": page.url}
        return _page(self._client.post(url, data=form.fields, headers=headers))

    def post(self, path: str, page: Page, **values: str) -> Page:
        """Press a button whose form is sent with the page's own token."""
        token = next((each.value("csrfmiddlewaretoken") for each in page.forms), "")
        return self.send(page, Form(path, "post", {"csrfmiddlewaretoken": [token]}).fill(**values))

    def close(self) -> None:
        """Close the browser."""
        self._client.close()


def _page(answer: httpx.Response) -> Page:
    reader = _Reader()
    reader.feed(answer.text)
    return Page(
        str(answer.url), answer.status_code, answer.text, tuple(reader.forms), " ".join(reader.text)
    )
