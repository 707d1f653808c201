"""Addresses of members and bans."""

from django.urls import URLPattern, URLResolver, path

from groups.views import bans, members, together

SETTINGS = "g/<uuid:group_id>/settings"
MEMBER = f"{SETTINGS}/members/<uuid:user_id>"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{SETTINGS}/members/", members.members, name="group_members"),
    path(f"{SETTINGS}/members/together/", together.together, name="group_members_together"),
    path(f"{MEMBER}/", members.member, name="group_member"),
    path(f"{MEMBER}/nickname/", members.nickname, name="group_nickname"),
    path(f"{MEMBER}/time-out/", members.time_out, name="group_time_out"),
    path(f"{MEMBER}/time-out/lift/", members.time_out_lift, name="group_time_out_lift"),
    path(f"{MEMBER}/kick/", members.kick, name="group_kick"),
    path(f"{MEMBER}/ban/", members.ban, name="group_ban"),
    path(f"{SETTINGS}/bans/", bans.bans, name="group_bans"),
    path(f"{SETTINGS}/bans/new/", bans.ban_new, name="group_ban_new"),
    path(f"{SETTINGS}/bans/<uuid:user_id>/lift/", bans.ban_lift, name="group_ban_lift"),
]
