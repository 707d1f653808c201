"""The log of a forum: who reads it, in which words, what it does not tell; and that every deed has words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.actions.audit import audit
from accounts.actions.reports import decide_report, report_thing
from accounts.audit import verify_chain
from accounts.models import AuditEntry, User
from forums.actions.bans import ban_person, lift_ban
from forums.actions.comments import create_comment
from forums.actions.marks import lock_post, mark_post
from forums.actions.moderation import approve_comment, approve_post, remove_comment, remove_post
from forums.actions.notes import add_note
from forums.log_words import PUBLIC, SENTENCES
from forums.models import Forum, Rule
from tests import session
from tests.cast import Cast
from tests.factories import make_person
from tests.forums.cast import Place

pytestmark = pytest.mark.django_db


def browser(person: User | None) -> Client:
    client = Client()
    if person:
        client.force_login(person)
    return client


def log(person: User | None, **query: str) -> str:
    answer = browser(person).get(reverse("forum_log", args=["maps"]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def said(html: str) -> list[str]:
    return [strip_tags(part.split("</p>")[0]) for part in html.split('<p class="log__said">')[1:]]


def act(cast: Cast, maps: Place) -> None:
    """Something of many kinds."""
    Rule.objects.create(forum=maps.forum, title="Be kind")
    comment = create_comment(author=cast.charlie, post_id=maps.post.pk, content="July is missing")
    report = report_thing(reporter=cast.charlie, kind="post", key=maps.post.pk, reason="spam", details="Whistle")
    judge = make_person(username="judge", is_staff=True, is_superuser=True)
    decide_report(moderator=judge, report=report, state="reviewing")
    lock_post(moderator=cast.mod, post_id=maps.post.pk, is_locked=True)
    mark_post(moderator=cast.mod, post_id=maps.post.pk, is_spoiler=True, is_nsfw=False)
    remove_comment(moderator=cast.mod, comment_id=comment.pk, reason="Rude")
    approve_comment(moderator=cast.mod, comment_id=comment.pk)
    ban_person(moderator=cast.mod, forum_id=maps.forum.pk, person_id=cast.bob.pk, reason="Loud <script>", note="Secret")
    lift_ban(moderator=cast.mod, forum_id=maps.forum.pk, person_id=cast.bob.pk)
    add_note(moderator=cast.mod, forum_id=maps.forum.pk, person_id=cast.bob.pk, text="Secret too")
    remove_post(moderator=cast.mod, post_id=maps.post.pk, rule_id=Rule.objects.get().pk)


def actions_in_code() -> Iterator[tuple[str, bool]]:
    """Every action that forums and reports write down, as their code names it; and whether it is only the beginning of one."""
    places = [*(session.PROJECT / "forums").rglob("*.py"), session.PROJECT / "accounts/actions/reports.py"]
    for path in sorted(places):
        if path.name == "log_words.py" or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and isinstance(first := node.values[0], ast.Constant):
                if str(first.value).startswith("forum."):
                    yield str(first.value), True
            elif isinstance(node, ast.Constant) and re.fullmatch(r"(forum|report)(\.[a-z_]+)+", str(node.value)):
                yield str(node.value), False


def test_every_deed_has_words() -> None:
    """Deeds named in parts (`f"forum.post.{deed}"`) at least begin as one that has."""
    found = set(actions_in_code())
    assert len(found) > 25
    named = {name for name, is_part in found if not is_part and f"{name}." not in {part for part, _is in found}}
    assert {name for name in named if name not in SENTENCES} == set()
    for beginning in {name for name, is_part in found if is_part}:
        assert any(action.startswith(beginning) for action in SENTENCES), beginning
    for words in SENTENCES.values():
        assert set(re.findall(r"%\((\w+)\)s", str(words))) <= {"actor", "target", "name"}


def test_what_was_done_here_has_words_and_the_chain_is_whole(cast: Cast, maps: Place) -> None:
    act(cast, maps)
    done = set(AuditEntry.objects.filter(place=maps.forum.pk).values_list("action", flat=True))
    assert len(done) >= 10 and done <= set(SENTENCES)
    assert verify_chain().tampered == 0


def test_moderators_read_who_did_what_and_why(cast: Cast, maps: Place) -> None:
    act(cast, maps)
    html = log(cast.mod)
    lines = said(html)
    assert lines[0] == "Mod removed the post “Fountains of the city”"
    assert "Mod banned Bob" in lines and "Mod removed a comment on “Fountains of the city”" in lines
    assert "Mod wrote a note on Bob" in lines and any("took up a report" in line for line in lines)
    assert "Loud &lt;script&gt;" in html and "Be kind" in html
    assert "Secret" not in html and "Whistle" not in html


def test_a_public_log_tells_no_reports_no_notes_and_no_removed_titles(cast: Cast, maps: Place) -> None:
    act(cast, maps)
    for person in (cast.charlie, cast.bob, None):
        assert browser(person).get(reverse("forum_log", args=["maps"])).status_code == 403
    Forum.objects.update(is_log_public=True)
    for person in (cast.charlie, None):
        html = log(person)
        lines = said(html)
        assert "Mod removed the post #1" in lines and "Mod banned Bob" in lines
        assert not any("note" in line or "report" in line for line in lines)
        assert "Fountains" not in html.split('<ul class="log">')[1].split("</ul>")[0]
    assert browser(None).get(reverse("forum_log", args=["maps"]), {"kind": "reports"}).status_code == 400
    assert "reports" not in PUBLIC
    Forum.objects.update(is_public=False)
    assert browser(cast.charlie).get(reverse("forum_log", args=["maps"])).status_code == 404
    assert browser(None).get(reverse("forum_log", args=["maps"])).status_code == 404


def test_it_is_filtered_and_paged(cast: Cast, maps: Place, django_assert_max_num_queries: Any) -> None:
    act(cast, maps)
    assert said(log(cast.mod, kind="people")) == ["Mod lifted the ban of Bob", "Mod banned Bob"]
    assert len(said(log(cast.mod, target="@bob"))) == 3
    for number in range(60):
        audit(actor=cast.alice, action="forum.rule.added", place=maps.forum.pk, title=f"Rule {number}")
    mod = browser(cast.mod)
    with django_assert_max_num_queries(15):
        page = mod.get(reverse("forum_log", args=["maps"])).content.decode()
    assert len(said(page)) == 50
    onward = page.split('rel="next" href="?')[1].split('"')[0].replace("&amp;", "&")
    assert len(said(mod.get(f"{reverse('forum_log', args=['maps'])}?{onward}").content.decode())) > 15


def test_who_is_restored_is_named_again(cast: Cast, maps: Place) -> None:
    remove_post(moderator=cast.mod, post_id=maps.post.pk, reason="x")
    approve_post(moderator=cast.mod, post_id=maps.post.pk)
    Forum.objects.update(is_log_public=True)
    assert said(log(cast.charlie))[0] == "Mod restored the post “Fountains of the city”"
