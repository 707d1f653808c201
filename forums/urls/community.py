"""Where pages of forums lie: the directory, a new forum, coming and going, settings."""

from django.urls import URLPattern, URLResolver, path, re_path

from forums.views import community, directory, door, ending, entry, members, pictures, rules

_S = "f/<str:slug>/settings/"
_FILE = r"(?P<picture>[0-9a-f]{32})"

urlpatterns: list[URLPattern | URLResolver] = [
    path("forums/", directory.forum_directory, name="forum_directory"),
    path("forums/new/", directory.forum_new, name="forum_new"),
    path("forums/address/", directory.forum_address, name="forum_address"),
    path("forums/adult/", entry.forum_adult, name="forum_adult"),
    path("forums/invitations/<uuid:invitation_id>/", door.forum_invitation, name="forum_invitation"),
    re_path(rf"^forum-icon/{_FILE}/(?P<size>64|128|512)/$", pictures.icon, name="forum_icon"),
    re_path(rf"^forum-banner/{_FILE}/(?P<size>750|1500)/$", pictures.banner, name="forum_banner"),
    path("f/<str:slug>/about/", door.forum_about, name="forum_about"),
    path("f/<str:slug>/join/", door.forum_join, name="forum_join"),
    path("f/<str:slug>/leave/", door.forum_leave, name="forum_leave"),
    path("f/<str:slug>/request/", door.forum_request, name="forum_request"),
    path("f/<str:slug>/invite/", door.forum_invite, name="forum_invite"),
    path("f/<str:slug>/flair/", door.forum_my_flair, name="forum_my_flair"),
    path(_S, community.forum_settings, name="forum_settings"),
    path(f"{_S}overview/", community.forum_overview, name="forum_overview"),
    path(f"{_S}options/", community.forum_options, name="forum_options"),
    path(f"{_S}address/", community.forum_move, name="forum_move"),
    path(f"{_S}icon/", pictures.icon_change, name="forum_icon_change"),
    path(f"{_S}icon/remove/", pictures.icon_remove, name="forum_icon_remove"),
    path(f"{_S}banner/", pictures.banner_change, name="forum_banner_change"),
    path(f"{_S}banner/remove/", pictures.banner_remove, name="forum_banner_remove"),
    path(f"{_S}rules/", rules.forum_rules, name="forum_rules"),
    path(f"{_S}rules/order/", rules.forum_rules_order, name="forum_rules_order"),
    path(f"{_S}rules/<uuid:rule_id>/", rules.forum_rule, name="forum_rule"),
    path(f"{_S}rules/<uuid:rule_id>/delete/", rules.forum_rule_delete, name="forum_rule_delete"),
    path(f"{_S}flairs/", rules.forum_flairs, name="forum_flairs"),
    path(f"{_S}flairs/order/", rules.forum_flairs_order, name="forum_flairs_order"),
    path(f"{_S}flairs/new/", rules.forum_flair_new, name="forum_flair_new"),
    path(f"{_S}flairs/<uuid:flair_id>/", rules.forum_flair, name="forum_flair"),
    path(f"{_S}flairs/<uuid:flair_id>/delete/", rules.forum_flair_delete, name="forum_flair_delete"),
    path(f"{_S}members/", members.forum_members, name="forum_members"),
    path(f"{_S}members/<uuid:user_id>/", members.forum_member, name="forum_member"),
    path(f"{_S}members/<uuid:user_id>/flair/", members.forum_member_flair, name="forum_member_flair"),
    path(f"{_S}members/<uuid:user_id>/out/", members.forum_member_out, name="forum_member_out"),
    path(f"{_S}moderators/", members.forum_moderators, name="forum_moderators"),
    path(f"{_S}moderators/resign/", members.forum_resign, name="forum_resign"),
    path(f"{_S}moderators/<uuid:user_id>/", members.forum_moderator, name="forum_moderator"),
    path(f"{_S}requests/", members.forum_requests, name="forum_requests"),
    path(f"{_S}transfer/", ending.forum_transfer, name="forum_transfer"),
    path(f"{_S}delete/", ending.forum_delete, name="forum_delete"),
    path(f"{_S}restore/", ending.forum_restore, name="forum_restore"),
]
