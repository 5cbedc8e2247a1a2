"""Each state's word, icon and tone. Colour never stands alone: the word is always beside it.

Tones: `ok` secured, `warn` still to be saved or waiting for us, `bad` over or failed, `accent` on
its way, `plain` the rest. A state may be named `kind:state` where one word means two things.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.core.refusal import gettext_noop as _

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Look:
    """How a state is shown; `word` is a msgid."""

    word: str
    icon: str
    tone: str


_INSTRUCTION = {
    "draft": Look(_("Draft"), "pencil", "plain"),
    "awaiting_approval": Look(_("Awaiting approval"), "writing-sign", "warn"),
    "approval_expired": Look(_("Approval expired"), "clock-exclamation", "bad"),
    "approved": Look(_("Approved"), "circle-check", "accent"),
    "returned": Look(_("Returned"), "arrow-back-up", "warn"),
    "withdrawn": Look(_("Withdrawn"), "x", "plain"),
    "queued": Look(_("Waiting to be sent"), "hourglass", "accent"),
    "sent": Look(_("Sent"), "send", "accent"),
    "accepted": Look(_("Received by the bank"), "mail-check", "accent"),
    "answered": Look(_("Answered"), "check", "ok"),
    "effective": Look(_("In effect"), "lock", "ok"),
    "partially_effective": Look(_("Partly in effect"), "lock-exclamation", "warn"),
    "extended": Look(_("Extended"), "lock-plus", "ok"),
    "renewed": Look(_("Renewed"), "lock-plus", "ok"),
    "failed": Look(_("Failed"), "alert-circle", "bad"),
    "refused": Look(_("Refused"), "ban", "bad"),
    "lapsed": Look(_("Lapsed"), "shield-x", "bad"),
    "released": Look(_("Released"), "lock-open", "plain"),
    "released_by_law": Look(_("Released by law"), "lock-open", "plain"),
    "no_reply": Look(_("No reply"), "clock-exclamation", "bad"),
    "unknown": Look(_("Unknown answer"), "help-hexagon", "warn"),
    "unknown_result": Look(_("Unknown answer"), "help-hexagon", "warn"),
}
_CARRIED_OUT = Look(_("Carried out"), "check", "ok")
_DONE = {
    "transaction_query:effective": _INSTRUCTION["answered"],
    "holder_query:effective": _INSTRUCTION["answered"],
    "all_accounts_query:effective": _INSTRUCTION["answered"],
    "watch:effective": Look(_("Watching"), "eye", "ok"),
    "watch:lapsed": Look(_("Ended"), "eye-off", "plain"),
    "watch:released": Look(_("Ended"), "eye-off", "plain"),
    "release_watch:effective": _CARRIED_OUT,
    "release_stop:effective": _CARRIED_OUT,
    "extend_stop:effective": _CARRIED_OUT,
    "release_freeze:effective": _CARRIED_OUT,
    "renew_freeze:effective": _CARRIED_OUT,
}
_ORDER = {
    "issued": Look(_("To be signed for"), "mail", "warn"),
    "signed": Look(_("Signed for"), "writing", "accent"),
    "order:answered": Look(_("Reported on"), "message-check", "accent"),
    "order:accepted": Look(_("Done"), "check", "ok"),
}
_MESSAGE = {
    "message:queued": Look(_("Waiting to be sent"), "hourglass", "accent"),
    "posting": Look(_("Being sent"), "send", "accent"),
    "delivered": Look(_("Delivered"), "mail-check", "ok"),
    "rejected": Look(_("Rejected by the gateway"), "ban", "bad"),
    "received": Look(_("Arrived"), "mail", "accent"),
    "handled": Look(_("Handled"), "check", "ok"),
    "message:unknown": Look(_("Unknown message"), "message-question", "warn"),
}
_CASE = {
    "report": Look(_("Reported"), "phone-incoming", "plain"),
    "reported": Look(_("Reported"), "phone-incoming", "plain"),
    "case:accepted": Look(_("Case accepted"), "folder", "accent"),
    "filed": Look(_("Case filed"), "folder-check", "ok"),
    "not_filed": Look(_("Not filed"), "folder-x", "plain"),
    "closed": Look(_("Closed"), "archive", "plain"),
    "ongoing": Look(_("Still going on"), "alert-circle", "bad"),
}
_MONEY = {
    "stopped": Look(_("Stopped"), "lock", "ok"),
    "frozen": Look(_("Frozen"), "lock", "ok"),
    "transit": Look(_("In transit"), "alert-triangle", "warn"),
    "money:returned": Look(_("Returned to the victim"), "arrow-back-up", "ok"),
    "gone": Look(_("Gone"), "arrow-right", "plain"),
    "money:unknown": Look(_("Unknown"), "question-mark", "plain"),
    "not_queried": Look(_("Not queried"), "question-mark", "plain"),
    "emptied": Look(_("Emptied"), "arrow-right", "plain"),
    "unprotected": Look(_("Unprotected"), "shield-x", "bad"),
}
_INSTITUTION = {
    "answering": Look(_("Answering"), "check", "ok"),
    "slow": Look(_("Slow"), "clock-exclamation", "warn"),
    "silent": Look(_("Silent"), "plug-connected-x", "bad"),
    "idle": Look(_("Nothing asked"), "circle-dashed", "plain"),
    "line:closed": Look(_("Passing"), "check", "ok"),
    "line:half_open": Look(_("Being tried"), "clock-exclamation", "warn"),
    "line:open": Look(_("Interrupted"), "plug-connected-x", "bad"),
    "line:paused": Look(_("Paused"), "player-pause", "warn"),
}

LOOKS: Mapping[str, Look] = {
    **_INSTRUCTION, **_DONE, **_ORDER, **_MESSAGE, **_CASE, **_MONEY, **_INSTITUTION,
}  # fmt: skip


def look_of(state: str, kind: str = "") -> Look:
    """Find a state's look; one that is not listed is shown word for word, never hidden."""
    found = LOOKS.get(f"{kind}:{state}") or LOOKS.get(state)
    return found or Look(state, "question-mark", "plain")
