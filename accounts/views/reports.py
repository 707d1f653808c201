"""Reporting something, from where it is seen: a person, or whatever an application registered (accounts/reporting.py)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.actions.reports import check_others, report_thing
from accounts.forms.reports import ReportForm
from accounts.permissions import check_member
from accounts.reporting import kind_named
from accounts.views.contacts import viewer_of
from accounts.views.people import person_named
from chatter.core.errors import Refused

both = require_http_methods(["GET", "HEAD", "POST"])


@both
def report(request: HttpRequest, kind: str, key: UUID) -> HttpResponse:
    """Why, and what happened; who wrote it is not told."""
    viewer, known = viewer_of(request), kind_named(kind)
    check_member(viewer)
    thing = known.see(viewer, key)
    check_others(viewer, thing)
    form = ReportForm(thing, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            report_thing(reporter=viewer, kind=kind, key=key, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, gettext("Thank you. The moderators look at it and tell you how it ended."))
            return redirect(thing.url)
    context = {"thing": thing, "kind": known, "key": key, "form": form}
    return render(request, "accounts/report.html", context, status=400 if form.errors else 200)


@both
def report_person(request: HttpRequest, username: str) -> HttpResponse:
    """From their page or card."""
    check_member(viewer_of(request))
    shown = person_named(request, username)
    return redirect(shown) if shown.pk == viewer_of(request).pk else report(request, "person", shown.pk)
