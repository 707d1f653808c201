"""Your data: taking it along, and the end of the account."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.data import keep_account, request_deletion
from accounts.actions.exports import LISTED, UNFINISHED, find_export, request_export
from accounts.forms.data import DeletionForm
from accounts.models import Export, User
from accounts.stepup import recently_confirmed
from accounts.waiting import person_of
from chatter.core.errors import NotFound, Refused


@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Exports, made and under way; the way to the end."""
    person = cast("User", request.user)
    exports = list(Export.objects.filter(user=person).order_by("-created_at")[:LISTED])
    is_busy = any(row.state in UNFINISHED for row in exports)
    return render(request, "accounts/data.html", {"exports": exports, "is_busy": is_busy})


@never_cache
@require_POST
def export_start(request: HttpRequest) -> HttpResponse:
    try:
        request_export(person=cast("User", request.user))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, gettext("Your export is being made. You can leave this page."))
    return redirect("settings_data")


@never_cache
@require_safe
@recently_confirmed
def export_download(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """The ZIP, for its owner, who has just confirmed that it is them."""
    found = find_export(person=cast("User", request.user), export_id=export_id)
    try:
        file = default_storage.open(found.file)
    except FileNotFoundError as error:
        raise NotFound from error
    name = f"chatter-{found.created_at:%Y-%m-%d}.zip"
    return FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")


@never_cache
@require_http_methods(["GET", "POST"])
@recently_confirmed
def delete(request: HttpRequest) -> HttpResponse:
    """Asks for the username once more (guests: only whether they mean it), then logs the person out everywhere."""
    person = cast("User", request.user)
    form = DeletionForm(request.POST if request.method == "POST" else None, person=person)
    if form.is_valid():
        try:
            due = request_deletion(person=person, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None if person.is_guest else "username", str(refusal))
        else:
            return _goodbye(request, person, due)
    context: dict[str, Any] = {"form": form, "days": settings.CHATTER_DELETION_DAYS}
    return render(request, "accounts/data_delete.html", context)


def _goodbye(request: HttpRequest, person: User, due: datetime) -> HttpResponse:
    when = date_format(due, "DATE_FORMAT")
    address = EmailAddress.objects.get_primary_email(person)
    if address:
        context = {"user": person, "when": when}
        get_adapter(request).send_notification_mail("account/email/deletion_asked", person, context, email=address)
    words = gettext("Your account will be deleted on %(when)s. Log in before then to keep it.") % {"when": when}
    logout(request)
    messages.info(request, gettext("Your account will be deleted") if person.is_guest else words)
    return redirect("account_login")


@login_not_required
@never_cache
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """The button of the page that is shown in place of logging in."""
    person = person_of(request.POST.get("token", ""))
    if person is None:
        messages.error(request, gettext("This page is too old. Log in once more."))
        return redirect("account_login")
    try:
        keep_account(person=person)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, gettext("Your account stays. Log in to go on."))
    return redirect("account_login")
