"""Template tags of the talk."""

from functools import lru_cache

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from chat.labels import labels

register = template.Library()


@register.simple_tag
def labels_script() -> SafeString:
    """The words that scripts use, as JSON; made once for each language."""
    return _labels_script(get_language() or "")


@lru_cache(maxsize=64)
def _labels_script(language: str) -> SafeString:
    return json_script(labels(), "labels")
