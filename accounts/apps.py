"""People: who they are, what they may, whom they know."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
