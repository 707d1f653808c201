"""Which browser on which system: read from what it says of itself, which may be anything."""

from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext as _


class Agent(NamedTuple):
    """Names as people know them; "" where nothing is known."""

    browser: str
    system: str
    is_phone: bool


@lru_cache(maxsize=2000)
def agent_of(user_agent: str) -> Agent:
    """What is known of who calls itself so."""
    from ua_parser import parse  # noqa: PLC0415 -- its patterns take a while to load

    found = parse(user_agent[:400])
    browser = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    return Agent(_plain(browser), _plain(system), system in {"Android", "iOS"})


def _plain(family: str) -> str:
    """Without what a visitor does not care for: "Chrome Mobile iOS" is Chrome, "Mac OS X" is macOS."""
    if family in {"Other", "Mac OS X"}:
        return "" if family == "Other" else "macOS"
    return family.removesuffix(" WebView").removesuffix(" iOS").removesuffix(" Mobile").removeprefix("Mobile ")


def device_name(user_agent: str) -> str:
    """ "Firefox on Windows", in the language of the moment."""
    agent = agent_of(user_agent)
    if agent.browser and agent.system:
        return _("%(browser)s on %(system)s") % {"browser": agent.browser, "system": agent.system}
    return agent.browser or agent.system or _("Unknown browser")
