"""The groups application: its models, pages and actions arrive with later work."""

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    name = "groups"
