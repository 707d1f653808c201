"""Addresses of why somebody may do something, and the group as a role sees it."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
