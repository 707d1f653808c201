"""What the field for a picture says of what it takes."""

from django import template

from accounts.forms.pictures import TYPES
from chatter.core.images import BYTES_MAX

register = template.Library()


@register.simple_tag
def picture_types() -> str:
    """The types of files, for the field's `accept`."""
    return TYPES


@register.simple_tag
def picture_bytes_max() -> str:
    return str(BYTES_MAX)
