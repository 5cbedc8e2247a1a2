"""What in a message the profile does not know: elements, and values of coded elements. Pure.

It is kept word for word in the raw message; here it is named, so that a person sees it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fanzha.channels.bank_gateway.profile import Profile, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fanzha.channels.bank_gateway.codec import Message


def strange(message: Message, *, profile: Profile | None = None) -> tuple[str, ...]:
    """Name each element (`Account/Colour`) and value (`FeatureCode=7777`) once, in their order.

    A message of a kind that has no field list yields nothing: then its very code is unknown.
    """
    chosen = profile or load()
    code = chosen.base_code(message.tx_code)
    if not chosen.fields_of(code):
        return ()
    return tuple(dict.fromkeys(_within(message.body, code, "", chosen)))


def _within(record: Mapping[str, Any], key: str, path: str, profile: Profile) -> Iterator[str]:
    """Yield what is strange in one record; `key` names the field list that applies to it."""
    known = {each.name: each for each in profile.fields_of(key)}
    for name, value in record.items():
        here = f"{path}{name}"
        if name not in known:
            yield here
        elif isinstance(value, str):
            allowed = profile.allowed(key, name) if known[name].kind == "code" else {}
            if value and allowed and value not in allowed:
                yield f"{here}={value}"
        else:
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict):
                    yield from _within(each, profile.inner(key, name), f"{here}/", profile)
