"""Taking one's data along: what is in the ZIP and what is not, how it is made, offered and taken back."""

import io
import json
import os
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts import export
from accounts.actions.exports import build_export, delete_exports, find_export, request_export, tidy_exports
from accounts.actions.signup import register_person
from accounts.actions.tokens import make_token
from accounts.actions.wallets import link_wallet
from accounts.background import claim, perform
from accounts.models import Export, Friendship, Notification, Setting, User
from chat.actions.change import add_reaction, delete_message, edit_message
from chat.actions.membership import leave_conversation
from chat.models import Conversation, Membership
from chatter.core.errors import NotFound, Refused
from tests.cast import Cast, make_cast, say
from tests.factories import make_person
from tests.wallet_keys import WalletKey

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def made(person: User) -> Export:
    """An export, made as the worker would."""
    row = request_export(person=person)
    build_export.call(str(row.pk))
    row.refresh_from_db()
    assert row.state == Export.State.READY
    return row


def contents(row: Export) -> dict[str, Any]:
    with default_storage.open(row.file) as file, zipfile.ZipFile(io.BytesIO(file.read())) as archive:
        assert archive.testzip() is None
        texts = {name: archive.read(name) for name in archive.namelist()}
    return {name: json.loads(text) if name.endswith(".json") else text for name, text in texts.items()}


def test_everything_that_is_mine(cast: Cast) -> None:
    alice = cast.alice
    Setting.objects.create(user=alice, key="theme", value="dark")
    EmailAddress.objects.create(user=alice, email="alice@example.org", primary=True, verified=True)
    link_wallet(person=alice, address=WalletKey("a").plain)
    token = make_token(person=alice, name="Robot", scope="read")
    said = say(alice, cast.group, "Where are the maps?")
    edit_message(editor=alice, message_id=said.id, content="Where are my maps?")
    gone = say(alice, cast.direct, "Forget this")
    delete_message(actor=alice, message_id=gone.id)
    add_reaction(person=alice, message_id=say(cast.bob, cast.group, "Secret of Bob").id, emoji="👍")
    Membership.objects.filter(user=alice, conversation=cast.group).update(draft="Not said yet")
    found = contents(made(alice))
    assert found["profile.json"]["username"] == "alice"
    assert found["profile.json"]["email_addresses"][0]["email"] == "alice@example.org"
    assert found["settings.json"]["settings"] == {"theme": "dark"}
    assert found["settings.json"]["privacy"]["message"] == "everyone"
    assert [row["username"] for row in found["contacts.json"]] == ["bob"]
    assert [row["username"] for row in found["blocks.json"]] == ["mallory"]
    assert found["ways_in.json"]["wallets"][0]["address"] == WalletKey("a").plain
    assert found["ways_in.json"]["programs"][0]["name"] == "Robot"
    first, second = found["messages.json"]
    assert {first["content"], second["content"]} == {"Where are my maps?", ""}
    assert {row["said_before"][0]["content"] for row in (first, second)} == {"Where are the maps?", "Forget this"}
    assert {row["conversation"]["title"] for row in (first, second)} == {"Cartographers", "Bob"}
    assert [row["emoji"] for row in found["reactions.json"]] == ["👍"]
    assert [row["draft"] for row in found["drafts.json"]] == ["Not said yet"]
    assert len(found["conversations.json"]) == 3
    assert b"messages.json" in found["index.html"]
    everything = json.dumps({name: value for name, value in found.items() if name.endswith(".json")})
    for secret in (token.access_token, token.refresh_token, alice.password, "Secret of Bob"):
        assert secret not in everything


def test_the_picture_is_in_it(cast: Cast) -> None:
    from accounts.actions.pictures import file_of

    User.objects.filter(pk=cast.alice.pk).update(avatar="ab" * 16)
    default_storage.save(file_of("ab" * 16, 512), ContentFile(b"picture"))
    assert contents(made(cast.alice))["files/picture.webp"] == b"picture"


def test_a_silent_no_stays_silent(cast: Cast) -> None:
    Friendship.objects.create(requester=cast.alice, addressee=cast.charlie, state="declined")
    states = {row["username"]: row["state"] for row in contents(made(cast.alice))["contacts.json"]}
    assert states["charlie"] == "pending"
    assert "alice" not in {row["username"] for row in contents(made(cast.charlie))["contacts.json"]}


def test_nothing_is_left_out_where_much_was_said(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.export.STRIDE", 3)
    monkeypatch.setattr("chat.export.CHUNK", 2)
    for number in range(11):
        message = say(cast.alice if number % 2 else cast.bob, cast.group, f"Number {number}")
        add_reaction(person=cast.alice, message_id=message.id, emoji="👍")
    found = contents(made(cast.alice))
    assert [row["content"] for row in found["messages.json"]] == [f"Number {number}" for number in range(1, 11, 2)]
    assert len(found["reactions.json"]) == 11


def test_it_does_not_tell_whether_another_account_has_the_address() -> None:
    make_person(username="owner", email="taken@example.org")
    told = []
    for name, email in (("one", "taken@example.org"), ("two", "free@example.org")):
        person = register_person(username=name, email=email, password="long-and-unlike-7")
        profile = contents(made(person))["profile.json"]
        told.append({key: str(profile[key]).replace(email, "") for key in ("email", "email_addresses")})
    assert told[0] == told[1]


def test_hostile_words_stay_words(cast: Cast) -> None:
    User.objects.filter(pk=cast.alice.pk).update(display_name="<script>alert(1)</script>")
    say(cast.alice, cast.group, "../../../etc/passwd </script>")
    found = contents(made(cast.alice))
    assert b"<script>" not in found["index.html"]
    assert not any(".." in name or name.startswith("/") for name in found)


def test_other_applications_bring_theirs(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_collectors", dict(export._collectors))
    export.register("maps", lambda person, archive: archive.add("maps", "Maps", [person.username]))
    assert contents(made(cast.alice))["maps.json"] == ["alice"]


def test_one_at_a_time_and_not_without_end() -> None:
    alice = make_person()
    request_export(person=alice)
    with pytest.raises(Refused):
        request_export(person=alice)
    for _time in range(4):
        Export.objects.update(state=Export.State.READY)
        request_export(person=alice)
    Export.objects.update(state=Export.State.READY)
    with pytest.raises(Refused) as refused:
        request_export(person=alice)
    assert refused.value.code == "rate_limited"
    with pytest.raises(Refused):
        request_export(person=make_person(is_guest=True))


def test_when_it_is_ready_they_are_told() -> None:
    alice = make_person()
    row = made(alice)
    told = Notification.objects.get(recipient=alice, kind="system")
    assert told.payload["event"] == "export_ready"
    assert row.expires_at is not None
    assert timedelta(days=6) < row.expires_at - timezone.now() <= timedelta(days=7)


def test_the_worker_makes_it() -> None:
    row = request_export(person=make_person())
    task = claim("default", "worker")
    assert task is not None
    assert perform(task)
    row.refresh_from_db()
    assert (row.state, row.progress) == (Export.State.READY, 100)


def test_a_worker_that_died_over_it_leaves_nothing_stuck() -> None:
    row = request_export(person=make_person())
    Export.objects.update(state=Export.State.RUNNING, progress=40)
    build_export.call(str(row.pk))
    row.refresh_from_db()
    assert row.state == Export.State.READY
    file = row.file
    build_export.call(str(row.pk))
    row.refresh_from_db()
    assert row.file == file


def test_one_that_nobody_works_on_any_more_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    row = request_export(person=make_person())
    tidy_exports()
    row.refresh_from_db()
    assert row.state == Export.State.WAITING
    DBTaskResult.objects.update(status="FAILED")
    tidy_exports()
    row.refresh_from_db()
    assert row.state == Export.State.FAILED
    request_export(person=row.user)


def test_one_that_fails_leaves_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(_person: User, _archive: Any) -> None:
        raise OSError("no")

    monkeypatch.setattr(export, "_collectors", {"bad": fail})
    row = request_export(person=make_person())
    with pytest.raises(OSError, match="no"):
        build_export.call(str(row.pk))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_after_a_week_it_is_gone() -> None:
    alice = make_person()
    row = made(alice)
    assert find_export(person=alice, export_id=row.pk) == row
    Export.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(NotFound):
        find_export(person=alice, export_id=row.pk)
    tidy_exports()
    assert not default_storage.exists(row.file)
    Export.objects.update(created_at=timezone.now() - timedelta(days=31))
    tidy_exports()
    assert not Export.objects.exists()


def test_a_file_that_no_row_names_goes() -> None:
    """The worker died between writing it and saying so."""
    kept = made(make_person())
    for name, days in (("old", 2), ("new", 0)):
        default_storage.save(f"exports/{name}.zip", ContentFile(b"personal"))
        at = (timezone.now() - timedelta(days=days)).timestamp()
        os.utime(default_storage.path(f"exports/{name}.zip"), (at, at))
    os.utime(default_storage.path(kept.file), (0, 0))
    tidy_exports()
    assert not default_storage.exists("exports/old.zip")
    assert default_storage.exists("exports/new.zip") and default_storage.exists(kept.file)


def test_what_a_place_is_called_since_they_left_is_not_in_it(cast: Cast) -> None:
    say(cast.bob, cast.group, "I am off")
    leave_conversation(person=cast.bob, conversation_id=cast.group.pk)
    Conversation.objects.filter(pk=cast.group.pk).update(title="Surprise for Bob")
    told = contents(made(cast.bob))
    assert "I am off" in str(told) and "Surprise" not in str(told)


def test_taking_back_all_of_them() -> None:
    alice, bob = make_person(), make_person()
    mine, theirs = made(alice), made(bob)
    delete_exports(person=alice)
    assert not default_storage.exists(mine.file)
    assert default_storage.exists(theirs.file)
    assert Export.objects.get() == theirs


# --- The page ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def alice() -> User:
    return make_person(username="alice")


def log_in(client: Client, person: User) -> None:
    """By password: that confirms that it is the person."""
    client.post("/accounts/login/", {"login": person.username, "password": f"secret-of-{person.username}"})


def test_ask_wait_and_download_without_scripts(client: Client, alice: User) -> None:
    log_in(client, alice)
    assert client.post("/settings/data/export/").status_code == 302
    assert "<progress" in client.get("/settings/data/").content.decode()
    row = Export.objects.get()
    assert client.get(f"/settings/data/export/{row.pk}/").status_code == 404
    build_export.call(str(row.pk))
    assert f"/settings/data/export/{row.pk}/" in client.get("/settings/data/").content.decode()
    answer = client.get(f"/settings/data/export/{row.pk}/")
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer.headers["Cache-Control"] or "no-cache" in answer.headers["Cache-Control"]
    assert zipfile.ZipFile(io.BytesIO(b"".join(answer))).testzip() is None


def test_the_download_asks_to_confirm_first(client: Client, alice: User) -> None:
    row = made(alice)
    client.force_login(alice)
    assert "reauthenticate" in client.get(f"/settings/data/export/{row.pk}/").headers["Location"]


def test_nobody_downloads_the_data_of_others(client: Client, alice: User) -> None:
    row = made(alice)
    mallory = make_person(username="mallory", is_superuser=True, is_staff=True)
    log_in(client, mallory)
    assert client.get(f"/settings/data/export/{row.pk}/").status_code == 404
    client.logout()
    assert client.get(f"/settings/data/export/{row.pk}/").status_code == 302


def test_a_file_that_is_missing_is_missing(client: Client, alice: User) -> None:
    row = made(alice)
    default_storage.delete(row.file)
    log_in(client, alice)
    assert client.get(f"/settings/data/export/{row.pk}/").status_code == 404


def test_what_the_page_costs(client: Client, alice: User, django_assert_max_num_queries: Any) -> None:
    for _time in range(3):
        made(alice)
    client.force_login(alice)
    client.get("/settings/data/")
    with django_assert_max_num_queries(14):
        assert client.get("/settings/data/").status_code == 200


def test_guests_take_nothing_along(client: Client) -> None:
    """They keep their account for that."""
    client.force_login(make_person(is_guest=True))
    assert "/settings/data/export/" not in client.get("/settings/data/").content.decode()
    client.post("/settings/data/export/")
    assert not Export.objects.exists()
