"""Second factors in the administration: which kinds there are, never their secrets; taking lost ones away; and its own gate."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.actions.factors import REASON_MAX, remove_second_factor
from accounts.models import User
from accounts.second_factor import admin_gate
from chatter.core.administration import Administration, PickFilter, ReadOnlyAdmin
from chatter.core.errors import Refused

Administration.gates.append(admin_gate)
admin.site.unregister(Authenticator)


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = (("user", PickFilter), "type", ("created_at", RangeDateTimeFilter))
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = ("user", "type", "created_at", "last_used_at")
    ordering = ("-created_at",)


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_MAX,
        help_text=_("Why, and how you made sure that it is them. The person reads it."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


class LostFactor:
    """For the page of a person: take away the second factor that they lost."""

    @action(
        description=_("Remove second factor"),
        permissions=["change"],
        url_path="remove-second-factor",
        icon="lock_reset",
    )
    def remove_second_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        site: Any = self
        person = site.get_object(request, object_id)
        if person is None or not site.has_change_permission(request, person):
            return redirect("admin:accounts_user_changelist")
        form = ReasonForm(request.POST or None)
        if form.is_valid() and self._remove(request, person, form):
            return redirect("admin:accounts_user_change", object_id)
        kinds = Authenticator.objects.filter(user=person).order_by("created_at")
        context = {"form": form, "person": person, "kinds": kinds, "opts": site.opts, "title": gettext("Second factor")}
        return render(request, "admin/second_factor.html", site.admin_site.each_context(request) | context)

    def _remove(self, request: HttpRequest, person: User, form: ReasonForm) -> bool:
        site: Any = self
        reason = form.cleaned_data["reason"]
        try:
            remove_second_factor(actor=request.user, person=person, reason=reason)  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return False
        site.log_change(request, person, gettext("Second factor removed: %(reason)s") % {"reason": reason})
        if person.email:
            letter = {"user": person, "reason": reason, "request": request}
            get_adapter(request).send_mail("mfa/email/second_factor_removed", person.email, letter)
        messages.success(
            request, gettext("%(name)s can log in without a second factor now.") % {"name": person.username}
        )
        return True
