"""The audit log in the administration: to be looked at. Addresses, names and reasons are for superusers only."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import FieldTextFilter, RangeDateTimeFilter
from unfold.decorators import display

from accounts.audit import words_of
from accounts.models import AuditEntry
from chatter.core.administration import PickFilter, ReadOnlyAdmin

LABELS = {"actor": _("Actor"), "target": _("Target"), "address": _("Address"), "reason": _("Reason")}
NUMBER_MAX = 2**63


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Found by username or action, or by an exact number or id: of the entry, its place, its actor or its target."""

    list_display = ("number", "at", "actor", "action", "target_kind", "facts")
    list_filter = (("actor", PickFilter), ("action", FieldTextFilter), ("at", RangeDateTimeFilter))
    list_select_related = ("actor",)
    search_fields = ("actor__username", "action")
    search_help_text = _("Username, action, number, or the id of a place or a target")
    ordering = ("-number",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        shown = ("number", "at", "actor", "action", "place", "target_kind", "target_id", "facts")
        words = ("words",) if request.user.is_superuser else ()
        return (*shown, *words, "previous_digest", "digest")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        exact = _exact(search_term.strip())
        return (queryset.filter(exact), False) if exact else super().get_search_results(request, queryset, search_term)

    @display(description=_("Personal details"))
    def words(self, entry: AuditEntry) -> str:
        return "\n".join(f"{LABELS.get(name, name)}: {value}" for name, value in words_of(entry).items()) or "–"


def _exact(term: str) -> Q | None:
    if term.isdecimal() and int(term) < NUMBER_MAX:
        return Q(number=int(term))
    try:
        key = UUID(term)
    except ValueError:
        return None
    return Q(place=key) | Q(target_id=key) | Q(actor_id=key)
