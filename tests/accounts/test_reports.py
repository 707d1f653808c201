"""Reporting a person: what is kept, who learns of it, how it ends."""

from typing import Any

import pytest
from django.test import Client

from accounts.actions.data import erase_person
from accounts.actions.reports import REPORTS_PER_DAY, decide_report, report_person
from accounts.models import Notification, Report, User
from accounts.notices import shown
from chatter.core.errors import NotFound, Refused
from tests.cast import Cast, make_cast
from tests.corpus import XSS
from tests.factories import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def judge() -> User:
    return make_person(username="judge", is_staff=True, is_superuser=True)


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_report_keeps_what_the_profile_said_then(cast: Cast) -> None:
    User.objects.filter(pk=cast.charlie.pk).update(bio="Buy my pills")
    cast.charlie.refresh_from_db()
    report = report_person(reporter=cast.bob, person=cast.charlie, reason="spam", details="  Everywhere. ")
    User.objects.filter(pk=cast.charlie.pk).update(bio="Innocent")
    report.refresh_from_db()
    assert (report.target, report.reason, report.details) == (cast.charlie, "spam", "Everywhere.")
    assert report.snapshot["bio"] == "Buy my pills"
    assert report.state == "pending"


def test_the_same_again_changes_nothing_until_it_is_decided(cast: Cast, judge: User) -> None:
    first = report_person(reporter=cast.bob, person=cast.charlie, reason="spam")
    assert report_person(reporter=cast.bob, person=cast.charlie, reason="hate") == first
    assert report_person(reporter=cast.alice, person=cast.charlie, reason="hate") != first
    decide_report(moderator=judge, report=first, state="dismissed")
    assert report_person(reporter=cast.bob, person=cast.charlie, reason="hate") != first


def test_who_cannot_be_seen_cannot_be_reported_and_nobody_reports_themselves(cast: Cast) -> None:
    with pytest.raises(NotFound):
        report_person(reporter=cast.mallory, person=cast.alice, reason="spam")
    report_person(reporter=cast.alice, person=cast.mallory, reason="spam")
    for person, reason, details in (
        (cast.bob, "spam", ""),
        (cast.charlie, "boring", ""),
        (cast.charlie, "spam", "x" * 1001),
        (cast.charlie, "spam", "\0"),
    ):
        with pytest.raises(Refused):
            report_person(reporter=cast.bob, person=person, reason=reason, details=details)
    assert Report.objects.count() == 1


def test_reports_of_one_person_have_a_limit(cast: Cast) -> None:
    for _number in range(REPORTS_PER_DAY):
        report_person(reporter=cast.bob, person=make_person(), reason="spam")
    with pytest.raises(Refused) as refused:
        report_person(reporter=cast.bob, person=make_person(), reason="spam")
    assert refused.value.code == "rate_limited"


def test_the_reporter_hears_of_the_end_once_and_the_reported_nothing(cast: Cast, judge: User) -> None:
    report = report_person(reporter=cast.bob, person=cast.charlie, reason="harassment")
    decide_report(moderator=judge, report=report, state="reviewing")
    assert not Notification.objects.filter(kind="moderation").exists()
    decide_report(moderator=judge, report=report, state="resolved")
    with pytest.raises(Refused):
        decide_report(moderator=judge, report=report, state="dismissed")
    rows = list(Notification.objects.filter(kind="moderation"))
    assert [row.recipient_id for row in rows] == [cast.bob.pk]
    (notice,) = shown(cast.bob, rows)
    assert (notice.title, notice.text) == ("Your report was looked at", "The moderators acted on it. Thank you.")
    assert not Notification.objects.filter(recipient=cast.charlie, kind="moderation").exists()


def test_nobody_decides_about_themselves_or_their_own_rank(cast: Cast, judge: User) -> None:
    clerk = make_person(username="clerk", is_staff=True)
    own = report_person(reporter=cast.bob, person=judge, reason="other")
    colleague = report_person(reporter=cast.bob, person=make_person(is_staff=True), reason="other")
    for moderator, report in ((judge, own), (clerk, colleague)):
        with pytest.raises(Refused):
            decide_report(moderator=moderator, report=report, state="dismissed")
    assert set(Report.objects.values_list("state", flat=True)) == {"pending"}


def test_the_page_without_scripts(cast: Cast) -> None:
    bob = browser(cast.bob)
    assert "/people/charlie/report/" in bob.get("/people/charlie/").content.decode()
    assert "/people/charlie/report/" in bob.get("/people/charlie/card/").content.decode()
    page = bob.get("/people/charlie/report/").content.decode()
    assert "Harassment or threats" in page
    assert bob.post("/people/charlie/report/", {"reason": "boring"}).status_code == 400
    answer = bob.post("/people/charlie/report/", {"reason": "hate", "details": XSS[0]}, follow=True)
    assert "Thank you. The moderators look at it" in answer.content.decode()
    assert Report.objects.get().details == XSS[0].strip()
    assert browser(cast.mallory).get("/people/alice/report/").status_code == 404
    assert bob.get("/people/bob/report/").status_code == 302
    guest = make_person(username="guest-x", is_guest=True)
    assert browser(guest).get("/people/charlie/report/").status_code == 403


def test_moderators_decide_in_the_administration(cast: Cast, judge: User, django_assert_max_num_queries: Any) -> None:
    for reporter in (cast.bob, cast.mod):
        report_person(reporter=reporter, person=cast.charlie, reason="spam", details=XSS[0])
    office = browser(judge)
    with django_assert_max_num_queries(20):
        page = office.get("/admin/accounts/report/").content.decode()
    assert page.count(f"/admin/accounts/user/{cast.charlie.pk}/change/") == 2
    report = Report.objects.filter(reporter=cast.bob).get()
    assert XSS[0] not in office.get(f"/admin/accounts/report/{report.pk}/change/").content.decode()
    chosen = {"action": "resolve", "_selected_action": [str(report.pk)]}
    office.post("/admin/accounts/report/", chosen)
    report.refresh_from_db()
    assert (report.state, report.moderator) == ("resolved", judge)
    assert Notification.objects.filter(recipient=cast.bob, kind="moderation").count() == 1


def test_erasure_leaves_no_words_of_either(cast: Cast) -> None:
    about = report_person(reporter=cast.bob, person=cast.charlie, reason="spam", details="He is at Charlie Road 1")
    erase_person(person=cast.charlie)
    about.refresh_from_db()
    assert (about.snapshot, about.reporter) == ({}, cast.bob)
    erase_person(person=cast.bob)
    about.refresh_from_db()
    assert (about.details, about.reporter) == ("", None)
