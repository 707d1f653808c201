"""Two people at one post: they vote, answer, change and delete, and each sees what the other does."""

import re

import pytest
from playwright.sync_api import Page, expect

from forums.actions.comments import create_comment
from forums.models import Comment
from forums.telling import tell_comment
from tests.browser.conftest import Room
from tests.cast import Cast
from tests.forums.cast import Place, make_forum

pytestmark = pytest.mark.browser


@pytest.fixture
def maps(cast: Cast) -> Place:
    return make_forum(cast)


def at_post(page: Page) -> Page:
    """The post, once the page hears of it."""
    page.goto("/f/maps/1/fountains-of-the-city/")
    page.evaluate(
        """async () => {
            const { socket } = await import(document.querySelector("script[src*='js/main']").src.replace(/main[^/]*$/, "socket.js"));
            while (!socket.ready) await new Promise(requestAnimationFrame);
            await socket.request("post.watch", { post: document.querySelector("comment-tree").dataset.post });
        }"""
    )
    return page


def write(page: Page, text: str) -> None:
    page.locator("comment-tree > comment-form textarea").fill(text)
    page.keyboard.press("Control+Enter")


def test_two_people_talk(sit: Room, cast: Cast, maps: Place) -> None:
    alice, bob = at_post(sit(cast.alice)), at_post(sit(cast.bob))
    write(bob, "The July gap is **maintenance**")
    own = bob.locator("#c-1")
    expect(own.locator("strong")).to_have_text("maintenance")
    expect(bob.locator("comment-tree > comment-form textarea")).to_have_value("")
    expect(bob.locator(".comments__new")).to_be_hidden()

    # Nothing moves for Alice until she wants to see it.
    expect(alice.locator(".comments__new")).to_have_text("1 new comment")
    expect(alice.locator("#announcer")).to_have_text("1 new comment")
    expect(alice.locator(".comment")).to_have_count(0)
    alice.locator(".comments__new").click()
    theirs = alice.locator("#c-1")
    expect(theirs.locator("strong")).to_have_text("maintenance")
    expect(alice.locator(".comments__new")).to_be_hidden()

    # A vote shows at once, and to the other a moment later.
    up = theirs.get_by_role("button", name="Vote up")
    up.click()
    expect(up).to_have_attribute("aria-pressed", "true")
    expect(theirs.locator(".votes__score")).to_have_text("2")
    expect(own.locator(".votes__score")).to_have_text("2")
    up.click()
    expect(own.locator(".votes__score")).to_have_text("1")

    # An answer in place; the other is told where it stands.
    theirs.get_by_role("link", name="Reply").click()
    theirs.locator("comment-form textarea").fill("Good find")
    theirs.locator("comment-form").get_by_role("button", name="Answer").dblclick()
    expect(alice.locator("#c-1 .comments__answers #c-2")).to_contain_text("Good find")
    mark = own.locator(".comment__fresh").first
    expect(mark).to_have_text("1 new answer")
    mark.click()
    expect(bob.locator("#c-1 .comments__answers #c-2")).to_contain_text("Good find")
    assert Comment.objects.count() == 2

    # Changed and deleted in place; what answers it stays.
    own.get_by_role("link", name="Edit").first.click()
    own.locator("comment-form textarea").fill("The July gap is drought")
    own.locator("comment-form").get_by_role("button", name="Save").click()
    expect(theirs.locator(".comment__body").first).to_have_text("The July gap is drought")
    expect(alice.locator("#c-2")).to_be_visible()
    bob.goto("/f/maps/1/c/1/delete/")
    bob.get_by_role("button", name="Delete").click()
    expect(theirs.locator(".comment__gone")).to_have_text("Deleted by who wrote it")
    expect(alice.locator("#c-2")).to_be_visible()


def test_what_is_refused_is_taken_back(sit: Room, cast: Cast, maps: Place) -> None:
    comment = create_comment(author=cast.bob, post_id=maps.post.pk, content="x")
    alice = at_post(sit(cast.alice))
    sit.forgiven.append(r"403 \(Forbidden\)")
    Comment.objects.filter(pk=comment.pk).update(removed_at=comment.created_at)
    up = alice.locator("#c-1").get_by_role("button", name="Vote up")
    up.click()
    expect(alice.locator(".toast")).to_contain_text("nobody votes on it")
    expect(up).to_have_attribute("aria-pressed", "false")
    expect(alice.locator("#c-1 .votes__score")).to_have_text("1")
    # The moderators' decision reaches the page: what it said is gone.
    tell_comment(comment, "deleted")
    expect(alice.locator("#c-1")).to_have_class(re.compile("comment--out"))


def test_what_was_not_sent_is_kept(sit: Room, cast: Cast, maps: Place) -> None:
    alice = at_post(sit(cast.alice))
    text = alice.locator("comment-tree > comment-form textarea")
    text.fill("half a **thought**")
    alice.get_by_role("button", name="Preview").click()
    expect(alice.locator(".comment-form__preview strong")).to_have_text("thought")
    alice.reload()
    expect(text).to_have_value("half a **thought**")
    assert not Comment.objects.exists()


def test_threads_fold_by_keyboard_and_more_is_loaded(sit: Room, cast: Cast, maps: Place) -> None:
    first = create_comment(author=cast.bob, post_id=maps.post.pk, content="first")
    create_comment(author=cast.bob, post_id=maps.post.pk, content="answer", parent_id=first.pk)
    for number in range(210):
        create_comment(author=cast.charlie, post_id=maps.post.pk, content=f"number {number}")
    alice = at_post(sit(cast.alice))
    expect(alice.locator(".comment")).to_have_count(100)
    alice.get_by_role("link", name="More comments").click()
    expect(alice.locator(".comments__list > .comment")).to_have_count(200)
    alice.get_by_role("link", name="More comments").click()
    expect(alice.locator(".comments__list > .comment")).to_have_count(211)
    fold = alice.locator("#c-1 > details > summary")
    fold.focus()
    alice.keyboard.press("Enter")
    expect(alice.locator("#c-2")).to_be_hidden()
    alice.keyboard.press("Enter")
    expect(alice.locator("#c-2")).to_be_visible()
