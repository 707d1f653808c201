"""Addresses of pages by their names, for parts of pages that link what there may not be."""

from functools import lru_cache

from django.urls import NoReverseMatch, reverse


@lru_cache(maxsize=8192)
def address(page: str, *args: object) -> str:
    """Where the page lies; "" where there is no such page."""
    try:
        return reverse(page, args=args)
    except NoReverseMatch:
        return ""
