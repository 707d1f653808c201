"""Calls on the pages: what marks the reader, what is offered after an @, and the question before many are told."""

from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from chat.models import Membership, Message
from groups.actions.members import admit_member
from groups.models import MemberRole, Role
from tests.cast import Cast, say
from tests.factories import make_person
from tests.groups.cast import Community

pytestmark = pytest.mark.django_db


@pytest.fixture
def crowd(atlas: Community) -> Community:
    """Fifty-one others besides Alice."""
    with transaction.atomic():
        for number in range(48):
            admit_member(atlas.group, make_person(username=f"extra-{number}"))
    return atlas


def marks(client: Client, atlas: Community) -> list[bool]:
    """Of each message whether it is marked as calling the reader."""
    html = client.get(f"/c/{atlas.talk.pk}/").content.decode()
    return ["message--mention" in part.partition('"')[0] for part in html.split('<article class="message')[1:]][:-1]


def test_what_calls_the_reader_is_marked(cast: Cast, atlas: Community, client: Client) -> None:
    for words in ("@everyone", "@here", "@moderators", "@mod", "plain", "`@everyone`"):
        say(cast.alice, atlas.talk, words)
    client.force_login(cast.mod)
    assert marks(client, atlas) == [True, True, True, True, False, False]
    client.force_login(cast.bob)
    assert marks(client, atlas) == [True, True, False, False, False, False]
    client.force_login(cast.alice)
    assert not any(marks(client, atlas))


def test_scripts_know_the_readers_roles(cast: Cast, atlas: Community, client: Client) -> None:
    client.force_login(cast.mod)
    assert f'data-roles="{atlas.moderators.pk}"' in client.get(f"/c/{atlas.talk.pk}/").content.decode()
    assert "data-roles" not in client.get(f"/c/{cast.lobby.pk}/").content.decode()


def test_offers_what_one_may_call(cast: Cast, atlas: Community, client: Client) -> None:
    Role.objects.create(group=atlas.group, name="Map Makers", position=2, is_mentionable=True, hue=3)
    address = f"/c/{atlas.talk.pk}/calls/"
    makers = {"name": "Map Makers", "spelled": "Map-Makers", "hue": 3}
    client.force_login(cast.bob)
    assert client.get(address).json() == {"everyone": False, "names": [makers]}
    client.force_login(cast.alice)
    moderators = {"name": "Moderators", "spelled": "Moderators", "hue": 8}
    assert client.get(address).json() == {"everyone": True, "names": [makers, moderators]}
    client.force_login(cast.charlie)
    assert client.get(address).status_code == 404
    assert client.post(address, {"content": "@everyone"}).status_code == 404


def test_says_how_many_will_be_told(cast: Cast, crowd: Community, client: Client) -> None:
    address = f"/c/{crowd.talk.pk}/calls/"
    client.force_login(cast.alice)
    assert client.post(address, {"content": "@everyone"}).json() == {"question": "This will notify 51 people."}
    assert client.post(address, {"content": "`@everyone` and me@here"}).json() == {"question": ""}
    assert client.post(address, {"content": "@moderators"}).json() == {"question": ""}
    Membership.objects.filter(user=cast.bob, conversation=crowd.talk).update(
        muted_until=timezone.now().replace(year=2999)
    )
    assert client.post(address, {"content": "@everyone"}).json() == {"question": ""}
    client.force_login(cast.bob)
    assert client.post(address, {"content": "@everyone"}).json() == {"question": ""}


@pytest.mark.parametrize("form", [{}, {"content": "x" * 50_000}, {"content": ""}])
def test_a_bad_question_is_refused(cast: Cast, atlas: Community, client: Client, form: dict[str, str]) -> None:
    client.force_login(cast.alice)
    assert client.post(f"/c/{atlas.talk.pk}/calls/", form).status_code == 400


def test_a_role_of_many_asks_too(cast: Cast, crowd: Community, client: Client) -> None:
    role = Role.objects.create(group=crowd.group, name="All of us", position=2, is_mentionable=True)
    members = crowd.group.members.all()
    MemberRole.objects.bulk_create([MemberRole(member=member, role=role) for member in members])
    client.force_login(cast.bob)
    answer = client.post(f"/c/{crowd.talk.pk}/calls/", {"content": "@all-of-us"}).json()
    assert answer == {"question": "This will notify 51 people."}


def test_without_scripts_the_form_comes_back_with_the_question(cast: Cast, crowd: Community, client: Client) -> None:
    client.force_login(cast.alice)
    form = {"content": "@everyone <come>", "client_id": str(uuid4())}
    response = client.post(f"/c/{crowd.talk.pk}/send/", form)
    html = response.content.decode()
    assert response.status_code == 200
    assert "This will notify 51 people." in html
    assert 'name="confirmed"' in html
    assert "@everyone &lt;come&gt;</textarea>" in html
    assert form["client_id"] in html
    assert not Message.objects.filter(conversation=crowd.talk).exists()
    response = client.post(f"/c/{crowd.talk.pk}/send/", form | {"confirmed": "1"})
    assert response.status_code == 302
    assert Message.objects.filter(conversation=crowd.talk).count() == 1


def test_few_people_are_told_without_a_question(cast: Cast, atlas: Community, client: Client) -> None:
    client.force_login(cast.alice)
    form = {"content": "@everyone come", "client_id": str(uuid4())}
    assert client.post(f"/c/{atlas.talk.pk}/send/", form).status_code == 302


def test_people_are_offered_by_their_nickname(cast: Cast, atlas: Community, client: Client) -> None:
    Membership.objects.filter(user=cast.mod, conversation=atlas.talk).update(nickname="Zed")
    client.force_login(cast.bob)
    query = {"conversation": str(atlas.talk.pk), "in": "1", "q": "ze"}
    found = client.get("/people/search/", query, headers={"accept": "application/json"}).json()["people"]
    assert [(person["name"], person["username"]) for person in found] == [("Zed", "mod")]
