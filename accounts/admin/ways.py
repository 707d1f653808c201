"""Wallets, linked accounts and exports in the administration: that they are there, never what is in them."""

from typing import ClassVar

from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from unfold.contrib.filters.admin import RangeDateTimeFilter

from accounts.models import Export, Wallet
from chatter.core.administration import PickFilter, ReadOnlyAdmin

# The provider is configured by the environment, and no tokens of it are kept.
for model in (SocialAccount, SocialApp, SocialToken):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(Wallet)
class WalletAdmin(ReadOnlyAdmin):
    list_display = ("address", "user", "created_at", "last_used_at")
    list_filter = (("user", PickFilter), ("created_at", RangeDateTimeFilter))
    list_select_related = ("user",)
    search_fields = ("=address", "user__username")
    ordering = ("-created_at",)


@admin.register(SocialAccount)
class LinkedAccountAdmin(ReadOnlyAdmin):
    list_display = ("user", "provider", "uid", "date_joined", "last_login")
    list_filter = (("user", PickFilter), ("date_joined", RangeDateTimeFilter))
    list_select_related = ("user",)
    search_fields = ("=uid", "user__username")
    fields: ClassVar = ["user", "provider", "uid", "date_joined", "last_login"]
    ordering = ("-date_joined",)


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    list_display = ("user", "state", "progress", "size", "created_at", "finished_at", "expires_at")
    list_filter = (("user", PickFilter), "state", ("created_at", RangeDateTimeFilter))
    list_select_related = ("user",)
    search_fields = ("user__username",)
    # Not the file's name: who knows it could look for the file.
    fields: ClassVar = ["user", "state", "progress", "size", "created_at", "finished_at", "expires_at"]
    ordering = ("-created_at",)
