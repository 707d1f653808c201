"""Communities: groups with channels, roles and members."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GroupsConfig(AppConfig):
    name = "groups"
    verbose_name = _("Groups")

    def ready(self) -> None:
        # What it registers asks the models.
        from groups import (  # noqa: PLC0415
            calls,
            erasure,
            export,
            finding,
            invite_notices,
            moderation_notices,
            naming,
            surroundings,
        )

        calls.register()
        naming.register()
        erasure.register()
        export.register()
        finding.register()
        invite_notices.register_all()
        moderation_notices.register_all()
        surroundings.register()
