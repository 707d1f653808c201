"""Reporting a person, from their page or card."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.actions.reports import report_person
from accounts.forms.reports import ReportForm
from accounts.views.contacts import viewer_of
from accounts.views.people import person_named
from chatter.core.errors import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, username: str) -> HttpResponse:
    """Why, and what happened; the person is not told."""
    viewer, shown = viewer_of(request), person_named(request, username)
    if shown.pk == viewer.pk:
        return redirect(shown)
    form = ReportForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            report_person(reporter=viewer, person=shown, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, gettext("Thank you. The moderators look at it and tell you how it ended."))
            return redirect(shown)
    context = {"person": shown, "form": form}
    return render(request, "accounts/report.html", context, status=400 if form.errors else 200)
