"""Addresses of a group as a whole, the directory, coming and going."""

from django.urls import URLPattern, URLResolver, path, re_path

from groups.views import community, directory, ending, entry, pictures

urlpatterns: list[URLPattern | URLResolver] = [
    re_path(r"^icons/(?P<picture>[0-9a-f]{32})-(?P<size>64|128|512)\.webp$", pictures.icon, name="group_icon"),
    path("g/<uuid:group_id>/", entry.group, name="group"),
    path("g/<uuid:group_id>/mute/", entry.group_mute, name="group_mute"),
    path("g/<uuid:group_id>/read/", entry.group_read, name="group_read"),
    path("groups/", directory.group_directory, name="group_directory"),
    path("groups/new/", directory.group_new, name="group_new"),
    path("g/<uuid:group_id>/join/", directory.group_join, name="group_join"),
    path("g/<uuid:group_id>/leave/", directory.group_leave, name="group_leave"),
    path("g/<uuid:group_id>/settings/", community.group_settings, name="group_settings"),
    path("g/<uuid:group_id>/settings/overview/", community.group_overview, name="group_overview"),
    path("g/<uuid:group_id>/settings/icon/", pictures.icon_change, name="group_icon_change"),
    path("g/<uuid:group_id>/settings/icon/remove/", pictures.icon_remove, name="group_icon_remove"),
    path("g/<uuid:group_id>/transfer/", ending.group_transfer, name="group_transfer"),
    path("g/<uuid:group_id>/delete/", ending.group_delete, name="group_delete"),
    path("g/<uuid:group_id>/restore/", ending.group_restore, name="group_restore"),
]
