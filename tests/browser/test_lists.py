"""Lists of posts: older ones come by themselves, scores stay true, saving needs no new page."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from forums.actions.votes import vote_on_post
from forums.models import Forum, Post, Saved
from forums.reading.lists import PAGE
from tests.browser.conftest import Room
from tests.cast import Cast
from tests.forums.cast import Place, make_forum

pytestmark = pytest.mark.browser
POSTS = 2 * PAGE + 10


@pytest.fixture
def maps(cast: Cast) -> Place:
    place = make_forum(cast)
    Post.objects.bulk_create(
        Post(forum=place.forum, number=number, author=cast.bob, title=f"Bench {number}", created_at=timezone.now())
        for number in range(2, POSTS + 1)
    )
    Forum.objects.filter(pk=place.forum.pk).update(last_number=POSTS, post_count=POSTS)
    return place


def titles(page: Page) -> list[str]:
    return page.locator("post-list > article .post__title").all_inner_texts()


def test_older_posts_come_as_one_scrolls(sit: Room, maps: Place, cast: Cast) -> None:
    page = sit(cast.charlie)
    page.goto("/f/maps/?sort=new")
    expect(page.locator("post-list > article").first).to_contain_text(f"Bench {POSTS}")
    for _ in range(4):
        page.locator("post-list > article").last.scroll_into_view_if_needed()
        if len(titles(page)) == POSTS:
            break
    expect(page.locator("post-list > article")).to_have_count(POSTS)
    assert len(set(titles(page))) == POSTS
    expect(page.locator(".posts__older")).to_have_count(0)


def test_scores_stay_true_and_saving_needs_no_new_page(sit: Room, maps: Place, cast: Cast) -> None:
    page = sit(cast.charlie)
    page.goto("/f/maps/?sort=top")
    card = page.locator(f"#p-{maps.post.pk}")
    score = card.locator(".votes__score")
    expect(score).to_have_text("1")
    expect(page.locator("html.live")).to_be_attached()
    expect(page.locator("connection-state")).to_be_hidden()
    vote_on_post(person=cast.alice, post_id=maps.post.pk, value=1)
    expect(score).to_have_text("2")
    save = card.locator("button[form=save]")
    save.click()
    expect(save).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("sort=top$"))
    assert Saved.objects.filter(post=maps.post, user=cast.charlie).exists()
    save.click()
    expect(save).to_have_attribute("aria-pressed", "false")
    assert not Saved.objects.exists()
