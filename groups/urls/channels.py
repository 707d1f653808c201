"""Addresses of channels and categories."""

from django.urls import URLPattern, URLResolver, path

from groups.views import categories, channels, overrides

SETTINGS = "g/<uuid:group_id>/settings"
CHANNEL = f"{SETTINGS}/channels/<uuid:channel_id>"
CATEGORY = f"{SETTINGS}/categories/<uuid:category_id>"
# The same pages of channels and of categories.
A_CHANNEL, A_CATEGORY = (f"{SETTINGS}/{name}/<uuid:place_id>" for name in ("channels", "categories"))
OF_CHANNEL, OF_CATEGORY = {"kind": "channel"}, {"kind": "category"}

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{SETTINGS}/channels/", channels.channels, name="group_channels"),
    path(f"{SETTINGS}/channels/order/", channels.order, name="group_order"),
    path(f"{SETTINGS}/channels/new/", channels.new, name="channel_new"),
    path(f"{SETTINGS}/channels/people/", channels.people, name="channel_people"),
    path(f"{CHANNEL}/", channels.channel, name="channel_settings"),
    path(f"{CHANNEL}/category/", channels.place, name="channel_place"),
    path(f"{CHANNEL}/follow/", channels.follow, name="channel_follow"),
    path(f"{CHANNEL}/delete/", channels.delete, name="channel_delete"),
    path(f"{A_CHANNEL}/privacy/", channels.privacy, OF_CHANNEL, name="channel_privacy"),
    path(f"{A_CHANNEL}/permissions/", overrides.overrides, OF_CHANNEL, name="channel_overrides"),
    path(f"{SETTINGS}/categories/new/", categories.new, name="category_new"),
    path(f"{CATEGORY}/", categories.category, name="category_settings"),
    path(f"{CATEGORY}/delete/", categories.delete, name="category_delete"),
    path(f"{A_CATEGORY}/privacy/", channels.privacy, OF_CATEGORY, name="category_privacy"),
    path(f"{A_CATEGORY}/permissions/", overrides.overrides, OF_CATEGORY, name="category_overrides"),
]
