"""Money on its way: one lane per live case, with its bar, its clock and its next step."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from fanzha.core.masking import mask_name
from fanzha.core.money import format_yuan
from fanzha.desk.addresses import address
from fanzha.desk.flow.bar import bar
from fanzha.desk.forms.choices import fraud_word
from fanzha.desk.golden import golden_of
from fanzha.desk.now import reads
from fanzha.instructions.rules import HOLDING_STATES, Kind, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from fanzha.identity.models import Officer

MOST_LANES = 12
"""What one looks through without scrolling far; the rest is behind one link."""
FRESH = timedelta(hours=48)
"""A case is live so long after its first report, and as long as a stop runs."""
GOLDEN_SHOWN = timedelta(hours=2)
"""So long after its end the golden time is still shown as over."""
STOP_ALARM = 120


@dataclass(frozen=True)
class Step:
    """The next step in words, with the one button that leads to it."""

    words: str
    button: str = ""
    url: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class Clock:
    """Which clock of the case ends first, and what it is called while it runs and after."""

    until: datetime
    label: str
    past: str
    warn_minutes: int


@dataclass(frozen=True)
class Subject:
    """The case of a lane; of the victim the surname only."""

    number: str
    victim: str
    is_filed: bool


@dataclass(frozen=True)
class Lane:
    """One case: bar, clock, next step. `figures` sum to what was paid."""

    case: Subject
    fraud_type: str
    figures: dict[str, int]
    clock: Clock | None
    step: Step

    @property
    def sums(self) -> tuple[tuple[str, int], ...]:
        """The figures as one fact."""
        return tuple(self.figures.items())


@dataclass
class Standing:
    """How the instructions of a case stand, by kind and state: number, first end.

    `levels`: the permissions that may approve what waits for approval.
    """

    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    ends: dict[tuple[str, str], datetime | None] = field(default_factory=dict)
    levels: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    late: int = 0

    def count(self, kind: Kind, *states: State) -> int:
        """How many of the kind are in one of the states."""
        return sum(self.numbers.get((kind, state), 0) for state in states)

    def first_end(self, kind: Kind, *states: State) -> datetime | None:
        """The clock that ends first among them."""
        found = [self.ends.get((kind, state)) for state in states]
        return min((end for end in found if end), default=None)


def live(officer: Officer, at: datetime) -> tuple[list[Lane], int]:
    """The lanes of the most pressing live cases, and how many live cases are not shown."""
    newest, running = reads.candidates(at, at - FRESH, MOST_LANES + 1)
    others = [pk for pk in running if pk not in newest][:MOST_LANES]
    lanes = lanes_of(newest[:MOST_LANES] + others, officer, at, only_open=True)
    number = len(lanes) + len(newest[MOST_LANES:])
    if len(newest) > MOST_LANES or len(others) == MOST_LANES:
        number = reads.live_in_all(at, at - FRESH)
    shown = lanes[:MOST_LANES]
    return shown, max(number - len(shown), 0)


def lanes_of(
    ids: Sequence[int], officer: Officer, at: datetime, *, only_open: bool = False
) -> list[Lane]:
    """Lanes of these cases, the clock that ends first on top."""
    standings = _standings(ids, at)
    lanes = []
    for row in reads.cases(ids):
        if only_open and row["state"] == "closed":
            continue
        case = Subject(
            row["number"], mask_name(row["victim_name"]), is_filed=row["filed_at"] is not None
        )
        sums = bar(row["figures"], row["paid_fen"] or 0)
        standing = standings[row["id"]]
        clock = _clock(sums, standing, row["last_paid"], at)
        step = _step(case, officer, sums, standing)
        lanes.append((row["id"], Lane(case, fraud_word(row["fraud_type"]), sums, clock, step)))
    lanes.sort(key=lambda each: (each[1].clock is None, _ends(each[1]), -each[0]))
    return [lane for _, lane in lanes]


def _ends(lane: Lane) -> float:
    return lane.clock.until.timestamp() if lane.clock else 0.0


def _standings(ids: Sequence[int], at: datetime) -> defaultdict[int, Standing]:
    found: defaultdict[int, Standing] = defaultdict(Standing)
    for row in reads.standings(ids, at):
        standing, key = found[row["case_id"]], (row["kind"], row["state"])
        standing.numbers[key] = row["n"]
        standing.ends[key] = row["first_end"]
        standing.levels[key] = row["levels"]
        standing.late += row["overdue"]
    return found


def _clock(
    sums: dict[str, int], standing: Standing, last_paid: datetime | None, at: datetime
) -> Clock | None:
    """The golden time while something can still be saved, else the hold that ends first."""
    lapsed = standing.first_end(Kind.STOP, State.LAPSED)
    if lapsed and sums["transit"] and not standing.count(Kind.STOP, *HOLDING_STATES):
        return Clock(lapsed, "", gettext("Stop has lapsed"), 0)
    golden = golden_of([last_paid])
    still_open = sums["transit"] + sums["unknown"] > 0
    if golden and still_open and at < golden.until + GOLDEN_SHOWN:
        return Clock(golden.until, gettext("Golden time left"), gettext("Golden time over"), 15)
    end = standing.first_end(Kind.STOP, *HOLDING_STATES)
    if end:
        return Clock(end, gettext("Stop ends in"), gettext("Stop has lapsed"), STOP_ALARM)
    return None


def _step(case: Subject, officer: Officer, sums: dict[str, int], standing: Standing) -> Step:
    """What comes next, the most urgent first."""
    waiting = {kind: standing.count(kind, State.AWAITING_APPROVAL) for kind in Kind}
    if waiting[Kind.STOP]:
        return _approval(case, officer, Kind.STOP, standing)
    if sums["transit"]:
        return _still_open(case, sums["transit"], standing)
    for kind in (Kind.FREEZE, Kind.QUERY):
        if waiting[kind]:
            return _approval(case, officer, kind, standing)
    if sums["stopped"] and not standing.late:
        return _after_the_stop(case, officer, sums["stopped"])
    return _rest(case, sums, standing)


def _rest(case: Subject, sums: dict[str, int], standing: Standing) -> Step:
    if standing.late:
        words = gettext("Press the banks: %(count)s answers are overdue")
        return Step(words % {"count": standing.late}, gettext("Open the case"), _case(case))
    if sums["unknown"]:
        words = gettext("Nobody knows where %(sum)s went")
        told = words % {"sum": format_yuan(sums["unknown"])}
        return Step(told, gettext("Fund flow"), _flow(case))
    words = (
        gettext("Nothing is left to stop") if sums["paid"] else gettext("No payment is known yet")
    )
    return Step(words, gettext("Open the case"), _case(case))


def _still_open(case: Subject, transit: int, standing: Standing) -> Step:
    lapsed = standing.count(Kind.STOP, State.LAPSED) > 0
    words = gettext("%(sum)s may still be stopped")
    if lapsed:
        words = gettext("A stop has lapsed; %(sum)s can be moved away")
    told = words % {"sum": format_yuan(transit)}
    return Step(told, gettext("Fund flow"), _flow(case), urgent=lapsed)


def _approval(case: Subject, officer: Officer, kind: Kind, standing: Standing) -> Step:
    words = {
        Kind.STOP: gettext("%(count)s stops are drafted and wait for approval"),
        Kind.FREEZE: gettext("%(count)s freezes are drafted and wait for approval"),
        Kind.QUERY: gettext("%(count)s queries are drafted and wait for approval"),
    }[kind] % {"count": standing.count(kind, State.AWAITING_APPROVAL)}
    if any(map(officer.may, standing.levels[kind, State.AWAITING_APPROVAL])):
        url = address("desk:approvals")
        return Step(words, gettext("To the approval"), url, urgent=kind == Kind.STOP)
    return Step(words, gettext("Open the case"), _case(case))


def _after_the_stop(case: Subject, officer: Officer, stopped: int) -> Step:
    if not case.is_filed:
        words = gettext("%(sum)s stopped; can be frozen once the case is filed")
        button = gettext("File the case") if officer.may("case.file") else gettext("Open the case")
        return Step(words % {"sum": format_yuan(stopped)}, button, _case(case))
    words = gettext("%(sum)s stopped; freeze it before the stop ends")
    return Step(words % {"sum": format_yuan(stopped)}, gettext("Fund flow"), _flow(case))


def _case(case: Subject) -> str:
    return address("desk:case", case.number)


def _flow(case: Subject) -> str:
    return address("desk:flow", case.number)
