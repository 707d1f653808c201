"""The forums application: its models, pages and actions arrive with later work."""

from django.apps import AppConfig


class ForumsConfig(AppConfig):
    name = "forums"
