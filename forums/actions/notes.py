"""What moderators write down about a person, for each other. Nobody of whom one is reads it."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit
from accounts.lines import checked_text
from accounts.models import User
from chatter.core.errors import NotFound, Refused
from forums.models import Note
from forums.permissions import Right, Standing, check_above, check_right, held_forum_for, member_of

NOTE_MAX = 1000
NOTES_MAX = 200


def add_note(*, moderator: User, forum_id: UUID, person_id: UUID, text: str) -> Note:
    """Raises NotFound or Refused."""
    words = checked_text(text, NOTE_MAX)
    if not words:
        raise Refused("invalid", _("A note needs words."))
    with transaction.atomic():
        standing = held_forum_for(moderator, forum_id)
        check_notes(standing, person_id)
        if Note.objects.filter(forum=standing.forum, user=person_id).count() >= NOTES_MAX:
            raise Refused("invalid", _("There are too many notes on this person. Delete one first."))
        note = Note.objects.create(forum=standing.forum, user_id=person_id, author=moderator, text=words)
        audit(actor=moderator, action="forum.note.added", place=forum_id, target=("user", person_id))
    return note


def delete_note(*, moderator: User, forum_id: UUID, note_id: UUID) -> Note:
    """Every moderator of people may. Raises NotFound or Refused."""
    with transaction.atomic():
        standing = held_forum_for(moderator, forum_id)
        check_right(standing, Right.PEOPLE)
        note = Note.objects.select_for_update().filter(forum=standing.forum, pk=note_id).first()
        if note is None:
            raise NotFound
        check_notes(standing, note.user_id)
        Note.objects.filter(pk=note.pk).delete()
        audit(actor=moderator, action="forum.note.deleted", place=forum_id, target=("user", note.user_id))
    return note


def check_notes(standing: Standing, person_id: UUID) -> None:
    """Raises Refused unless the moderator may read and write notes on this person."""
    check_right(standing, Right.PEOPLE)
    if standing.person is not None and standing.person.pk == person_id:
        raise Refused("forbidden", _("Notes on you are for the others."))
    check_above(standing, member_of(standing.forum, person_id), person_id)
