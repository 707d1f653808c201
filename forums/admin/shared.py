"""What the tables of forums share in the administration: what is private is not there, and deeds are the product's own actions."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest

from accounts.models import Report
from chatter.core.administration import ReadOnlyAdmin
from chatter.core.errors import Refused


class OpenAdmin(ReadOnlyAdmin):
    """A table of what is written in forums. Of private ones only what somebody reported is there: `open_paths` lead to whether
    the forum is public, `reported` to the thing that may have been reported (path → model)."""

    open_paths: tuple[str, ...] = ()
    reported: ClassVar[dict[str, type[Model]]] = {}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        shown = Q()
        for path in self.open_paths:
            shown |= Q(**{path: True})
        for path, model in self.reported.items():
            kind = ContentType.objects.get_for_model(model)
            shown |= Q(Exists(Report.objects.filter(target_type=kind, target_id=OuterRef(path))))
        return rows.filter(shown)


class WordsAdmin(OpenAdmin):
    """Searched by the index of words: looking inside every row of a large site would take minutes."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = search_term.replace("\0", "").strip()
        if not words:
            return queryset, False
        return queryset.filter(search=SearchQuery(words, config="simple", search_type="websearch")), False


def each(
    table: ReadOnlyAdmin, request: HttpRequest, rows: QuerySet[Any], deed: Callable[[Any], None], done: str
) -> None:
    """Do it to every row that was chosen; what is refused is said, what was done is written down."""
    for row in rows:
        try:
            deed(row)
        except Refused as refusal:
            messages.error(request, f"{row}: {refusal}")
        else:
            table.log_change(request, row, done)
            messages.success(request, f"{row}: {done}")
