"""Addresses of why somebody may do something, and the group as a role sees it."""

from django.urls import URLPattern, URLResolver, path

from groups.views.why import why

urlpatterns: list[URLPattern | URLResolver] = [
    path("g/<uuid:group_id>/settings/why/", why, name="group_why"),
]
