"""The shape of an upload: a file, and the square of it that is kept."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chatter.core.errors import Refused
from chatter.core.images import BYTES_MAX, Crop

TYPES = "image/png,image/jpeg,image/webp,image/gif,image/avif"


class PictureForm(forms.Form):
    """`left`, `top` and `side` (pixels) come together or not at all: scripts send them, without them the middle is kept."""

    picture = forms.FileField(
        label=_("Picture"), allow_empty_file=True, error_messages={"required": _("Choose a picture first.")}
    )
    left = forms.IntegerField(required=False)
    top = forms.IntegerField(required=False)
    side = forms.IntegerField(required=False)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if any(self.data.get(name) for name in ("left", "top", "side")) and self.crop is None:
            raise forms.ValidationError(_("The chosen part lies outside of the picture."))
        return given

    @property
    def crop(self) -> Crop | None:
        left, top, side = (self.cleaned_data.get(name) for name in ("left", "top", "side"))
        return None if left is None or top is None or side is None else Crop(left, top, side)

    def upload(self) -> bytes:
        """The file. Raises Refused("invalid") for a form that is not right; reads no more than one byte too many."""
        if not self.is_valid():
            raise Refused("invalid", next(iter(self.errors.values()))[0])
        content: bytes = self.cleaned_data["picture"].read(BYTES_MAX + 1)
        return content
