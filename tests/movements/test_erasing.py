"""After erasing a case a number of its people stands nowhere, in no file and no table."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction

from fanzha.audit import log
from fanzha.audit.models import Entry
from fanzha.audit.rules import Ground
from fanzha.cases import actions as cases
from fanzha.cases import queries as case_queries
from fanzha.cases import rules, sweeps
from fanzha.cases.models import Case
from fanzha.channels.bank_gateway.models import FrontEnd, Message
from fanzha.desk import erasing
from fanzha.entities import actions as entities
from fanzha.entities.models import Entity
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions as instructions
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind
from fanzha.intake import actions as intake
from fanzha.movements import actions as movements
from fanzha.movements import lake
from fanzha.tracing.models import StoredTrace
from fanzha.wiring.scrubbing import scrub
from tests import build
from tests.cast import DUTY, NOON, officer, populate
from tests.movements.build import line, table
from tests.refusals.trial import writing

NUMBER = "6299017733661155447"
LATER = NOON + timedelta(days=365 * 11)
WHY = Ground("order", "1", f"asked for by the holder of {NUMBER}")
CHUNK = 1 << 24


@pytest.fixture
def city(committed: None) -> None:
    with transaction.atomic():
        populate()
    build.bank()


def closed_case() -> Case:
    """A case in which every package holds the number, closed long ago."""
    lin, chen, liang = officer("lin"), officer("chen"), officer("liang")
    case = build.case(lin)
    told = build.report(
        build.payment(to=NUMBER),
        told=f"我转给了{NUMBER}",
        victim_id_number=NUMBER,
        victim_phone=NUMBER,
    )
    with acting_for(lin):
        intake.file_report(lin, told, case_id=case.pk, matches={}, at=NOON, ground=WHY)
        cases.add_search_words(lin, case, NUMBER, at=NOON, ground=DUTY)
        cases.write_note(lin, case, NUMBER, account=NUMBER, at=NOON, ground=DUTY)
        cases.save_view(lin, case, NUMBER, "", at=NOON, ground=DUTY)
        facts = {"payer": NUMBER, "payee": "x", "reason": NUMBER}
        cases.follow_hub(lin, case, NUMBER, NUMBER, at=NOON, ground=DUTY)
        cases.join_by_hand(lin, case, **facts, amount_fen=1, moved_at=NOON, at=NOON, ground=DUTY)
        named = [("account", NUMBER, "payee", "贾某")]
        entities.note_mentions(lin, named, case_id=case.pk, source="R", at=NOON, ground=DUTY)
        drafts = [build.draft(Kind.QUERY, account=NUMBER)]
        instructions.draft(lin, case, drafts, at=NOON, ground=DUTY)
    for number in range(8):
        content = table(line(card_no=NUMBER, amount_fen=f"{number}.00"), line(amount_fen=NUMBER))
        with acting_for(chen):
            movements.import_statement(
                chen, content.encode(), file_name=f"{NUMBER}-{number}.csv", case_id=case.pk,
                at=NOON, ground=DUTY,
            )  # fmt: skip
    with acting_for(chen), writing():
        StoredTrace.objects.create(
            case_id=case.pk, rule="fifo", input_sha256="", engine="", seeded_fen=1,
            result={"pieces": [NUMBER]}, computed_at=NOON, unit_path="lj",
        )  # fmt: skip
        Message.objects.create(
            front_end=FrontEnd.objects.get(), outgoing=False, state="read", serial="s", tx_code="t",
            application_id="", content=NUMBER.encode(), sha256="", at=NOON, order_key="",
            gateway_code="", note="", case_id=case.pk, unit_path="lj",
        )  # fmt: skip
        for content in (f"<Account>{NUMBER}</Account>", "<Account>6299017733660000000</Account>"):
            Message.objects.create(
                front_end=FrontEnd.objects.get(), outgoing=False, state="unknown", serial="",
                tx_code="t", application_id="", content=content.encode(), sha256=content[-30:],
                at=NOON, order_key="", gateway_code="", note="", unit_path="lj",
            )  # fmt: skip
    with acting_for(liang):
        cases.file_case(liang, case, "1", at=NOON, ground=DUTY)
        cases.close_case(liang, case, at=NOON, ground=DUTY)
    return case


def end_instructions(case: Case) -> None:
    lin = officer("lin")
    with acting_for(lin):
        for each in Instruction.objects.filter(case=case):
            instructions.withdraw(lin, each, at=NOON, ground=WHY)


def erase(case: Case, at: Any = LATER) -> dict[str, int]:
    liang = officer("liang")
    with acting_for(liang):
        return erasing.erase_case(liang, Case.objects.get(pk=case.pk), at=at, ground=WHY)


def files_with(needle: bytes) -> set[Path]:
    """Every file below FANZHA_HOME in which these bytes stand."""
    home = Path(os.environ["FANZHA_HOME"])
    paths = [path for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
    return {path for path in paths if _holds(path, needle)}


def _holds(path: Path, needle: bytes) -> bool:
    rest = b""
    try:
        with path.open("rb") as file:
            while block := file.read(CHUNK):
                if needle in rest + block:
                    return True
                rest = block[-len(needle) :]
    except FileNotFoundError:
        return False
    return False


def dumped() -> str:
    """The whole database as plain SQL."""
    server = settings.EMBEDDED
    name = settings.DATABASES["default"]["NAME"]
    done = server._run("pg_dump", "-h", str(server.socket_dir), "-U", "postgres", name)
    return str(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(not settings.USES_EMBEDDED, reason="reads the server's own files")
@pytest.mark.timeout(180)
def test_after_erasing_and_scrubbing_the_number_stands_nowhere(city: None) -> None:
    case = closed_case()
    end_instructions(case)
    assert NUMBER in dumped()
    settings.EMBEDDED.as_superuser("CHECKPOINT")
    assert {"base", "pg_wal"} <= {
        part for path in files_with(NUMBER.encode()) for part in path.parts
    }
    assert list(lake.files())
    erase(case)
    assert scrub()
    assert NUMBER not in dumped()
    assert files_with(NUMBER.encode()) == set()
    assert not (Path(settings.LAKE) / f"case-{case.pk}").exists()
    with system_scope("test"):
        log.seal_finished()
        assert log.verify()[0] == []
        assert Entry.objects.filter(case_id=case.pk).count() > 10


def test_erasing_leaves_the_number_of_the_case_and_its_log(city: None) -> None:
    case = closed_case()
    end_instructions(case)
    erased = erase(case)
    counts = ("movements_statement", "intake_report", "instructions_instruction", erasing.ROWS)
    assert [erased[name] for name in counts] == [8, 1, 1, 8]
    assert set(erased) <= set(erasing.WHAT)
    with acting_for(officer("liang")):
        case = Case.objects.get(pk=case.pk)
        entry = Entry.objects.get(action="desk.erasing.erase_case")
        assert not Entity.objects.filter(value=NUMBER).exists()
    assert (case.victim_name, case.search_text, case.erased_at) == ("", "", LATER)
    assert entry.facts == {"erased": erased}
    assert entry.ground_reason == "asked for by the holder of ...5447"


def test_messages_of_no_case_go_with_the_number_they_carry(city: None) -> None:
    case = closed_case()
    end_instructions(case)
    erased = erase(case)
    with system_scope("test"):
        left = [bytes(each.content).decode() for each in Message.objects.all()]
    assert left == ["<Account>6299017733660000000</Account>"]
    assert erased["bank_gateway_message"] == 2


def test_what_another_case_mentions_stays_known(city: None) -> None:
    case = closed_case()
    end_instructions(case)
    wu = officer("wu")
    other = build.case(wu)
    with acting_for(wu):
        entities.note_mentions(
            wu, [("account", NUMBER, "payee", "贾某")], case_id=other.pk, source="other", at=NOON,
            ground=DUTY,
        )  # fmt: skip
    erase(case)
    with acting_for(wu):
        assert Entity.objects.filter(value=NUMBER).exists()


def test_a_case_is_kept_as_long_as_a_rule_says(city: None) -> None:
    case = closed_case()
    with pytest.raises(rules.KeptByLaw) as raised:
        erase(case, NOON + timedelta(days=365 * 9))
    assert raised.value.facts["until"] == "2036-03-18"
    assert "PIPL" in str(raised.value)


def test_an_open_case_is_not_erased(city: None) -> None:
    with pytest.raises(rules.CaseNotClosed):
        erase(build.case(officer("lin")))


def test_a_case_with_an_instruction_in_force_is_not_erased(city: None) -> None:
    with pytest.raises(erasing.StillInForce):
        erase(closed_case())


def test_a_case_is_erased_once(city: None) -> None:
    case = closed_case()
    end_instructions(case)
    erase(case)
    with pytest.raises(rules.AlreadyErased):
        erase(case)


def test_an_erasure_that_fails_leaves_rows_and_files(city: None) -> None:
    case = closed_case()
    end_instructions(case)
    before = {file.name for file in lake.files()}
    with transaction.atomic():
        erase(case)
        transaction.set_rollback(True)
    assert {file.name for file in lake.files()} == before
    with acting_for(officer("liang")):
        assert Case.objects.get(pk=case.pk).erased_at is None


def test_the_sweep_proposes_what_is_due_and_erases_nothing(city: None) -> None:
    case = closed_case()
    assert sweeps.propose_erasures(NOON) == 0
    assert sweeps.propose_erasures(LATER) == 1
    assert sweeps.propose_erasures(LATER) == 0
    with acting_for(officer("liang")):
        (proposed,) = case_queries.erasures_proposed()
        assert (proposed.pk, proposed.erased_at) == (case.pk, None)
        assert NUMBER in proposed.search_text


def test_every_table_that_names_a_case_goes_with_it_or_is_known_to_stay(database: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE column_name = 'case_id' AND table_schema = 'public'"
        )
        named = {name for (name,) in cursor.fetchall()}
    assert named - set(erasing.tables_of_a_case()) == erasing.STAY
