"""Addresses of the group's log."""

from django.urls import URLPattern, URLResolver, path

from groups.views import log

urlpatterns: list[URLPattern | URLResolver] = [
    path("g/<uuid:group_id>/settings/log/", log.log, name="group_log"),
]
