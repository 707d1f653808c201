"""The project itself as an application: management commands and template tags live in it."""

from django.apps import AppConfig


class ChatterConfig(AppConfig):
    name = "chatter"
