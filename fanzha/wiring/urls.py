"""All addresses."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("fanzha.desk.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]
