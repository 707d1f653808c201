"""Addresses of invitations."""

from django.urls import URLPattern, URLResolver, path

from groups.views import door

urlpatterns: list[URLPattern | URLResolver] = [
    path("i/<str:code>/", door.invite, name="invite"),
    path("g/<uuid:group_id>/invite/", door.group_invite, name="group_invite"),
    path("g/<uuid:group_id>/settings/invites/", door.group_invites, name="group_invites"),
    path("g/<uuid:group_id>/settings/invites/<uuid:invite_id>/", door.group_invite_uses, name="group_invite_uses"),
    path(
        "g/<uuid:group_id>/settings/invites/<uuid:invite_id>/revoke/",
        door.group_invite_revoke,
        name="group_invite_revoke",
    ),
]
