"""Who enters the administration, by which door, and what its pages may load."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from chatter.core.administration import ReadOnlyAdmin, RecordAdmin
from tests.admin.conftest import tables
from tests.factories import make_person

pytestmark = pytest.mark.django_db


def test_strangers_are_sent_to_the_sites_own_door() -> None:
    assert Client().get("/admin/", follow=True).redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"
    door = Client().get("/admin/login/?next=/admin/")
    assert door["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    assert Client().post("/admin/login/", {"username": "root_", "password": "x"}).status_code == 302, "no second door"


def test_members_are_told_that_they_may_not() -> None:
    browser = Client()
    browser.force_login(make_person(username="alice"))
    assert browser.get("/admin/", follow=True).status_code == 403
    assert browser.get("/admin/accounts/user/", follow=True).status_code == 403


def test_a_suspended_superuser_is_out(office: Client, root: User) -> None:
    User.objects.filter(pk=root.pk).update(is_active=False)
    assert office.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/")


def test_staff_see_what_they_were_given_and_nothing_else() -> None:
    clerk = make_person(username="clerk", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="view_user"))
    browser = Client()
    browser.force_login(clerk)
    page = browser.get("/admin/").content.decode()
    assert "/admin/accounts/user/" in page
    assert "/admin/chat/message/" not in page
    assert browser.get("/admin/chat/message/").status_code == 403


def test_every_table_of_people_and_talk_is_there() -> None:
    expected = {"user", "friendship", "block", "device", "apitoken", "setting", "formername", "wallet", "export"} | {
        *(
            "worker",
            "delivery",
            "pushsubscription",
            "scheduledjob",
            "notification",
            "occasion",
            "quietexception",
            "report",
            "auditentry",
        ),
    }
    expected |= {"conversation", "membership", "message", "messagerevision", "change", "reaction", "mention"}
    expected |= {"group", "category", "channel", "role", "member", "override", "invite", "inviteuse", "ban", "purge"}
    expected |= {"groupday", "channelday"}
    names = {label.split(".")[1] for label in tables() if label.split(".")[0] in {"accounts", "chat", "groups"}}
    assert names == expected
    for model, table in admin.site._registry.items():
        assert isinstance(table, RecordAdmin), f"{model} is not one of ours"
        assert table.search_fields, f"{model} cannot be searched"
        assert table.show_full_result_count is False


def test_history_cannot_be_added_to_changed_or_deleted(office: Client) -> None:
    for name in ("message", "messagerevision", "change", "reaction", "mention", "membership"):
        assert isinstance(admin.site._registry[_model(name)], ReadOnlyAdmin), name
        assert office.get(f"/admin/chat/{name}/add/").status_code == 403, name


def _model(name: str) -> type:
    return next(model for model in admin.site._registry if model._meta.label_lower == f"chat.{name}")


def test_every_list_opens_and_keeps_a_policy(office: Client) -> None:
    for label, address in tables().items():
        answer = office.get(address)
        assert answer.status_code == 200, label
        policy = answer["Content-Security-Policy"]
        assert "script-src 'self' 'unsafe-eval';" in policy + ";", label
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy


def test_pages_outside_keep_the_strict_policy(office: Client) -> None:
    for path in ("/people/root_/", "/settings/profile/", "/admin/no-such-page/"):
        assert "unsafe" not in office.get(path)["Content-Security-Policy"], path


def test_no_address_tells_which_hidden_rows_exist(office: Client) -> None:
    assert office.get(f"/admin/r/1/{'0' * 8}-0000-0000-0000-{'0' * 12}/").status_code == 404
    assert not any(str(pattern.pattern).startswith("r/") for pattern in admin.site.get_urls())


def test_passwords_are_changed_at_the_sites_own_page(office: Client) -> None:
    assert office.get("/admin/password_change/")["Location"] == reverse("account_change_password")
