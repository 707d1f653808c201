"""Pictures of people: what is written where, what is left when something fails, who may fetch them, who hears of a new one."""

import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.actions import pictures
from accounts.actions.pictures import change_picture, delete_files, file_of, remove_picture, sweep_pictures
from accounts.actions.profile import update_profile
from accounts.actions.signup import enter_as_guest
from accounts.models import User
from accounts.models.user import AVATAR_SIZES
from chatter.core import pictures as core_pictures
from chatter.core.errors import Refused
from chatter.core.events import PersonChanged
from chatter.core.images import Crop
from tests.factories import make_person

pytestmark = pytest.mark.django_db


def picture(colour: str = "red", size: tuple[int, int] = (300, 200), kind: str = "PNG") -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def alice(client: Client) -> User:
    person: User = make_person(username="alice", display_name="Alice Moreau")
    client.force_login(person)
    return person


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    events: list[Any] = []
    monkeypatch.setattr(pictures, "publish", events.append)
    return events


def files_in(media: Path) -> list[str]:
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


def files_for(*keys: str) -> list[str]:
    return sorted(file_of(key, size) for key in keys for size in AVATAR_SIZES)


def post(client: Client, upload: bytes, name: str = "me.png", **more: Any) -> Any:
    file = SimpleUploadedFile(name, upload, content_type="image/png")
    headers = {"accept": "application/json"} if more.pop("json", False) else {}
    return client.post("/settings/profile/picture/", {"picture": file, **more}, headers=headers)


Committed = Callable[..., Any]


def test_a_picture_has_three_sizes_under_a_key_of_its_own(
    alice: User, media: Path, told: list[Any], django_capture_on_commit_callbacks: Committed
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        change_picture(person=alice, upload=picture())
    key = User.objects.get(pk=alice.pk).avatar
    assert len(key) == 32
    assert alice.avatar == key
    assert files_in(media) == files_for(key)
    assert {Image.open(BytesIO((media / name).read_bytes())).size[0] for name in files_in(media)} == set(AVATAR_SIZES)
    assert [event.avatar for event in told] == [f"/avatars/{key}-128.webp"]


def test_a_new_picture_takes_the_place_of_the_old(
    alice: User, media: Path, told: list[Any], django_capture_on_commit_callbacks: Committed
) -> None:
    keys = []
    for colour in ("red", "blue"):
        with django_capture_on_commit_callbacks(execute=True):
            change_picture(person=alice, upload=picture(colour))
        keys.append(alice.avatar)
    assert keys[0] != keys[1]
    assert files_in(media) == files_for(keys[1])
    with django_capture_on_commit_callbacks(execute=True):
        remove_picture(person=alice)
    assert (User.objects.get(pk=alice.pk).avatar, files_in(media)) == ("", [])
    remove_picture(person=alice)
    assert [bool(event.avatar) for event in told] == [True, True, False]


def test_old_files_stay_until_the_new_ones_are_certain(alice: User, media: Path) -> None:
    change_picture(person=alice, upload=picture())
    old = alice.avatar
    change_picture(person=alice, upload=picture("blue"))
    assert files_in(media) == files_for(old, alice.avatar), "nothing is committed in this test"


def test_a_refused_upload_writes_nothing(alice: User, media: Path, told: list[Any]) -> None:
    for upload in (b"", b"<svg/>", picture()[:60]):
        with pytest.raises(Refused):
            change_picture(person=alice, upload=upload)
    with pytest.raises(Refused):
        change_picture(person=alice, upload=picture(), crop=Crop(200, 0, 200))
    assert (files_in(media), User.objects.get(pk=alice.pk).avatar, told) == ([], "", [])


def test_files_of_a_write_that_failed_are_gone(
    alice: User, media: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Committed
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        change_picture(person=alice, upload=picture())
    kept, real = alice.avatar, default_storage.save

    def full(name: str, content: Any) -> str:
        if "-512" in name:
            raise OSError("no space left")
        return real(name, content)

    with monkeypatch.context() as broken:
        broken.setattr(default_storage, "save", full)
        with pytest.raises(OSError, match="no space"):
            change_picture(person=alice, upload=picture("blue"))
    assert files_in(media) == files_for(kept)

    def fails(_person: User) -> None:
        raise IntegrityError

    with monkeypatch.context() as broken:
        broken.setattr(pictures, "tell_changed", fails)
        with pytest.raises(IntegrityError):
            change_picture(person=alice, upload=picture("blue"))
    assert files_in(media) == files_for(kept)
    assert User.objects.get(pk=alice.pk).avatar == kept


@pytest.mark.django_db(transaction=True)
def test_of_two_pictures_at_once_one_is_left(alice: User, media: Path) -> None:
    people = [User.objects.get(pk=alice.pk) for _each in range(4)]
    together, failures = threading.Barrier(len(people)), []

    def change(person: User) -> None:
        try:
            together.wait()
            change_picture(person=person, upload=picture())
        except Exception as error:  # noqa: BLE001
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert files_in(media) == files_for(User.objects.get(pk=alice.pk).avatar)


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_keeps_the_old_files(alice: User, media: Path) -> None:
    change_picture(person=alice, upload=picture())
    key = alice.avatar
    with transaction.atomic():
        remove_picture(person=alice)
        transaction.set_rollback(True)
    assert files_in(media) == files_for(key)
    assert User.objects.get(pk=alice.pk).avatar == key


def test_what_was_left_behind_is_swept(alice: User, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change_picture(person=alice, upload=picture())
    for size in AVATAR_SIZES:
        default_storage.save(file_of("0" * 32, size), BytesIO(b"orphan"))
    default_storage.save("avatars/00/notes.txt", BytesIO(b"somebody's"))
    assert sweep_pictures() == 0, "they may be on their way to somebody"
    monkeypatch.setattr(core_pictures, "ORPHANED_AFTER", -core_pictures.ORPHANED_AFTER)
    assert sweep_pictures() == 1
    assert files_in(media) == sorted([*files_for(alice.avatar), "avatars/00/notes.txt"])


def test_sweeping_an_empty_storage_is_no_mistake() -> None:
    assert sweep_pictures() == 0


def test_a_file_that_cannot_be_deleted_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_name: str) -> None:
        raise OSError("away")

    monkeypatch.setattr(default_storage, "delete", away)
    delete_files("0" * 32)


def test_guests_have_initials(client: Client, media: Path) -> None:
    guest = enter_as_guest(name="Zoë")
    with pytest.raises(Refused):
        change_picture(person=guest, upload=picture())
    client.force_login(guest)
    post(client, picture())
    assert files_in(media) == []


def test_so_many_an_hour(alice: User, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core_pictures, "squares_of", lambda *_args: dict.fromkeys(AVATAR_SIZES, b"file"))
    for _each in range(pictures.PER_HOUR):
        change_picture(person=alice, upload=b"")
    with pytest.raises(Refused) as refused:
        change_picture(person=alice, upload=b"")
    assert refused.value.code == "rate_limited"


def test_any_storage_will_do(settings: Any, client: Client, alice: User) -> None:
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    change_picture(person=alice, upload=picture())
    assert client.get(alice.avatar_url).status_code == 200


# --- the pages ---------------------------------------------------------------------------------------------------------


def test_the_form_of_the_page_changes_and_removes(client: Client, alice: User, media: Path) -> None:
    answer = post(client, picture())
    assert answer["Location"] == "/settings/profile/"
    key = User.objects.get(pk=alice.pk).avatar
    assert key
    page = client.get("/settings/profile/").content.decode()
    assert key in page
    assert "This is your picture now." in page
    assert client.post("/settings/profile/picture/remove/")["Location"] == "/settings/profile/"
    assert User.objects.get(pk=alice.pk).avatar == ""


def test_scripts_get_the_address(client: Client, alice: User) -> None:
    answer = post(client, picture(size=(400, 300)), json=True, left=100, top=0, side=300)
    key = User.objects.get(pk=alice.pk).avatar
    assert answer.json()["avatar"] == f"/avatars/{key}-128.webp"
    assert answer.json()["large"] == f"/avatars/{key}-512.webp"
    removed = client.post("/settings/profile/picture/remove/", headers={"accept": "application/json"})
    assert removed.json()["avatar"] == ""


@pytest.mark.parametrize(
    ("upload", "more"),
    [
        (b"", {}),
        (b"<svg/>", {}),
        (picture(), {"left": "1"}),
        (picture(), {"left": "x", "top": "0", "side": "10"}),
        (picture(), {"left": "0", "top": "0", "side": "9" * 5000}),
        (picture(), {"left": "-1", "top": "0", "side": "10"}),
        (picture(), {"left": "0", "top": "0", "side": "201"}),
    ],
)
def test_what_is_wrong_is_said_in_both_ways(client: Client, alice: User, media: Path, upload: bytes, more: Any) -> None:
    answer = post(client, upload, json=True, **more)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "invalid"
    words = answer.json()["error"]["message"]
    assert post(client, upload, **more)["Location"] == "/settings/profile/"
    page = client.get("/settings/profile/")
    assert words in {str(message) for message in page.context["messages"]}
    assert files_in(media) == []


def test_a_form_without_a_file_is_told_so(client: Client, alice: User) -> None:
    answer = client.post("/settings/profile/picture/", headers={"accept": "application/json"})
    assert answer.json()["error"]["message"] == "Choose a picture first."


def test_names_of_files_and_people_touch_no_path(client: Client, alice: User, media: Path) -> None:
    User.objects.filter(pk=alice.pk).update(username="-_-")
    for name in ("../../../etc/passwd.png", "..\\..\\x.png", "x\0.png", "<b>.png", "a/b.png"):
        assert post(client, picture(), name=name).status_code == 302
    key = User.objects.get(pk=alice.pk).avatar
    assert set(files_for(key)) <= set(files_in(media))
    assert all(name.startswith("avatars/") for name in files_in(media))


def test_nobody_changes_the_picture_of_somebody_else(client: Client, alice: User) -> None:
    bob = make_person(username="bob")
    post(client, picture(), person=str(bob.pk), username="bob")
    assert User.objects.get(pk=bob.pk).avatar == ""
    assert User.objects.get(pk=alice.pk).avatar


def test_a_form_from_elsewhere_is_refused(alice: User, media: Path) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(alice)
    assert post(careful, picture()).status_code == 403
    assert careful.post("/settings/profile/picture/remove/").status_code == 403
    assert files_in(media) == []


# --- serving -----------------------------------------------------------------------------------------------------------


def test_a_picture_is_served_to_anybody_and_kept(alice: User, django_assert_num_queries: Any) -> None:
    change_picture(person=alice, upload=picture())
    visitor = Client()
    for size in AVATAR_SIZES:
        with django_assert_num_queries(0):
            answer = visitor.get(f"/avatars/{alice.avatar}-{size}.webp")
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
        assert Image.open(BytesIO(answer.content)).size == (size, size)
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert not answer.cookies
        assert "Cookie" not in answer.get("Vary", "")


def test_serving_asks_for_nobody_when_somebody_is_signed_in(
    client: Client, alice: User, django_assert_num_queries: Any
) -> None:
    change_picture(person=alice, upload=picture())
    with django_assert_num_queries(0):
        assert client.get(alice.avatar_url).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        f"/avatars/{'0' * 32}-64.webp",
        f"/avatars/{'0' * 32}-65.webp",
        f"/avatars/{'0' * 31}-64.webp",
        f"/avatars/{'0' * 33}-64.webp",
        f"/avatars/{'A' * 32}-64.webp",
        f"/avatars/{'0' * 32}-64.png",
        f"/avatars/{'0' * 32}-64.webp/",
        f"/avatars/{'0' * 32}-64.webp%0a",
        f"/avatars/{'0' * 32}-64.webp%00",
        f"/avatars/{'٠' * 32}-64.webp",
        "/avatars/../settings.py",
        "/avatars/..%2f..%2fsettings.py",
        "/avatars/%2e%2e/%2e%2e/secret_key",
        "/avatars/....//....//secret_key-64.webp",
        "/avatars/",
        "/media/avatars/",
    ],
)
def test_anything_else_is_not_found(client: Client, alice: User, media: Path, path: str) -> None:
    (media / "avatars").mkdir(parents=True)
    (media / "secret_key").write_text("secret", encoding="utf-8")
    answer = client.get(path)
    assert answer.status_code == 404
    assert "immutable" not in answer.get("Cache-Control", "")
    assert "secret" not in answer.content.decode()


def test_a_removed_picture_is_not_found(
    client: Client, alice: User, django_capture_on_commit_callbacks: Committed
) -> None:
    change_picture(person=alice, upload=picture())
    address = alice.avatar_url
    with django_capture_on_commit_callbacks(execute=True):
        remove_picture(person=alice)
    assert client.get(address).status_code == 404


def test_nothing_is_written_through_the_address_of_a_picture(client: Client, alice: User) -> None:
    change_picture(person=alice, upload=picture())
    for method in (client.post, client.put, client.delete):
        assert method(alice.avatar_url).status_code == 405


def test_the_address_is_the_one_of_the_model(alice: User) -> None:
    assert reverse("avatar", args=["0" * 32, 512]) == f"/avatars/{'0' * 32}-512.webp"


def test_a_deleted_person_has_no_picture(alice: User) -> None:
    alice.avatar = "0" * 32
    alice.deleted_at = alice.created_at
    assert alice.avatar_url == ""


# --- who hears of it ---------------------------------------------------------------------------------------------------


def test_a_new_name_is_told_and_the_same_name_is_not(alice: User, told: list[Any]) -> None:
    update_profile(person=alice, display_name="Alice M.", bio="Maps")
    update_profile(person=alice, display_name=" Alice  M. ", bio="More maps")
    update_profile(person=alice, display_name="")
    assert [(event.display_name, event.initials) for event in told] == [("Alice M.", "AM"), ("alice", "A")]
    [lobby] = told[0].conversations
    assert told[0] == PersonChanged(
        user=alice.pk, username="alice", display_name="Alice M.", initials="AM", avatar="", conversations=(lobby,)
    )
