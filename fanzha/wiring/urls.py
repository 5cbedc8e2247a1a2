"""All addresses."""

from __future__ import annotations

from django.urls import include, path

from fanzha.desk.views import access

urlpatterns = [
    path("", include("fanzha.desk.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("login/", access.login, name="login"),
    path("logout/", access.logout, name="logout"),
    path("password/", access.set_password, name="set_password"),
]
