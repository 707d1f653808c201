"""Deny by default: whoever is not signed in reaches only what is listed here."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

# Every page strangers may see, by name.
PUBLIC = {
    "livez",
    "readyz",
    # a 404 to whoever may not read it
    "metrics",
    # programs show a token in the body
    "token_refresh",
    "token_revoke",
    "home",
    # the installed application: the same for everybody
    "manifest",
    "service_worker",
    "offline",
    "theme",
    "set_language",
    # the token in the letter is the right to
    "unsubscribe",
    # whoever knows the key of a picture was shown it
    "avatar",
    "group_icon",
    # public forums are read by everybody
    "post",
    "post_short",
    "post_history",
    "post_image",
    "forum_directory",
    # where the forum lets everybody read it
    "forum_log",
    "forum",
    "forum_all",
    "forum_search",
    "forums_search",
    "comment",
    "comment_history",
    "comments",
    "forum_adult",
    "forum_feed",
    # whoever has the key was given it
    "home_feed",
    "robots",
    "sitemap",
    "sitemap_forums",
    "sitemap_posts",
    "forum_about",
    "forum_icon",
    "forum_banner",
    "guest_enter",
    # whoever has the code was given it
    "invite",
    "account_login",
    "account_signup",
    "wallet_message",
    "wallet_login",
    "account_keep",
    "openid_connect_login",
    "openid_connect_callback",
    "socialaccount_login_cancelled",
    "account_logout",
    "account_inactive",
    "account_confirm_email",
    "account_email_verification_sent",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
}
KEYS = {"app_label": "chat", "object_id": "1", "content_type_id": 1, "uidb36": "1", "picture": "0" * 32}
# Sizes of pictures, as the patterns name them.
SIZES = re.compile(r"\(\?P<size>(\d+)")
SAMPLES = {"UUIDConverter": uuid.uuid4, "IntConverter": lambda: 1, "StringConverter": lambda: "someone"}


def patterns(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        else:
            yield f"{namespace}{entry.name or ''}", entry


def arguments(name: str) -> list[dict[str, Any]]:
    """The keyword arguments `name` may be reversed with."""
    resolver = get_resolver()
    for part in name.split(":")[:-1]:
        _prefix, resolver = resolver.namespace_dict[part]
    possible = resolver.reverse_dict.getlist(name.rsplit(":", maxsplit=1)[-1])
    found = []
    for choices, pattern, _defaults, converters in possible:
        for _text, keys in choices:
            found.append({key: sample(converters.get(key), key, pattern) for key in keys})
    return found


def sample(converter: object, key: str, pattern: str) -> Any:
    if key == "size" and (known := SIZES.search(pattern)):
        return known[1]
    make = SAMPLES.get(type(converter).__name__)
    if make:
        return make()
    return KEYS.get(key, "key")


def addresses() -> list[tuple[str, str]]:
    """Every page of the site as (name, path). Catch-alls without a name lead to the others."""
    found = []
    for name in sorted({name for name, _pattern in patterns(get_resolver()) if name and not name.endswith(":")}):
        found += [(name, reverse(name, kwargs=kwargs)) for kwargs in arguments(name)]
    return found


def asks_to_sign_in(answer: HttpResponseBase) -> bool:
    return answer.status_code == 302 and bool(
        re.match(r"/(accounts|admin)/login/(\?next=|$)", answer.headers["Location"])
    )


@pytest.mark.django_db
def test_every_page_asks_strangers_to_sign_in(client: Client) -> None:
    open_pages = {name for name, path in addresses() if not asks_to_sign_in(client.get(path))}
    assert open_pages - PUBLIC == set()


@pytest.mark.django_db
def test_every_deed_asks_strangers_to_sign_in(client: Client) -> None:
    open_pages = {name for name, path in addresses() if not asks_to_sign_in(client.post(path))}
    assert open_pages - PUBLIC == set()


@pytest.mark.django_db
def test_the_list_of_public_pages_names_nothing_else(client: Client) -> None:
    pages = addresses()
    closed = {name for name, path in pages if asks_to_sign_in(client.get(path)) and asks_to_sign_in(client.post(path))}
    assert closed & PUBLIC == set()
    assert PUBLIC - {name for name, _path in pages} == set()


def test_there_are_pages_to_look_at() -> None:
    assert len(addresses()) > 60
