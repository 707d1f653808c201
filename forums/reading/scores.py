"""Which scores are shown: a forum may hide those of what is new, from everybody alike. Lists rank by them all the same."""

from datetime import timedelta

from django.utils import timezone

from forums.models import Comment, Forum, Post


def shown_score(forum: Forum, written: Post | Comment) -> int | None:
    """The score of the post or comment, None while the forum hides it."""
    return None if is_score_hidden(forum, written) else written.score


def is_score_hidden(forum: Forum, written: Post | Comment) -> bool:
    minutes = forum.scores_hidden_minutes
    return minutes > 0 and timezone.now() < written.created_at + timedelta(minutes=minutes)
