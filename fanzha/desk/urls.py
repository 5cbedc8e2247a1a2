"""Addresses of the screens. They carry public numbers only, never an account or a name."""

from __future__ import annotations

from django.urls import path

from fanzha.desk.views import (
    accounts,
    approvals,
    by_word,
    cases,
    duty,
    flow,
    flow_all,
    flow_copies,
    flow_findings,
    flow_notes,
    institutions,
    instructions,
    intake,
    judging,
    messages,
    reveal,
    statements,
    statements_map,
    statements_upload,
)

app_name = "desk"
_FLOW = "cases/<str:number>/flow"
_STATEMENTS = "cases/<str:number>/statements"
_ONE = f"{_STATEMENTS}/<str:public_id>"
_ACCOUNT = "cases/<str:number>/accounts/<str:ref>"
urlpatterns = [
    # duty desk, search, fund flow
    path("", duty.duty, name="duty"),
    path("desk/now/", duty.fragment, name="duty_fragment"),
    path("search/", duty.search, name="search"),
    path(f"{_FLOW}/", flow.flow, name="flow"),
    path(f"{_FLOW}/draft/", flow_all.draft_all, name="flow_draft_all"),
    path(f"{_FLOW}.json", flow.flow_data, name="flow_data"),
    path(f"{_FLOW}/news/", flow.flow_news, name="flow_news"),
    path(f"{_FLOW}/keep/<str:form>", flow_copies.flow_copy, name="flow_copy"),
    path(f"{_FLOW}/findings/", flow_findings.flow_findings, name="flow_findings"),
    path(f"{_FLOW}/notes/", flow_notes.flow_notes, name="flow_notes"),
    path(f"{_FLOW}/notes/write/", flow_notes.write_note, name="flow_note"),
    path(f"{_FLOW}/views/", flow_notes.save_view, name="flow_view_save"),
    path(f"{_FLOW}/views/<str:public_id>/", flow_notes.delete_view, name="flow_view_delete"),
    path(f"{_FLOW}/rules/", flow.flow_rules, name="flow_rules"),
    path(f"{_FLOW}/rows/<str:ref>/", flow.flow_rows, name="flow_rows"),
    path(f"{_FLOW}/node/<str:node>/", flow.flow_drawer, name="flow_drawer"),
    path(f"{_FLOW}/node/<str:node>/draft/", flow.flow_draft, name="flow_draft"),
    path(f"{_FLOW}/node/<str:node>/reveal/<str:what>/", flow.flow_reveal, name="flow_reveal"),
    # report, case, approval, instruction, institution, unknown message
    path("intake/", intake.report, name="intake"),
    path("intake/marks/", intake.mark, name="intake_mark"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/<str:number>/", cases.case_page, name="case"),
    path("cases/<str:number>/file/", cases.file_case, name="case_file"),
    path("cases/<str:number>/assign/", cases.assign, name="case_assign"),
    path("cases/<str:number>/restrict/", cases.restrict, name="case_restrict"),
    # statements of a case, their accounts
    path(f"{_STATEMENTS}/", statements.statement_list, name="statements"),
    path(f"{_STATEMENTS}/look/", statements_upload.look, name="statements_look"),
    path(f"{_STATEMENTS}/import/", statements_upload.take, name="statements_take"),
    path(f"{_STATEMENTS}/judgements/", judging.pairs, name="pairs"),
    path(f"{_STATEMENTS}/judgements/pair/", judging.decide_pair, name="decide_pair"),
    path(f"{_STATEMENTS}/judgements/<str:public_id>/undo/", judging.undo, name="undo_decision"),
    path(f"{_STATEMENTS}/map/", statements_map.table_mapping, name="statements_map"),
    path(f"{_ONE}/", statements.statement_page, name="statement"),
    path(f"{_ONE}/rejects.<str:kind>", statements.rejects, name="statement_rejects"),
    path(f"{_ONE}/rows/<int:row_no>/", statements.source_row, name="statement_row"),
    path(f"{_ONE}/rows/<int:row_no>/full/", statements.source_row_full, name="statement_row_full"),
    path(f"{_ACCOUNT}/", accounts.account_page, name="account"),
    path(f"{_ACCOUNT}/identity/", judging.decide_identity, name="decide_identity"),
    path(f"{_ACCOUNT}/rows/", accounts.rows, name="account_rows"),
    path(f"{_ACCOUNT}/rows.<str:kind>", accounts.export, name="account_export"),
    path(f"{_ACCOUNT}/reveal/<str:what>/", accounts.reveal, name="account_reveal"),
    path("approvals/", approvals.queue, name="approvals"),
    path("approvals/by-word/", by_word.uses, name="words"),
    path("approvals/by-word/<str:package>/decide/", by_word.decide, name="decide_word"),
    path("approvals/<str:package>/by-word/", by_word.approve, name="approve_by_word"),
    path("approvals/<str:package>/", approvals.queue, name="approval"),
    path("approvals/<str:package>/approve/", approvals.approve, name="approve"),
    path("approvals/<str:package>/return/", approvals.send_back, name="send_back"),
    path("instructions/", instructions.instruction_list, name="instructions"),
    path("instructions/<str:public_id>/", instructions.instruction_page, name="instruction"),
    path(
        "instructions/<str:public_id>/escapes/<int:number>/",
        instructions.explain_escape,
        name="explain_escape",
    ),
    path("instructions/<str:public_id>/withdraw/", instructions.withdraw, name="withdraw"),
    path("instructions/<str:public_id>/release/", instructions.release, name="release"),
    path("instructions/<str:public_id>/extend/", instructions.extend, name="extend"),
    path("instructions/<str:public_id>/onward/", instructions.onward, name="onward"),
    path("institutions/", institutions.institution_list, name="institutions"),
    path("unknown/", messages.unknown, name="unknown"),
    path("unknown/<int:message>/dismiss/", messages.dismiss, name="unknown_dismiss"),
    path("reveal/<str:thing>/<str:public_id>/<str:field>/", reveal.reveal, name="reveal"),
]
