"""The pages of channels, categories and permissions, without scripts: what they show, what they save, what they refuse."""

import json
import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from groups.access import Scope, sync_access
from groups.actions.categories import create_category
from groups.actions.channels import create_channel
from groups.actions.overrides import set_override
from groups.models import Category, Channel, Role
from groups.permissions import Right, standing_of, top_position
from groups.places import Target, is_private, reader_of, wishes_of
from tests.cast import Cast
from tests.corpus import XSS
from tests.groups.cast import Community

pytestmark = pytest.mark.django_db
QUIET_ENOUGH = 15


@pytest.fixture
def alice(client: Client, cast: Cast) -> User:
    client.force_login(cast.alice)
    return cast.alice


def at(name: str, atlas: Community, *keys: object) -> str:
    return reverse(name, args=[atlas.group.pk, *keys])


def of(channel: Channel) -> Channel:
    return Channel.objects.select_related("conversation", "category").get(pk=channel.pk)


def every_page(atlas: Community) -> list[str]:
    general, category = atlas.general.pk, atlas.group.categories.get().pk
    return [
        at("group_channels", atlas),
        at("channel_new", atlas),
        at("channel_people", atlas) + "?q=bob",
        at("channel_settings", atlas, general),
        at("channel_delete", atlas, general),
        at("channel_overrides", atlas, general),
        at("category_new", atlas),
        at("category_settings", atlas, category),
        at("category_delete", atlas, category),
        at("category_overrides", atlas, category),
    ]


@pytest.mark.parametrize(("doer", "status"), [("alice", 200), ("bob", 403), ("mod", 403), ("charlie", 404)])
def test_who_opens_them(client: Client, cast: Cast, atlas: Community, doer: str, status: int) -> None:
    client.force_login(getattr(cast, doer))
    for url in every_page(atlas):
        assert client.get(url).status_code == status, url
    if status != 200:
        for url in (*every_page(atlas), at("group_order", atlas), at("channel_privacy", atlas, atlas.general.pk)):
            assert client.post(
                url, {"name": "mine", "closed": "1", "step": f"channel:{atlas.general.pk}:up"}
            ).status_code in (
                405,
                status,
            )


def test_they_ask_the_database_little(client: Client, alice: User, atlas: Community) -> None:
    category = atlas.group.categories.get()
    for number in range(12):
        create_channel(
            actor=alice, group_id=atlas.group.pk, name=f"c{number}", category_id=category.pk, closed=number % 2 == 0
        )
    for url in every_page(atlas):
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url).status_code == 200
        assert len(queries) <= QUIET_ENOUGH, (url, len(queries))


def test_the_list_shows_what_its_reader_sees(client: Client, cast: Cast, atlas: Community) -> None:
    Role.objects.filter(pk=atlas.moderators.pk).update(permissions=int(Right.MANAGE_CHANNELS))
    secret = create_category(actor=cast.alice, group_id=atlas.group.pk, name="Hidden heading", closed=True)
    create_channel(
        actor=cast.alice, group_id=atlas.group.pk, name="hidden-plans", topic="hidden topic", category_id=secret.pk
    )
    client.force_login(cast.mod)
    for url in (at("group_channels", atlas), at("channel_new", atlas), at("channel_settings", atlas, atlas.general.pk)):
        page = client.get(url).content.decode()
        assert "Talk" in page
        assert "hidden-plans" not in page and "hidden topic" not in page and "Hidden heading" not in page
    client.force_login(cast.alice)
    page = client.get(at("group_channels", atlas)).content.decode()
    assert "hidden-plans" in page and "hidden topic" in page and "Hidden heading" in page


def test_a_channel_is_made(client: Client, alice: User, atlas: Community) -> None:
    category = atlas.group.categories.get()
    page = client.get(at("channel_new", atlas) + f"?category={category.pk}").content.decode()
    assert f'<option value="{category.pk}" selected>' in page
    answer = client.post(
        at("channel_new", atlas),
        {"name": "maps", "topic": "All of them", "kind": "text", "category": str(category.pk), "create": "1"},
    )
    made = Channel.objects.get(conversation__title="maps")
    assert answer.headers["Location"] == f"/c/{made.conversation_id}/"
    assert made.category == category and made.is_synced


def test_a_private_one_keeps_who_was_ticked_while_one_searches(
    client: Client, alice: User, cast: Cast, atlas: Community
) -> None:
    fields = {
        "name": "plans",
        "kind": "announcement",
        "category": "",
        "closed": "on",
        "roles": [str(atlas.moderators.pk), str(uuid4()), "x"],
        "members": ["mallory", "charlie", "nobody\0"],
    }
    page = client.post(at("channel_new", atlas), {**fields, "q": "BO", "search": "1"}).content.decode()
    assert not Channel.objects.filter(conversation__title="plans").exists()
    assert re.search(r'value="mallory" checked', page)
    assert re.search(r'name="members" value="bob">', page)
    assert "charlie" not in page
    assert re.search(rf'value="{atlas.moderators.pk}" checked', page)
    client.post(at("channel_new", atlas), {**fields, "create": "1"})
    made = Channel.objects.get(conversation__title="plans")
    assert made.kind == "announcement" and made.conversation.settings == {"announces": True}
    seers = set(made.conversation.memberships.active().values_list("user__username", flat=True))
    assert seers == {"alice", "mod", "mallory"}


NO_CHANNELS: list[dict[str, str]] = [
    {"name": "", "kind": "text"},
    {"name": " \u200b ", "kind": "text"},
    {"name": "x" * 101, "kind": "text"},
    {"name": "a\0b", "kind": "text"},
    {"name": "x", "kind": "voice"},
    {"name": "x", "kind": ""},
    {"name": "x", "kind": "text", "topic": "y" * 301},
    {"name": "x", "kind": "text", "category": "y"},
    {"name": "x", "kind": "text", "category": str(uuid4())},
]


def test_what_makes_no_channel_is_said_on_the_page(client: Client, alice: User, atlas: Community) -> None:
    for fields in NO_CHANNELS:
        answer = client.post(at("channel_new", atlas), {**fields, "create": "1"})
        assert answer.status_code == 400, fields
        assert "field__error" in answer.content.decode() or "errorlist" in answer.content.decode()
    assert atlas.group.channels.count() == 2


def test_what_was_not_changed_on_the_page_stays_as_it_is_by_now(client: Client, alice: User, atlas: Community) -> None:
    url = at("channel_settings", atlas, atlas.general.pk)
    page = client.get(url).content.decode()
    fields = dict(re.findall(r'name="(initial-\w+)" value="([^"]*)"', page))
    assert fields == {"initial-name": "general", "initial-kind": "text", "initial-slow_mode": "0"}
    # Meanwhile somebody turns it into one for announcements; on the old page only the topic was changed.
    client.post(url, {**fields, "name": "general", "topic": "", "kind": "announcement", "slow_mode": "0"})
    answer = client.post(url, {**fields, "name": "general", "topic": "New", "kind": "text", "slow_mode": "30"})
    assert answer.status_code == 302
    found = of(atlas.general)
    assert (found.kind, found.conversation.topic) == ("announcement", "New")
    assert found.conversation.settings == {"announces": True, "slow_mode": 30}
    for wrong in ({"slow_mode": "7"}, {"kind": "voice"}, {"name": ""}):
        given = {"name": "general", "topic": "", "kind": "text", "slow_mode": "0", **fields, **wrong}
        assert client.post(url, given).status_code == 400


def test_category_privacy_and_following(client: Client, alice: User, cast: Cast, atlas: Community) -> None:
    general = atlas.general.pk
    other = create_category(actor=alice, group_id=atlas.group.pk, name="Other", closed=True)
    client.post(at("channel_place", atlas, general), {"category": str(other.pk)})
    assert of(atlas.general).category == other
    assert not atlas.talk.memberships.active().filter(user=cast.bob).exists()
    client.post(at("channel_privacy", atlas, general), {"closed": "0"})
    assert atlas.talk.memberships.active().filter(user=cast.bob).exists()
    page = client.get(at("group_channels", atlas)).content.decode()
    assert "own permissions" in page
    client.post(at("channel_follow", atlas, general), {"follows": "1"})
    assert not atlas.talk.memberships.active().filter(user=cast.bob).exists()
    client.post(at("category_privacy", atlas, other.pk), {"closed": "0"})
    assert atlas.talk.memberships.active().filter(user=cast.bob).exists()
    for url in (at("channel_privacy", atlas, general), at("channel_follow", atlas, general)):
        assert client.post(url, {"closed": "x", "follows": "x"}).status_code == 400
    assert client.post(at("channel_place", atlas, general), {"category": str(uuid4())}).status_code == 400
    client.post(at("channel_place", atlas, general), {"category": ""})
    assert of(atlas.general).category is None


def test_channels_and_categories_are_deleted_after_a_question(client: Client, alice: User, atlas: Community) -> None:
    category = atlas.group.categories.get()
    for name, key in (("channel_delete", atlas.general.pk), ("category_delete", category.pk)):
        assert client.get(at(name, atlas, key)).status_code == 200
    assert of(atlas.general).deleted_at is None
    assert client.post(at("category_delete", atlas, category.pk)).status_code == 302
    assert client.post(at("channel_delete", atlas, atlas.general.pk)).status_code == 302
    assert of(atlas.general).deleted_at is not None
    assert not Category.objects.exists()
    assert client.get(at("channel_settings", atlas, atlas.general.pk)).status_code == 404


def test_the_order_is_changed_by_buttons_and_by_scripts(client: Client, alice: User, atlas: Community) -> None:
    url = at("group_order", atlas)
    general, news, category = atlas.general.pk, atlas.announcements.pk, atlas.group.categories.get().pk
    answer = client.post(url, {"step": f"channel:{news}:up"})
    assert answer.headers["Location"].endswith(f"#channel-{news}")
    assert of(atlas.announcements).position < of(atlas.general).position
    wish = [[None, [str(news)]], [str(category), [str(general)]]]
    answer = client.post(url, {"order": json.dumps(wish)}, headers={"accept": "application/json"})
    assert answer.status_code == 204
    assert of(atlas.announcements).category is None
    part = client.get(at("group_channels", atlas), headers={"x-fragment": "channels"}).content.decode()
    assert part.lstrip().startswith("<channel-order") and str(news) in part


NO_ORDERS: list[dict[str, str]] = [
    {},
    {"order": "["},
    {"order": "{}"},
    {"order": "[1]"},
    {"order": "[[null]]"},
    {"order": '[["x", []]]'},
    {"order": "[[null, [1]]]"},
    {"order": "[[null, null]]"},
    {"order": "[" * 5000},
    {"order": json.dumps([[None, []]] * 102)},
    {"order": json.dumps([[None, [str(uuid4())] * 501]])},
    {"order": "x" * 100_000},
    {"step": "channel:1:up"},
    {"step": "group:00000000-0000-0000-0000-000000000000:up"},
    {"step": f"channel:{'-' * 36}:up"},
    {"step": f"channel:{uuid4()}:up", "order": "[]"},
]


def test_what_is_no_order_is_refused(client: Client, alice: User, atlas: Community) -> None:
    for fields in NO_ORDERS:
        assert client.post(at("group_order", atlas), fields).status_code == 400, fields


def test_unknown_places_are_not_found(client: Client, alice: User, atlas: Community) -> None:
    for fields in ({"step": f"channel:{uuid4()}:up"}, {"order": json.dumps([[None, [str(uuid4())]]])}):
        assert client.post(at("group_order", atlas), fields).status_code == 404


def test_permissions_are_shown_and_saved(client: Client, alice: User, cast: Cast, atlas: Community) -> None:
    url = at("channel_overrides", atlas, atlas.general.pk)
    page = client.get(url).content.decode()
    assert "@everyone" in page
    fields = {"was_allow": "0", "was_deny": "0", f"right-{int(Right.SEND)}": "deny", f"right-{int(Right.PIN)}": "allow"}
    answer = client.post(f"{url}?role={atlas.everyone.pk}", fields)
    assert answer.headers["Location"] == f"{url}?role={atlas.everyone.pk}"
    found = wishes_of(of(atlas.general))
    assert found == {Target("role", atlas.everyone.pk): (int(Right.PIN), int(Right.SEND))}
    page = client.get(answer.headers["Location"]).content.decode()
    assert re.search(rf'name="right-{int(Right.SEND)}" value="deny" checked', page)
    # An old page that shows nothing of it changes only what was changed on it.
    bob = atlas.member(cast.bob).pk
    client.post(
        f"{url}?role={atlas.everyone.pk}", {"was_allow": "0", "was_deny": "0", f"right-{int(Right.REACT)}": "deny"}
    )
    assert wishes_of(of(atlas.general))[Target("role", atlas.everyone.pk)].deny == int(Right.SEND | Right.REACT)
    client.post(f"{url}?member={bob}", {"was_allow": "0", "was_deny": "0", f"right-{int(Right.SEND)}": "allow"})
    page = client.get(url).content.decode()
    assert f"?member={bob}" in page
    client.post(f"{url}?member={bob}", {"remove": "1"})
    assert Target("member", bob) not in wishes_of(of(atlas.general))


def test_roles_and_members_are_found_and_the_unknown_is_not(
    client: Client, alice: User, cast: Cast, atlas: Community
) -> None:
    url = at("channel_overrides", atlas, atlas.general.pk)
    page = client.get(f"{url}?q=bo").content.decode()
    assert f"?member={atlas.member(cast.bob).pk}" in page
    assert f'<option value="{atlas.moderators.pk}">' in page
    assert "Nobody found" in client.get(f"{url}?q=charlie").content.decode()
    for query in (f"role={uuid4()}", f"member={uuid4()}", f"member={cast.bob.pk}"):
        assert client.get(f"{url}?{query}").status_code == 404
        assert client.post(f"{url}?{query}", {"was_allow": "0", "was_deny": "0", "right-1": "deny"}).status_code == 404
    for query in ("role=x", "member=1", "q=" + "x" * 81):
        assert client.get(f"{url}?{query}").status_code == 400
    for fields in (
        {},
        {"was_allow": "x", "was_deny": "0"},
        {"was_allow": "-1", "was_deny": "0"},
        {"was_allow": str(2**70), "was_deny": "0"},
        {"was_allow": "0", "was_deny": "0", "right-1": "always"},
    ):
        assert client.post(f"{url}?role={atlas.everyone.pk}", fields).status_code == 400


def test_who_lacks_a_right_cannot_choose_it(client: Client, cast: Cast, atlas: Community) -> None:
    more = Right.MANAGE_ROLES
    Role.objects.filter(pk=atlas.moderators.pk).update(permissions=int(atlas.moderators.permissions | more))
    high = Role.objects.create(group=atlas.group, name="High", position=top_position(atlas.group) + 1)
    sync_access(Scope(group=atlas.group.pk))
    client.force_login(cast.mod)
    assert client.get(at("group_channels", atlas)).status_code == 200
    url = at("channel_overrides", atlas, atlas.general.pk)
    page = client.get(url).content.decode()
    assert re.search(rf'name="right-{int(Right.PIN)}" value="allow" disabled', page)
    assert re.search(rf'name="right-{int(Right.SEND)}" value="allow">', page)
    fields = {"was_allow": "0", "was_deny": "0"}
    forged = {**fields, f"right-{int(Right.PIN)}": "allow"}
    assert client.post(f"{url}?role={atlas.everyone.pk}", forged).status_code == 403
    page = client.get(f"{url}?role={high.pk}").content.decode()
    assert re.search(rf'name="right-{int(Right.SEND)}" value="allow" disabled', page)
    assert re.search(rf'name="right-{int(Right.VIEW)}" value="allow">', page)
    assert client.post(f"{url}?role={high.pk}", {**fields, f"right-{int(Right.SEND)}": "deny"}).status_code == 403


def test_pages_stay_bounded_with_a_thousand_overrides(client: Client, alice: User, atlas: Community) -> None:
    roles = Role.objects.bulk_create(
        Role(group=atlas.group, name=f"role {number}", position=number + 2) for number in range(99)
    )
    from groups.models import Override

    channels = [create_channel(actor=alice, group_id=atlas.group.pk, name=f"c{number}") for number in range(10)]
    Override.objects.bulk_create(
        Override(channel=channel, role=role, deny=int(Right.SEND)) for channel in channels for role in roles
    )
    Channel.objects.update(is_synced=False)
    for url in (at("channel_overrides", atlas, channels[0].pk), at("group_channels", atlas)):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(url)
        assert len(queries) <= QUIET_ENOUGH
        assert len(answer.content) < 150_000
    url = at("channel_overrides", atlas, channels[0].pk)
    more = {"was_allow": "0", "was_deny": "0", f"right-{int(Right.REACT)}": "deny"}
    assert client.post(f"{url}?role={atlas.everyone.pk}", more).status_code == 302
    assert client.post(f"{url}?role={atlas.moderators.pk}", more).status_code == 403
    assert "at most 100" in client.get(url).content.decode()


def test_names_are_never_markup(client: Client, alice: User, cast: Cast, atlas: Community) -> None:
    texts = [text for text in XSS if "\x01" not in text and "\x0c" not in text]
    for text in texts[::6]:
        name = text[:100]
        category = create_category(actor=alice, group_id=atlas.group.pk, name=name)
        channel = create_channel(
            actor=alice, group_id=atlas.group.pk, name=name, topic=text[:300], category_id=category.pk
        )
        category.refresh_from_db()
        for url in (
            at("group_channels", atlas),
            at("channel_settings", atlas, channel.pk),
            at("channel_delete", atlas, channel.pk),
            at("channel_overrides", atlas, channel.pk),
            at("category_settings", atlas, category.pk),
            at("category_delete", atlas, category.pk),
        ):
            page = client.get(url).content.decode()
            for piece in (channel.conversation.title, channel.conversation.topic, category.name):
                if re.search(r"[<>]", piece):
                    assert piece not in page, url
        client.post(at("channel_delete", atlas, channel.pk))
        client.post(at("category_delete", atlas, category.pk))


def test_the_owner_sees_who_may_what_of_a_category(client: Client, alice: User, atlas: Community) -> None:
    category = atlas.group.categories.get()
    url = at("category_overrides", atlas, category.pk)
    client.post(
        f"{url}?role={atlas.everyone.pk}", {"was_allow": "0", "was_deny": "0", f"right-{int(Right.VIEW)}": "deny"}
    )
    reader = reader_of(standing_of(atlas.group, atlas.member(alice)))
    assert is_private(reader, wishes_of(category))
    assert "Private" in client.get(at("category_settings", atlas, category.pk)).content.decode()
    set_override(
        actor=alice,
        group_id=atlas.group.pk,
        kind="category",
        place_id=category.pk,
        target=Target("member", atlas.member(alice).pk),
        allow=int(Right.VIEW),
    )
    page = client.get(f"{url}?member={atlas.member(alice).pk}").content.decode()
    assert "counts for nothing" in page
