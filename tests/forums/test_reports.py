"""Reports of posts, comments and forums: who may, what is kept, who decides, who learns of it; and the page without scripts."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions.data import erase_person
from accounts.actions.reports import decide_report, report_thing
from accounts.models import AuditEntry, Notification, Report, User
from chatter.core.errors import NotFound
from forums.actions.comments import create_comment
from forums.actions.moderation import approve_post, remove_comment, remove_post
from forums.models import Ban, Comment, Forum, Rule
from tests.cast import Cast
from tests.corpus import XSS
from tests.factories import make_person
from tests.forums.cast import Place
from tests.forums.counting import refuses

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(cast: Cast, maps: Place) -> Comment:
    return create_comment(author=cast.charlie, post_id=maps.post.pk, content="July **is** missing")


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_report_keeps_what_it_said_and_which_rule_it_breaks(cast: Cast, maps: Place, said: Comment) -> None:
    rule = Rule.objects.create(forum=maps.forum, title="Be kind")
    report = report_thing(
        reporter=cast.alice, kind="comment", key=said.pk, reason="rule", rule_id=rule.pk, details=" Rude. "
    )
    assert (report.target, report.about, report.place) == (said, cast.charlie, maps.forum.pk)
    assert (report.rule, report.details, report.snapshot["excerpt"]) == ("Be kind", "Rude.", "July **is** missing")
    forum = report_thing(reporter=cast.bob, kind="forum", key=maps.forum.pk, reason="hate")
    assert (forum.place, forum.about) == (None, cast.alice)


def test_what_one_cannot_see_cannot_be_reported(cast: Cast, maps: Place, said: Comment) -> None:
    things = [("post", maps.post.pk), ("comment", said.pk), ("forum", maps.forum.pk)]
    Forum.objects.update(is_public=False)
    for kind, key in [*things, ("post", uuid4()), ("comment", uuid4()), ("forum", uuid4()), ("thing", uuid4())]:
        with pytest.raises(NotFound):
            report_thing(reporter=cast.charlie, kind=kind, key=key, reason="spam")
        assert browser(cast.charlie).get(reverse("report", args=[kind, key])).status_code == 404
    Forum.objects.update(is_public=True)
    remove_comment(moderator=cast.mod, comment_id=said.pk, reason="x")
    remove_post(moderator=cast.mod, post_id=maps.post.pk, reason="x")
    for kind, key in things[:2]:
        with pytest.raises(NotFound):
            report_thing(reporter=cast.mallory, kind=kind, key=key, reason="spam")
    assert not Report.objects.exists()


def test_guests_the_banned_and_authors_report_nothing(cast: Cast, maps: Place, said: Comment) -> None:
    Ban.objects.create(forum=maps.forum, user=cast.mallory, actor=cast.mod, reason="x")
    guest = make_person(username="guest-x", is_guest=True)
    for person, code in ((cast.mallory, "forbidden"), (guest, "forbidden"), (cast.charlie, "invalid")):
        with refuses(code):
            report_thing(reporter=person, kind="comment", key=said.pk, reason="spam")
    forum = Forum.objects.create(slug="x", name="X", owner=cast.bob)
    elsewhere = Rule.objects.create(forum=forum, title="X")
    for reason, rule in (("rule", None), ("rule", elsewhere.pk), ("rule", uuid4()), ("boring", None)):
        with refuses("invalid"):
            report_thing(reporter=cast.bob, kind="comment", key=said.pk, reason=reason, rule_id=rule)


def test_the_moderators_deed_ends_the_reports_and_reporters_hear_of_it(cast: Cast, maps: Place) -> None:
    for reporter in (cast.alice, cast.charlie):
        report_thing(reporter=reporter, kind="post", key=maps.post.pk, reason="spam")
    approve_post(moderator=cast.mod, post_id=maps.post.pk)
    assert set(Report.objects.values_list("state", "moderator")) == {("dismissed", cast.mod.pk)}
    assert Notification.objects.filter(kind="moderation").count() == 2
    # the author does not learn that it was reported
    assert not Notification.objects.filter(recipient=cast.bob, kind="moderation").exists()
    report_thing(reporter=cast.charlie, kind="post", key=maps.post.pk, reason="spam")
    remove_post(moderator=cast.mod, post_id=maps.post.pk, reason="Spam it is")
    assert Report.objects.filter(state="resolved").count() == 1
    assert AuditEntry.objects.get(action="forum.post.removed").facts["reports"] == 1


def test_the_staff_decides_too_and_it_is_written_down(cast: Cast, maps: Place, said: Comment) -> None:
    judge = make_person(username="judge", is_staff=True, is_superuser=True)
    report = report_thing(reporter=cast.bob, kind="comment", key=said.pk, reason="spam")
    office = browser(judge)
    page = office.get("/admin/accounts/report/").content.decode()
    assert "maps #1/1" in page
    decide_report(moderator=judge, report=report, state="reviewing")
    decide_report(moderator=judge, report=report, state="dismissed", note="Nothing to it")
    report.refresh_from_db()
    assert (report.state, report.note) == ("dismissed", "Nothing to it")
    entries = AuditEntry.objects.filter(action__startswith="report.").order_by("number")
    assert [(entry.action, entry.place) for entry in entries] == [
        ("report.taken_up", maps.forum.pk),
        ("report.dismissed", maps.forum.pk),
    ]


def test_the_page_without_scripts(cast: Cast, maps: Place, said: Comment) -> None:
    rule = Rule.objects.create(forum=maps.forum, title="Be <b>kind</b>")
    alice = browser(cast.alice)
    address = reverse("report", args=["comment", said.pk])
    page = alice.get(address).content.decode()
    assert "Be &lt;b&gt;kind&lt;/b&gt;" in page and "Comment on “Fountains of the city”" in page
    assert alice.post(address, {"reason": "boring"}).status_code == 400
    assert alice.post(address, {"reason": f"rule:{uuid4()}"}).status_code == 400
    answer = alice.post(address, {"reason": f"rule:{rule.pk}", "details": XSS[0]}, follow=True)
    assert "Thank you. The moderators look at it" in answer.content.decode()
    assert Report.objects.get().details == XSS[0].strip()
    assert browser(cast.charlie).get(address).status_code == 400
    assert Client().get(address).status_code == 302


def test_erasure_takes_what_reports_kept_of_the_author(cast: Cast, maps: Place, said: Comment) -> None:
    report = report_thing(reporter=cast.bob, kind="comment", key=said.pk, reason="spam")
    erase_person(person=cast.charlie)
    report.refresh_from_db()
    assert report.snapshot == {}
