"""Finding people by what they are called."""

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Upper

from accounts.models import Block, User
from accounts.permissions import visible_people

RESULTS_MAX = 50
QUERY_MAX = 80
# Shorter words have too few trigrams to be looked up inside a name.
INSIDE_MIN = 3


def find_people(viewer: User, query: str, limit: int = 10) -> list[User]:
    """At most `limit` people whose username or display name begins with `query`, or holds it, best first.

    Never the viewer, guests, the deleted, or anybody who blocked or is blocked by the viewer. An empty query, and a
    guest, find nobody.
    """
    words = " ".join(query.replace("\0", "").split()).removeprefix("@")[:QUERY_MAX]
    if not words or viewer.is_guest:
        return []
    return list(_matches(viewer, words)[: max(1, min(limit, RESULTS_MAX))])


def _matches(viewer: User, words: str) -> QuerySet[User]:
    blocked = Block.objects.filter(blocker=viewer, blocked=OuterRef("pk"))
    people = visible_people(viewer).exclude(pk=viewer.pk).filter(is_guest=False).exclude(Exists(blocked))
    called = Q(username__istartswith=words) | Q(display_name__istartswith=words)
    called |= Q(display_name__icontains=f" {words}")
    if len(words) >= INSIDE_MIN:
        called |= Q(username__icontains=words) | Q(display_name__icontains=words)
    rank = Case(
        When(username__iexact=words, then=Value(0)),
        When(username__istartswith=words, then=Value(1)),
        When(display_name__istartswith=words, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    return people.filter(called).order_by(rank, Upper("username"))
