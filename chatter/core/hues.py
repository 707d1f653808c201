"""The twelve colours of roles and flairs in words, by their numbers (static/css/hues.css)."""

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

# What the twelve colours are called: a colour is never shown without its name.
HUES: tuple[str | Promise, ...] = (
    *(pgettext_lazy("colour", "Red"), pgettext_lazy("colour", "Orange"), pgettext_lazy("colour", "Gold")),
    *(pgettext_lazy("colour", "Olive"), pgettext_lazy("colour", "Green"), pgettext_lazy("colour", "Teal")),
    *(pgettext_lazy("colour", "Turquoise"), pgettext_lazy("colour", "Sky blue"), pgettext_lazy("colour", "Blue")),
    *(pgettext_lazy("colour", "Violet"), pgettext_lazy("colour", "Magenta"), pgettext_lazy("colour", "Pink")),
)
