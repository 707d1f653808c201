"""Addresses of statistics."""

from django.urls import URLPattern, URLResolver, path

from groups.views import statistics

urlpatterns: list[URLPattern | URLResolver] = [
    path("g/<uuid:group_id>/settings/statistics/", statistics.group_statistics, name="group_statistics"),
]
