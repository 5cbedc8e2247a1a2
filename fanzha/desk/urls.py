"""Addresses of the screens. They carry public numbers only, never an account or a name."""

from __future__ import annotations

from django.urls import path

from fanzha.desk.views import (
    approvals,
    cases,
    duty,
    flow,
    flow_all,
    institutions,
    instructions,
    intake,
    messages,
    reveal,
)

app_name = "desk"
_FLOW = "cases/<str:number>/flow"
urlpatterns = [
    # duty desk, search, fund flow
    path("", duty.duty, name="duty"),
    path("desk/now/", duty.fragment, name="duty_fragment"),
    path("search/", duty.search, name="search"),
    path(f"{_FLOW}/", flow.flow, name="flow"),
    path(f"{_FLOW}/draft/", flow_all.draft_all, name="flow_draft_all"),
    path(f"{_FLOW}.json", flow.flow_data, name="flow_data"),
    path(f"{_FLOW}/news/", flow.flow_news, name="flow_news"),
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
    path("approvals/", approvals.queue, name="approvals"),
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
    path("institutions/", institutions.institution_list, name="institutions"),
    path("unknown/", messages.unknown, name="unknown"),
    path("unknown/<int:message>/dismiss/", messages.dismiss, name="unknown_dismiss"),
    path("reveal/<str:thing>/<str:public_id>/<str:field>/", reveal.reveal, name="reveal"),
]
