"""The log of a group: who reads it, in which words, what it does not tell."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.actions.audit import audit
from accounts.actions.data import erase_person
from accounts.audit import Asked, entries_of
from accounts.models import AuditEntry, User
from groups.actions.channels import create_channel
from groups.actions.holders import give_role
from groups.actions.moderation import ban_person, kick_member, lift_ban, time_out_member
from groups.actions.nicknames import change_nickname
from groups.actions.overrides import set_override
from groups.actions.roles import change_role, create_role
from groups.log import log_lines
from groups.log_words import KINDS, SENTENCES
from groups.permissions import Right, visible_group
from groups.places import Target
from tests import session
from tests.cast import Cast
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def log(person: User, atlas: Community, **query: str) -> str:
    client = Client()
    client.force_login(person)
    answer = client.get(reverse("group_log", args=[atlas.group.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def said(html: str) -> list[str]:
    return [strip_tags(part.split("</p>")[0]) for part in html.split('<p class="log__said">')[1:]]


def told(person: User, atlas: Community) -> str:
    """All of the log as the person reads it."""
    lines = log_lines(visible_group(person, atlas.group.pk), entries_of(Asked(place=atlas.group.pk), 100))
    return " ".join(f"{strip_tags(line.sentence)} {line.reason} {line.facts}" for line in lines)


def act(cast: Cast, atlas: Community) -> None:
    """Something of many kinds."""
    group = atlas.group.pk
    time_out_member(actor=cast.mod, group_id=group, person_id=cast.bob.pk, lasts=HOUR, reason="Calm down")
    change_nickname(actor=cast.mod, group_id=group, person_id=cast.bob.pk, nickname="Bobby")
    role = create_role(actor=cast.alice, group_id=group, name="Crew", permissions=int(Right.PIN), hue=3)
    change_role(
        actor=cast.alice, group_id=group, role_id=role.pk, grant=int(Right.KICK), withdraw=int(Right.PIN), hue=5
    )
    give_role(actor=cast.alice, group_id=group, role_id=role.pk, people=[cast.bob.pk])
    kick_member(actor=cast.mod, group_id=group, person_id=cast.mallory.pk, reason="Spam <script>")
    ban_person(actor=cast.mod, group_id=group, person_id=cast.charlie.pk, reason="Known", lasts=HOUR)
    lift_ban(actor=cast.alice, group_id=group, person_id=cast.charlie.pk, reason="Sorry")


def actions_in_code() -> Iterator[str]:
    """Every action that groups write down, as their code names it."""
    for path in sorted((session.PROJECT / "groups").rglob("*.py")):
        if path.name != "log_words.py" and "migrations" not in path.parts:
            yield from re.findall(r'"(group\.[a-z_.]+)"', Path(path).read_text(encoding="utf-8"))


def test_every_action_that_is_written_down_has_words() -> None:
    written = {name for name in actions_in_code() if re.fullmatch(r"group\.[a-z_]+(\.[a-z_]+)?", name)}
    assert len(written) > 25
    assert not {name for name in written if name not in SENTENCES}
    for words in SENTENCES.values():
        assert set(re.findall(r"%\((\w+)\)s", str(words))) <= {"actor", "target", "name"}


def test_it_says_who_did_what_to_whom_and_why(cast: Cast, atlas: Community) -> None:
    act(cast, atlas)
    html = log(cast.mod, atlas)
    assert said(html)[:4] == [
        "Alice lifted the ban of Charlie",
        "Mod banned Charlie",
        "Mod removed Mallory",
        "Alice gave Bob the role Crew",
    ]
    assert "Spam &lt;script&gt;" in html
    assert "+ Remove members · − Pin messages" in strip_tags(html)
    assert "Bobby" in html


def test_only_who_may_read_it_does(cast: Cast, atlas: Community) -> None:
    client = Client()
    address = reverse("group_log", args=[atlas.group.pk])
    client.force_login(cast.bob)
    assert client.get(address).status_code == 403
    client.force_login(cast.charlie)
    assert client.get(address).status_code == 404


def test_it_is_of_one_group(cast: Cast, atlas: Community) -> None:
    other = make_community(cast)
    kick_member(actor=cast.mod, group_id=other.group.pk, person_id=cast.bob.pk, reason="Elsewhere")
    assert "Elsewhere" not in log(cast.mod, atlas)
    assert "Elsewhere" in log(cast.mod, other)


def test_it_is_filtered(cast: Cast, atlas: Community) -> None:
    act(cast, atlas)
    assert len(said(log(cast.mod, atlas, actor="@Mod"))) == 4
    assert len(said(log(cast.mod, atlas, target="charlie"))) == 2
    assert len(said(log(cast.mod, atlas, kind="roles", target="bob"))) == 1
    assert said(log(cast.mod, atlas, actor="nobody")) == []
    today = AuditEntry.objects.latest("number").at.date()
    assert len(said(log(cast.mod, atlas, since=str(today), until=str(today)))) == len(said(log(cast.mod, atlas)))
    assert said(log(cast.mod, atlas, until=str(today - timedelta(days=2)))) == []


@pytest.mark.parametrize(
    "query", [{"kind": "x"}, {"since": "yesterday"}, {"before": "-1"}, {"actor": "x" * 61}, {"before": "9" * 40}]
)
def test_a_made_up_filter_is_refused(cast: Cast, atlas: Community, query: dict[str, str]) -> None:
    client = Client()
    client.force_login(cast.mod)
    assert client.get(reverse("group_log", args=[atlas.group.pk]), query).status_code == 400
    assert client.get(reverse("group_log", args=[atlas.group.pk]), {"until": "9999-12-31"}).status_code == 200


def test_it_is_paged_and_costs_the_same(cast: Cast, atlas: Community) -> None:
    act(cast, atlas)
    client = Client()
    client.force_login(cast.mod)
    address = reverse("group_log", args=[atlas.group.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(60):
        audit(actor=cast.alice, action="group.role.changed", place=atlas.group.pk, name=f"Role {number}")
    with CaptureQueriesContext(connection) as many:
        first = client.get(address).content.decode()
    assert len(few) <= 15 and len(many) <= len(few)
    onward = first.split('rel="next" href="?')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(f"{address}?{onward}").content.decode()
    assert len(said(first)) == 50
    assert not set(said(first)) & set(said(second)) - {"Alice changed the role Role 10"}


def test_places_one_cannot_see_are_not_named(cast: Cast, atlas: Community) -> None:
    hidden = create_channel(actor=cast.alice, group_id=atlas.group.pk, name="conspiracy", closed=True)
    set_override(
        actor=cast.alice,
        group_id=atlas.group.pk,
        kind="channel",
        place_id=hidden.pk,
        target=Target("member", atlas.member(cast.bob).pk),
        allow=int(Right.VIEW),
        deny=0,
    )
    assert "conspiracy" not in told(cast.mod, atlas)
    assert "Bob" not in told(cast.mod, atlas)
    assert "a place you cannot see" in told(cast.mod, atlas)
    assert "conspiracy" in told(cast.alice, atlas)
    create_channel(actor=cast.alice, group_id=atlas.group.pk, name="everywhere")
    assert "everywhere" in told(cast.mod, atlas)


def test_who_is_deleted_is_named_nobody(cast: Cast, atlas: Community) -> None:
    act(cast, atlas)
    erase_person(person=cast.charlie)
    html = log(cast.mod, atlas)
    assert "Mod banned Deleted user" in said(html)
    assert "Known" not in html and "Charlie" not in html


def test_the_kinds_share_no_action() -> None:
    assert len(SENTENCES) == sum(len(kind.words) for kind in KINDS.values())
