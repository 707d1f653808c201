"""What an @ may call in a place, and the question before many people are told."""

from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from accounts.models import User
from chat.calls import COUNTED_UP_TO, Asked, count_in, offered_to
from chat.forms import CallsForm
from chat.views.access import checked, room_of, viewer_of
from chatter.core import text

ASK_ABOVE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def conversation_calls(request: HttpRequest, conversation_id: UUID) -> JsonResponse:
    """For scripts: what one may call there besides people; or, posted a text, what to ask before it is sent."""
    room = room_of(request, conversation_id)
    if request.method == "POST":
        content = checked(CallsForm(request.POST))["content"]
        return JsonResponse({"question": question_before(viewer_of(request), room.id, content)})
    may_all, callees = offered_to(room.membership)
    names = [{"name": callee.name, "spelled": callee.spelled, "hue": callee.hue} for callee in callees]
    return JsonResponse({"everyone": may_all, "names": names})


def question_before(sender: User, place: UUID, content: str) -> str:
    """What to ask before so many people are told; empty where they are few."""
    count = count_in(Asked(sender.pk, place, content)) if text.may_call(content) else 0
    if count <= ASK_ABOVE:
        return ""
    if count > COUNTED_UP_TO:
        return gettext("This will notify more than %(count)d people.") % {"count": COUNTED_UP_TO}
    words = ngettext("This will notify %(count)d person.", "This will notify %(count)d people.", count)
    return words % {"count": count}
