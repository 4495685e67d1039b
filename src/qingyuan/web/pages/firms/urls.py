from __future__ import annotations

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from qingyuan.web.pages.firms import books, emissions, limits, outlets, recomputed, tags


class FirmConverter(StringConverter):
    """A firm's code; the words are pages of its book."""

    regex = "(?!(?:new|import|columns|many)/)[^/]+"


register_converter(FirmConverter, "firm")
app_name = "firms"
urlpatterns = [
    path("books/", books.enterprises, name="enterprises"),
    path("books/enterprises/<firm:code>/", books.enterprise, name="enterprise"),
    path("monitoring/<str:code>/tags/", tags.make_tag, name="tag"),
    path("outlets/<str:code>/", outlets.outlet, name="outlet"),
    path("outlets/<str:code>/hours.json", outlets.hours, name="outlet_hours"),
    path("outlets/<str:code>/hour/", outlets.hour, name="outlet_hour"),
    path("outlets/<str:code>/meters/", outlets.meters, name="outlet_meters"),
    path("tags/", tags.tags, name="tags"),
    path("tags/<int:pk>/", tags.record, name="tag_record"),
    path("tags/<int:pk>/check/", tags.check, name="tag_check"),
    path("tags/<int:pk>/supply/", tags.supply_more, name="tag_supply"),
    path("tags/<int:pk>/withdraw/", tags.take_back, name="tag_withdraw"),
    path("tags/exhibits/<int:pk>/", tags.exhibit, name="tag_exhibit"),
    path("books/transmission/", books.transmission, name="transmission"),
    path("books/limits/", limits.all_limits, name="all_limits"),
    path("books/limits/imports/<int:pk>/undo/", limits.undo, name="limits_undo"),
    path("monitoring/<str:code>/limits/", limits.outlet_limits, name="limits"),
    path("monitoring/<str:code>/recomputed/count/", recomputed.recomputed_count, name="recomputed_count"),
    path("monitoring/<str:code>/recomputed/", recomputed.recomputed, name="recomputed"),
    path("books/emissions/", emissions.all_emissions, name="emissions"),
    path("books/emissions/export.csv", emissions.export, {"form": "csv"}, name="emissions_csv"),
    path("books/emissions/export.xlsx", emissions.export, {"form": "xlsx"}, name="emissions_xlsx"),
    path("monitoring/<str:code>/emissions/", emissions.outlet_emissions, name="outlet_emissions"),
    path("monitoring/<str:code>/emissions/hours/", emissions.emission_hours, name="emission_hours"),
]
