"""Addresses of a group as a whole, the directory, coming and going."""

from django.urls import URLPattern, URLResolver, path, re_path

from groups.views import community, entry, pictures

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^icons/(?P<picture>[0-9a-f]{32})-(?P<size>64|128|512)\.webp$", pictures.icon, name="group_icon"),
    path("g/<uuid:group_id>/", entry.group, name="group"),
    path("g/<uuid:group_id>/settings/", community.group_settings, name="group_settings"),
    path("g/<uuid:group_id>/settings/overview/", community.group_overview, name="group_overview"),
]
