"""Addresses of a group as a whole, the directory, coming and going."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
