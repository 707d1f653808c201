"""The administration in a browser: axe finds nothing in either theme, the console stays silent, hostile words do nothing."""

from typing import Literal

import pytest
from playwright.sync_api import Browser

from accounts.models import User
from chat.actions.conversation import join_lobby
from tests.axe import violations
from tests.cast import make_cast, say
from tests.corpus import XSS
from tests.factories import make_person
from tests.servers import Address, SignedIn

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_accessible_and_words_stay_words(
    browser: Browser, site: Address, signed_in: SignedIn, theme: Literal["light", "dark"]
) -> None:
    cast = make_cast()
    root = make_person(username="root_", is_staff=True, is_superuser=True)
    join_lobby(person=root)
    for text in XSS[:30]:
        said = say(cast.alice, cast.lobby, text)
    User.objects.filter(pk=cast.bob.pk).update(display_name=XSS[0], bio="\n".join(XSS)[:1000])
    context = browser.new_context(base_url=site.url, color_scheme=theme)
    cookies = signed_in(root)
    context.add_cookies([{"name": name, "value": text, "url": site.url} for name, text in cookies.items()])
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    for path in (
        "/admin/",
        "/admin/accounts/user/",
        f"/admin/accounts/user/{cast.bob.pk}/change/",
        "/admin/chat/message/",
        f"/admin/chat/message/{said.id}/change/",
    ):
        page.goto(path)
        found = violations(page)
        assert not found, (path, [(one["id"], [node["target"] for node in one["nodes"]]) for one in found])
    context.close()
    assert complaints == []
