"""A new post: chosen, written, shown before it is sent. Everything works without scripts; each button sends the form."""

from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from chat.views.access import checked, refusals_beside, status_of, viewer_of
from chatter.core.errors import NotFound, Refused
from chatter.core.images import BYTES_MAX
from chatter.core.limits import check_limit
from chatter.core.text import clean_text
from chatter.core.text import render as rendered
from forums.actions.drafts import save_draft
from forums.actions.posts import CONTENT_MAX, IMAGES_MAX, OPTIONS_MAX, check_pace, create_post
from forums.actions.talk import post_from_talk
from forums.actions.uploads import add_upload, remove_upload
from forums.forms.posts import AddressForm, DraftForm, PostForm, TextForm, fresh
from forums.forms.talk import making_in
from forums.models import Draft, Forum, Post, Upload
from forums.occasions import mentions_for
from forums.permissions import Standing, check_posts, forum_for
from forums.previews import look_at
from forums.reading.post_page import Picture
from forums.reading.surroundings import my_forums
from forums.views.entry import in_forum
from forums.views.posts import flairs_for, uuid_of
from forums.views.shell import forum_page, forums_page
from forums.views.talk import beginning, choosing_url

both = require_http_methods(["GET", "HEAD", "POST"])
PREVIEWS_PER_MINUTE = 60
ASKED_PER_MINUTE = 120
PREFILLED = {"title": 300, "url": 2000, "content": 5000}


@both
@in_forum
def post_new(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Write a post. Of the buttons one sends it, the others bring the form back with something done."""
    check_posts(standing)
    if request.method != "POST":
        return _page(request, standing, _begun(request, standing))
    data = request.POST.copy()
    problem = _take_files(request, data)
    deed, _, what = data.get("do", "post").partition(":")
    _change(request, data, deed, what)
    form = PostForm(data, **_choices(standing))
    if deed == "post" and not problem and form.is_valid():
        with refusals_beside(form, None):
            return _sent(request, standing, form)
    if deed == "draft":
        return _drafted(request, standing, data)
    if problem:
        form.add_error(None, problem)
    return _page(request, standing, form, deed=deed)


def _sent(request: HttpRequest, standing: Standing, form: PostForm) -> HttpResponse:
    person, wanted = viewer_of(request), form.wanted()
    # What was sent before is no new post.
    if not Post.objects.filter(author=person, client_id=wanted["client_id"]).exists():
        check_pace(person)
    forum_id = standing.forum.pk
    if making := making_in(request.POST):
        place, numbers = making
        made = post_from_talk(author=person, forum_id=forum_id, conversation_id=place, numbers=numbers, **wanted)
    else:
        made = create_post(author=person, forum_id=forum_id, **wanted)
    return redirect("post_short", standing.forum.slug, made.number)


def _drafted(request: HttpRequest, standing: Standing, data: QueryDict) -> HttpResponse:
    save_draft(author=viewer_of(request), forum_id=standing.forum.pk, **_draft_of(data))
    return redirect("forum_drafts")


def _draft_of(data: QueryDict) -> dict[str, Any]:
    form = DraftForm(data)
    if not form.is_valid():
        raise Refused("invalid", gettext("This is too long to be kept as a draft."))
    return form.wanted()


def _begun(request: HttpRequest, standing: Standing) -> PostForm:
    """A form with what the draft holds, or the address that leads here."""
    kind = request.GET.get("kind", "")
    initial = fresh() | {
        "kind": kind if kind in kinds_of(standing.forum) else next(iter(kinds_of(standing.forum)), "text")
    }
    initial |= {name: request.GET.get(name, "")[:most] for name, most in PREFILLED.items()}
    if making := making_in(request.GET):
        initial["content"] = beginning(request, making)
    key = uuid_of(request.GET.get("draft", ""))
    draft = Draft.objects.filter(author=viewer_of(request), pk=key).first() if key else None
    if draft is not None:
        names = ("kind", "title", "content", "url", "options")
        initial |= {"draft": draft.pk, **{name: getattr(draft, name) for name in names}}
    return PostForm(initial=initial, **_choices(standing))


def _choices(standing: Standing) -> dict[str, Any]:
    return {"flairs": flairs_for(standing), "needs_flair": standing.forum.needs_flair and not standing.is_moderator}


def kinds_of(forum: Forum) -> dict[str, Any]:
    """The kinds that are posted there, with their names."""
    return {key: label for key, label in Post.Kind.choices if key not in forum.kinds_off}


def _take_files(request: HttpRequest, data: QueryDict) -> str:
    """Pictures that came with the form become uploads at once: they stay, whatever else is wrong. Returns what is wrong with one."""
    room = IMAGES_MAX - len(data.getlist("picture"))
    files = request.FILES.getlist("files")
    try:
        for file in files[: max(room, 0)]:
            data.appendlist("picture", str(_upload(request, file).pk))
    except Refused as refusal:
        return str(refusal)
    return gettext("A post has at most 10 pictures.") if len(files) > room else ""


def _upload(request: HttpRequest, file: UploadedFile[Any]) -> Upload:
    """No more than one byte too many is read."""
    return add_upload(author=viewer_of(request), upload=file.read(BYTES_MAX + 1))


def _change(request: HttpRequest, data: QueryDict, deed: str, what: str) -> None:
    """What the buttons of the form do to it."""
    if deed == "kind" and what in Post.Kind.values:
        data["kind"] = what
    elif deed == "option" and len(data.getlist("option")) < OPTIONS_MAX:
        data.appendlist("option", "")
    elif deed in {"up", "down", "away"}:
        _move_picture(request, data, deed, what)


def _move_picture(request: HttpRequest, data: QueryDict, deed: str, key: str) -> None:
    keys = data.getlist("picture")[:IMAGES_MAX]
    if key not in keys:
        return
    at = keys.index(key)
    keys.remove(key)
    if deed != "away":
        keys.insert(max(0, at + (1 if deed == "down" else -1)), key)
    elif upload := uuid_of(key):
        remove_upload(author=viewer_of(request), upload_id=upload)
    data.setlist("picture", keys)


def _page(request: HttpRequest, standing: Standing, form: PostForm, *, deed: str = "") -> HttpResponse:
    wrong = form.is_bound and deed == "post"
    kind = form["kind"].value() or "text"
    context = {
        "form": form,
        "shows_errors": wrong,
        "kind": kind,
        "kinds": kinds_of(standing.forum),
        "pictures": _pictures(request, form),
        "options": form.options,
        "may_add": len(form.options) < OPTIONS_MAX,
        "preview": preview_html(request, standing.forum, form["content"].value() or "") if deed == "preview" else None,
    }
    if making := making_in(request.POST if form.is_bound else request.GET):
        context |= {"making": making, "making_url": choosing_url(making)}
    page = forum_page(request, standing, at="submit", **context)
    return render(request, "forums/post_new.html", page, status=status_of(form) if wrong else 200)


def _pictures(request: HttpRequest, form: PostForm) -> list[Picture]:
    wanted = form.pictures
    if not wanted:
        return []
    mine = Upload.objects.filter(author=viewer_of(request)).in_bulk([each.upload_id for each in wanted])
    found = [(mine.get(each.upload_id), each.alt) for each in wanted]
    return [Picture(row.key, row.width, row.height, alt, row.pk) for row, alt in found if row]


def preview_html(request: HttpRequest, forum: Forum, content: str) -> str:
    """As the post will show it. Raises Refused."""
    try:
        text = clean_text(content[: CONTENT_MAX + 1])
    except ValueError:
        raise Refused("invalid") from None
    return rendered(text, mentions=mentions_for(viewer_of(request), forum, text)).html


@require_POST
@in_forum
def text_preview(request: HttpRequest, standing: Standing) -> HttpResponse:
    """The text as it will be shown, for scripts."""
    check_limit("forum_preview", viewer_of(request).pk, limit=PREVIEWS_PER_MINUTE, seconds=60)
    content = checked(TextForm(request.POST))["content"]
    return JsonResponse({"html": preview_html(request, standing.forum, content)})


@require_POST
def link_title(request: HttpRequest) -> HttpResponse:
    """What the page calls itself, as soon as the worker has looked; scripts ask again while it waits."""
    check_limit("forum_link", viewer_of(request).pk, limit=ASKED_PER_MINUTE, seconds=60)
    try:
        look = look_at(checked(AddressForm(request.POST))["url"], viewer_of(request))
    except ValueError:
        raise Refused("invalid", gettext("This is not an address of a web page.")) from None
    return JsonResponse({"is_done": look.is_done, "title": look.found.get("title", "")})


@require_POST
def upload_new(request: HttpRequest) -> HttpResponse:
    """One picture, for scripts: they send each by itself and show how far it is."""
    file = request.FILES.get("file")
    if file is None:
        raise Refused("invalid", gettext("Choose a picture first."))
    made = _upload(request, file)
    picture = Picture(made.key, made.width, made.height, "", made.pk)
    return render(request, "forums/_post_form_picture.html", {"picture": picture})


@require_POST
def upload_remove(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    remove_upload(author=viewer_of(request), upload_id=upload_id)
    return HttpResponse(status=204)


@both
def post_new_anywhere(request: HttpRequest) -> HttpResponse:
    """Choose where to post."""
    typed = request.POST.get("address", "")[:60].strip().strip("/").removeprefix("f/")
    error = ""
    if request.method == "POST":
        try:
            return redirect("post_new", forum_for(viewer_of(request), typed).forum.slug)
        except NotFound:
            error = gettext("There is no such forum, or you may not see it.")
    context: dict[str, Any] = {"forums": my_forums(viewer_of(request)), "typed": typed, "error": error}
    return render(
        request, "forums/post_new_anywhere.html", forums_page(request, **context), status=400 if error else 200
    )
