"""All addresses of the pages and the API."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from qingyuan.api.api import api
from qingyuan.api.docs import docs
from qingyuan.web import health
from qingyuan.web.views import (
    appearance,
    calendar,
    components,
    evaluation,
    first_steps,
    map,
    reports,
    search,
    settings,
    today,
)

web = (
    [
        path("", today.today, name="today"),
        path("frame/freshness/", today.freshness, name="freshness"),
        path("language/", appearance.language, name="language"),
        path("appearance/", appearance.appearance, name="appearance"),
        path("more/", appearance.more, name="more"),
        path("search/", search.search, name="search"),
        path("map/", map.county_map, name="map"),
        path("map/features.json", map.features, name="map_features"),
        path("map/points/<str:code>/", map.card, name="map_card"),
        path("evaluation/", evaluation.county_air, name="county_air"),
        path("evaluation/sections/", evaluation.sections, name="sections"),
        path("evaluation/indicators/", evaluation.indicator_list, name="indicators"),
        path("evaluation/results/", evaluation.results, name="results"),
        path("reports/", reports.reports, name="reports"),
        path("reports/paper/", reports.paper, name="paper"),
        path("settings/", settings.settings, name="settings"),
        path("settings/first-steps/", first_steps.first_steps, name="first_steps"),
        path("settings/calendar/", calendar.calendar, name="calendar"),
        path("settings/about/", settings.about, name="about"),
        path("settings/components/", components.components, name="components"),
        path("settings/audit/", settings.audit, name="audit"),
    ],
    "web",
)

# The pages. The API and /healthz are added below.
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("api/v1/docs", docs, name="api_docs"),
    path("api/v1/", api.urls),
    path("", include(web)),
    path("", include("qingyuan.web.pages.accounts.urls")),
    path("", include("qingyuan.web.pages.quality.urls")),
    path("", include("qingyuan.web.pages.exports.urls")),
    path("", include("qingyuan.web.pages.monitoring.urls")),
    path("", include("qingyuan.web.pages.alerts.urls")),
    path("", include("qingyuan.web.pages.cases.urls")),
    path("", include("qingyuan.web.pages.firms.urls")),
    path("", include("qingyuan.web.pages.line.urls")),
    path("", include("qingyuan.web.pages.imports.urls")),
    path("", include("qingyuan.web.pages.messages.urls")),
    path("", include("qingyuan.web.pages.books.urls")),  # last: a book's code is any word that names no page above
]
handler403 = "qingyuan.web.views.refusals.forbidden"
handler404 = "qingyuan.web.views.refusals.not_found"
handler500 = "qingyuan.web.views.refusals.broken"
