"""Addresses of pages by their names, for parts of pages that link what there may not be."""

from django.urls import NoReverseMatch, reverse


def address(page: str, *args: object) -> str:
    """Where the page lies; "" where there is no such page."""
    try:
        return reverse(page, args=args)
    except NoReverseMatch:
        return ""
