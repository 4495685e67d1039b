from __future__ import annotations

from django.urls import path, re_path

from qingyuan.web.pages.cases import cases, leads

app_name = "cases"
urlpatterns = [
    path("leads/", leads.leads, name="leads"),
    path("leads/new/", leads.new_lead, name="lead_new"),
    path("leads/<int:pk>/", leads.lead, name="lead"),
    re_path(r"^leads/(?P<pk>[0-9]+)/(?P<decision>case|merge|dismiss)/$", leads.decide, name="decide"),
    path("leads/<int:pk>/take/", leads.take, name="take"),
    path("leads/<int:pk>/informant/call/", leads.call, name="informant_call"),
    path("leads/<int:pk>/informant/reveal/", leads.reveal_informant, name="informant_reveal"),
    path("cases/", cases.cases, name="cases"),
    path("cases/<int:pk>/", cases.case, name="case"),
    path("cases/<int:pk>/record.docx", cases.record, name="record"),
    path("cases/<int:pk>/act/<slug:verb>/", cases.step, name="step"),
    path("exhibits/<int:pk>/", cases.exhibit, name="exhibit"),
]
