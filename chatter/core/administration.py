"""What every page of the administration shares: who may enter, its policy, and lists that stay quick when tables grow."""

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, ClassVar

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib.admin import ActionLocation, ShowFacets
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver
from django.utils.csp import CSP
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csp import csp_override
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.contrib.filters.forms import AutocompleteDropdownForm
from unfold.sites import UnfoldAdminSite

# Beyond so many rows a list is searched or filtered, not paged through; and nothing is counted any further.
COUNT_MAX = 10_000
# Its interface evaluates expressions and sets styles from scripts; still no script but our own files.
POLICY: dict[str, Any] = settings.SECURE_CSP | {
    "script-src": [CSP.SELF, CSP.UNSAFE_EVAL],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
}

Gate = Callable[[HttpRequest], HttpResponse | None]


class Administration(UnfoldAdminSite):
    """Entered through the site's own door, with its limits, second factors and words.

    `gates` may answer in place of any page: who is above registers what the staff must have shown before.
    """

    gates: ClassVar[list[Gate]] = []

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Never Django's own form: it would take a password without asking for more."""
        answer: HttpResponse = secure_admin_login(lambda _request: redirect(f"{self.name}:index"))(request)
        return answer

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("account_change_password")

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        return csp_override(POLICY)(super().admin_view(self._gated(view), cacheable))

    def _gated(self, view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def gated(request: HttpRequest, *given: Any, **named: Any) -> Any:
            stopped = next(filter(None, (gate(request) for gate in self.gates)), None)
            return stopped or view(request, *given, **named)

        return gated

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Without Django's shortcut from any id to its page: it would tell which ids of hidden rows exist."""
        return [pattern for pattern in super().get_urls() if getattr(pattern, "name", None) != "view_on_site"]


class CappedPaginator(Paginator):
    """Counts at most COUNT_MAX rows: a list of ten million messages opens as fast as one of ten."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:COUNT_MAX].count())


class ShownRowsForm(AutocompleteDropdownForm):
    """Names the chosen row only where the administration shows it: unfold's asks the whole table."""

    def __init__(self, request: HttpRequest, name: str, *given: Any, **options: Any) -> None:
        super().__init__(request, name, *given, **options)
        site, related = options["model_admin"].admin_site, options["field"].remote_field.model
        self.fields[name].queryset = site.get_model_admin(related).get_queryset(request)


class PickFilter(AutocompleteSelectFilter):
    """Filter by a row of another table, found by typing."""

    form_class = ShownRowsForm


class RecordAdmin(ModelAdmin):
    """A table in the administration. Rows that its queryset leaves out do not exist, by list, id or lookup."""

    paginator: Any = CappedPaginator
    show_full_result_count = False
    # Counts beside each filter would count the whole table for every one of them.
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_filter_submit = True
    compressed_fields = True
    warn_unsaved_form = True

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Only what the list's own filters ask: else `?draft__startswith=` reads what no page shows."""
        named = [self.date_hierarchy or "id", "id", "pk", *map(_asked_name, self.get_list_filter(request))]
        asked = any(lookup == name or lookup.startswith(f"{name}__") for name in named)
        return asked and bool(super().lookup_allowed(lookup, value, request))

    def get_action_choices(
        self, request: HttpRequest, default_choices: Any = None, action_location: Any = ActionLocation.CHANGE_LIST
    ) -> list[tuple[str, Any]]:
        """Django's, past unfold's, which does not know yet that actions have a location."""
        choices: list[tuple[str, Any]] = super(ModelAdmin, self).get_action_choices(
            request, [("", _("Select action"))], action_location
        )
        return choices

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404


def _asked_name(entry: Any) -> str:
    """What an entry of list_filter calls its lookup: "kind", ("kind", Filter), or a filter with a parameter."""
    if isinstance(entry, str):
        return entry
    return str(entry[0] if isinstance(entry, (tuple, list)) else entry.parameter_name)


class ReadOnlyAdmin(RecordAdmin):
    """History, and rows that only actions write: to be looked at."""

    warn_unsaved_form = False
    actions: Any = ()

    def has_add_permission(self, request: HttpRequest, *_given: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
