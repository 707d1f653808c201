"""What forums tell machines: heads of pages, feeds, site maps. Nothing of a private forum, nothing that a text breaks out of."""

import json
import re
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import timezone

from chatter.core import page_cache
from chatter.core.errors import NotFound
from forums.actions.members import admit_member, part_member
from forums.actions.posts import create_post
from forums.models import FeedKey, Forum, Member, Post
from forums.web import feeds, sitemaps
from tests.cast import Cast
from tests.corpus import XSS
from tests.forums.cast import Place

pytestmark = pytest.mark.django_db

ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAPS = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def parsed(xml: str | bytes) -> ET.Element:
    return ET.fromstring(xml)  # noqa: S314 -- made by ourselves


def close(forum: Forum) -> None:
    Forum.objects.filter(pk=forum.pk).update(is_public=False)


def titles(feed: str | bytes) -> list[str | None]:
    return [entry.findtext("a:title", namespaces=ATOM) for entry in parsed(feed).iterfind("a:entry", ATOM)]


def meta(html: str, name: str) -> list[str]:
    return re.findall(rf'<meta (?:property|name)="{re.escape(name)}" content="([^"]*)">', html)


def test_a_post_says_what_it_is(maps: Place, client: Client) -> None:
    html = client.get("/f/maps/1/", follow=True).content.decode()
    url = "http://localhost/f/maps/1/fountains-of-the-city/"
    assert re.findall(r'<link rel="canonical" href="([^"]*)">', html) == [url]
    assert meta(html, "og:title") == ["Fountains of the city"]
    assert meta(html, "og:description") == ["All eleven of them."]
    assert meta(html, "robots") == []
    said = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)[0])
    assert said["@type"] == "DiscussionForumPosting"
    assert (said["headline"], said["author"]["name"], said["url"]) == ("Fountains of the city", "Bob", url)
    assert {each["interactionType"] for each in said["interactionStatistic"]} == {
        "https://schema.org/CommentAction",
        "https://schema.org/LikeAction",
    }


def test_hidden_scores_are_in_no_head(maps: Place, client: Client) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(scores_hidden_minutes=60)
    assert "LikeAction" not in client.get("/f/maps/1/", follow=True).content.decode()


def test_no_title_breaks_out_of_head_or_feed(maps: Place, client: Client) -> None:
    elements = client.get("/f/maps/1/", follow=True).content.decode().count("<script")
    for markup in XSS:
        title = markup[:300].strip()
        Post.objects.filter(pk=maps.post.pk).update(title=title)
        html = client.get("/f/maps/1/", follow=True).content.decode()
        script = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
        assert json.loads(script[0])["headline"] == title[:110]
        assert html.count("<script") == elements
        assert titles(client.get("/f/maps/feed.atom").content) == [feeds.readable(title)]


def test_what_is_covered_or_gone_is_in_no_head_and_no_feed(cast: Cast, maps: Place, client: Client) -> None:
    Post.objects.filter(pk=maps.post.pk).update(is_spoiler=True)
    html = client.get("/f/maps/1/", follow=True).content.decode()
    assert meta(html, "og:description") == []
    assert "eleven" not in html[: html.index("<body")]
    assert "eleven" not in client.get("/f/maps/feed.atom").content.decode()
    Post.objects.filter(pk=maps.post.pk).update(is_spoiler=False, removed_at=timezone.now())
    html = client.get("/f/maps/1/", follow=True).content.decode()
    assert meta(html, "robots") == ["noindex"]
    assert "Fountains" not in html
    assert titles(client.get("/f/maps/feed.atom").content) == []


def test_a_feed_holds_the_newest_with_whole_addresses(cast: Cast, maps: Place, client: Client) -> None:
    create_post(
        author=cast.charlie, forum_id=maps.forum.pk, title="Ask @bob", content="@bob knows, and \x0b nothing else"
    )
    answer = client.get("/f/maps/feed.atom")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert answer.has_header(page_cache.MARK)
    assert titles(answer.content) == ["Ask @bob", "Fountains of the city"]
    assert 'href="/' not in answer.content.decode().replace("&quot;", '"')


def test_a_private_forum_has_no_feed_but_for_its_members_keys(cast: Cast, maps: Place, client: Client) -> None:
    close(maps.forum)
    assert client.get("/f/maps/feed.atom").status_code == 404
    bob, charlie = feeds.new_feed_key(person=cast.bob), feeds.new_feed_key(person=cast.charlie)
    assert client.get("/f/maps/feed.atom", {"key": charlie}).status_code == 404
    answer = client.get("/f/maps/feed.atom", {"key": bob})
    assert titles(answer.content) == ["Fountains of the city"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert not answer.has_header(page_cache.MARK)
    part_member(maps.forum, Member.objects.get(forum=maps.forum, user=cast.bob))
    assert client.get("/f/maps/feed.atom", {"key": bob}).status_code == 404


def test_the_feed_of_home_is_the_keepers(cast: Cast, maps: Place, client: Client) -> None:
    key = feeds.new_feed_key(person=cast.charlie)
    assert titles(client.get("/forums/home/feed.atom", {"key": key}).content) == []
    admit_member(maps.forum, cast.charlie)
    assert titles(client.get("/forums/home/feed.atom", {"key": key}).content) == ["Maps: Fountains of the city"]
    again = feeds.new_feed_key(person=cast.charlie)
    for dead in (key, "", "x", "x" * 500, "\0"):
        assert client.get("/forums/home/feed.atom", {"key": dead}).status_code == 404
    cast.charlie.suspended_at = timezone.now()
    cast.charlie.save()
    with pytest.raises(NotFound):
        feeds.keeper_of(again)


def test_a_key_is_shown_once_and_kept_as_a_digest(cast: Cast, client: Client) -> None:
    client.force_login(cast.bob)
    assert "key=" not in client.get("/forums/feeds/").content.decode()
    made = client.post("/forums/feeds/key/", {"new": "1"}).content.decode()
    key = re.findall(r"feed\.atom\?key=([A-Za-z0-9_-]+)", made)[0]
    assert feeds.keeper_of(key) == cast.bob
    assert key.encode() not in bytes(FeedKey.objects.get(user=cast.bob).digest)
    assert key not in client.get("/forums/feeds/").content.decode()
    client.post("/forums/feeds/key/", {"off": "1"})
    with pytest.raises(NotFound):
        feeds.keeper_of(key)


def test_site_maps_hold_public_posts_only(
    cast: Cast, maps: Place, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        create_post(author=cast.bob, forum_id=maps.forum.pk, title=f"Map {number} & more")
    Post.objects.filter(title="Map 2 & more").update(is_nsfw=True)
    monkeypatch.setattr(sitemaps, "PART", 3)
    listed = parsed(client.get("/sitemap.xml").content).findall(".//s:loc", MAPS)
    assert len(listed) == 3
    found = []
    for part in listed[1:]:
        path = str(part.text).removeprefix("http://localhost")
        found += [each.text for each in parsed(client.get(path).content).findall(".//s:loc", MAPS)]
    assert [str(url).split("/")[-2] for url in found] == [
        "fountains-of-the-city",
        "map-0-more",
        "map-1-more",
        "map-3-more",
    ]
    close(maps.forum)
    assert client.get(path).status_code == 404
    assert "/f/maps/" not in client.get("/sitemap-forums.xml").content.decode()
    assert len(parsed(client.get("/sitemap.xml").content).findall(".//s:loc", MAPS)) == 1


def test_robots_are_told_where_the_maps_are(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /admin/" in text
    assert "Sitemap: http://localhost/sitemap.xml" in text


def test_pages_of_a_private_forum_are_for_no_search_engine(cast: Cast, maps: Place, client: Client) -> None:
    close(maps.forum)
    client.force_login(cast.bob)
    answer = client.get("/f/maps/")
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert meta(answer.content.decode(), "robots") == ["noindex"]


def test_a_list_has_one_address_for_each_order(maps: Place, client: Client) -> None:
    for asked, canonical in {
        "": "",
        "?view=compact": "",
        "?sort=new": "?sort=new",
        "?sort=top&span=week": "?sort=top&amp;span=week",
    }.items():
        html = client.get(f"/f/maps/{asked}").content.decode()
        assert f'<link rel="canonical" href="http://localhost/f/maps/{canonical}">' in html
        assert 'type="application/atom+xml"' in html
