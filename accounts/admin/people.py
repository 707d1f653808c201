"""People in the administration. Every save goes through an action; what has none is read only."""

from datetime import timedelta
from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import action, display
from unfold.forms import AdminPasswordChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget

from accounts.actions.addresses import verify_address
from accounts.actions.moderation import change_rights, lift_suspension, suspend_person, switch_account
from accounts.actions.profile import update_profile
from accounts.actions.sessions import set_password
from accounts.actions.signup import register_person
from accounts.admin.security import LostFactor
from accounts.models import Block, Friendship, User
from accounts.permissions import may_judge
from chatter.core.administration import ReadOnlyAdmin, RecordAdmin
from chatter.core.errors import Refused

PROFILE = ("display_name", "first_name", "last_name", "bio")
SUSPENSIONS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30), "ever": None}
SAID = {"day": _("suspended for a day"), "ever": _("suspended for good"), "lift": _("no longer suspended")}


class NewPersonForm(UserCreationForm):
    email = forms.EmailField(label=_("E-mail address"), max_length=254, widget=UnfoldAdminEmailInputWidget)

    class Meta:
        model = User
        fields: ClassVar = ["username", "email"]

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"].lower())


class PersonForm(ModelForm[User]):
    """A person as the staff may change them; each part is handed to its own action."""

    suspension = forms.ChoiceField(
        label=_("Suspension"),
        required=False,
        choices=[
            ("", _("Leave as it is")),
            ("day", _("Suspend for a day")),
            ("week", _("Suspend for a week")),
            ("month", _("Suspend for 30 days")),
            ("ever", _("Suspend for good")),
            ("lift", _("Lift the suspension")),
        ],
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = User
        fields: ClassVar = [*PROFILE, "is_active", "is_staff", "is_superuser", "suspended_reason"]
        help_texts: ClassVar = {"suspended_reason": _("Shown to the person; written with the choice above.")}


class PasswordForm(AdminPasswordChangeForm):
    def save(self, commit: bool = True) -> User:
        person: User = self.user
        set_password(person=person, password=self.cleaned_data["password1"] or None)
        return person


class SuspendedFilter(admin.SimpleListFilter):
    title = _("suspended")
    parameter_name = "suspended"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        suspended = Q(suspended_at__isnull=False) & (Q(suspended_until=None) | Q(suspended_until__gt=timezone.now()))
        match self.value():
            case "yes":
                return queryset.filter(suspended)
            case "no":
                return queryset.exclude(suspended)
        return queryset


@admin.register(User)
class PersonAdmin(LostFactor, RecordAdmin, DjangoUserAdmin):
    form = PersonForm
    add_form = NewPersonForm
    change_password_form = PasswordForm
    list_display = ("username", "display_name", "email", "is_verified", "kind", "state", "last_seen_at", "created_at")
    list_filter = ("is_guest", "is_staff", "is_active", SuspendedFilter, ("created_at", RangeDateTimeFilter))
    search_fields = ("username", "display_name", "email")
    search_help_text = _("Username, display name or e-mail address")
    ordering = ("-created_at",)
    date_hierarchy = "created_at"
    actions = ("suspend_for_a_day", "suspend_for_good", "lift_suspensions")
    actions_detail = ("to_password", "remove_second_factor")
    autocomplete_fields = ()
    filter_horizontal = ()
    add_fieldsets = ((None, {"fields": ("username", "email", "password1", "password2")}),)
    fieldsets = (
        (None, {"fields": ("username", "email", "is_guest", *PROFILE)}),
        (_("State"), {"fields": ("is_active", "suspension", "suspended_reason", "suspended_at", "suspended_until")}),
        (_("Rights"), {"fields": ("is_staff", "is_superuser", "groups")}),
        (_("Times"), {"fields": ("created_at", "last_login", "last_seen_at", "deleted_at")}),
    )
    FIXED = (
        "username",
        "email",
        "is_guest",
        "suspended_at",
        "suspended_until",
        "created_at",
        "last_login",
        "last_seen_at",
        "deleted_at",
    )
    RIGHTS = ("is_staff", "is_superuser", "groups")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        verified = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
        people: QuerySet[User] = super().get_queryset(request)
        return people.annotate(has_verified=Exists(verified))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        is_own = obj.pk == request.user.pk
        return self.FIXED if request.user.is_superuser and not is_own else (*self.FIXED, *self.RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody below a superuser changes one, or others of the staff: else setting their password would be a way up."""
        actor = request.user
        if isinstance(obj, User) and obj != actor and not (isinstance(actor, User) and may_judge(actor, obj)):
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def get_view_on_site_url(self, obj: User | None = None) -> str | None:
        return obj.get_absolute_url() if obj is not None else None

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> User:
        """Nothing is saved here: save_model hands over to actions. What they refuse takes everything back."""
        return form.instance if change else User()

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if change:
            self._change(request.user, User.objects.get(pk=obj.pk), form)
            return
        typed = form.cleaned_data
        made = register_person(username=typed["username"], email=typed["email"], password=typed["password1"])
        obj.__dict__.update(made.__dict__)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if change:
            form._save_m2m()  # noqa: SLF001 (what a form would do that saves its instance itself)

    def _change(self, actor: Any, person: User, form: Any) -> None:
        typed, changed = form.cleaned_data, set(form.changed_data)
        said = {field: typed[field] for field in PROFILE if field in changed}
        if said:
            update_profile(person=person, **said)
        if "is_active" in changed:
            switch_account(actor=actor, person=person, is_active=typed["is_active"])
        if changed & {"is_staff", "is_superuser"}:
            change_rights(actor=actor, person=person, is_staff=typed["is_staff"], is_superuser=typed["is_superuser"])
        if suspension := typed.get("suspension"):
            judge(actor, person, suspension, typed.get("suspended_reason", ""))

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        return admin.ModelAdmin.response_add(self, request, obj, post_url_continue)

    @action(description=_("Set a password"), permissions=["change"], url_path="to-password", icon="key")
    def to_password(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:auth_user_password_change", object_id)

    @display(description=_("Verified"), boolean=True)
    def is_verified(self, person: Any) -> bool:
        return bool(person.has_verified)

    @display(description=_("Kind"), label={"guest": "warning", "staff": "info", "member": "success"})
    def kind(self, person: User) -> tuple[str, Any]:
        if person.is_guest:
            return "guest", _("Guest")
        return ("staff", _("Staff")) if person.is_staff else ("member", _("Member"))

    @display(description=_("State"), label={"off": "danger", "suspended": "danger", "here": "success"})
    def state(self, person: User) -> tuple[str, Any]:
        if person.deleted_at is not None or not person.is_active:
            return "off", _("Off")
        return ("suspended", _("Suspended")) if person.is_suspended else ("here", _("Active"))

    @admin.action(description=_("Suspend for a day"), permissions=["change"])
    def suspend_for_a_day(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._judge_all(request, queryset, "day")

    @admin.action(description=_("Suspend for good"), permissions=["change"])
    def suspend_for_good(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._judge_all(request, queryset, "ever")

    @admin.action(description=_("Lift the suspension"), permissions=["change"])
    def lift_suspensions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._judge_all(request, queryset, "lift")

    def _judge_all(self, request: HttpRequest, queryset: QuerySet[User], suspension: str) -> None:
        for person in queryset:
            try:
                judge(request.user, person, suspension, "")
            except Refused as refusal:
                messages.error(request, f"{person.username}: {refusal}")
            else:
                self.log_change(request, person, gettext("Suspension: %(kind)s") % {"kind": suspension})
                messages.success(request, f"{person.username}: {SAID[suspension]}")


def judge(actor: Any, person: User, suspension: str, reason: str) -> None:
    """Suspend for one of SUSPENSIONS, or "lift"."""
    if suspension == "lift":
        lift_suspension(actor=actor, person=person)
        return
    length = SUSPENSIONS[suspension]
    until = None if length is None else timezone.now() + length
    suspend_person(actor=actor, person=person, reason=reason, until=until)


@admin.register(Friendship)
class FriendshipAdmin(ReadOnlyAdmin):
    list_display = ("requester", "addressee", "state", "created_at", "accepted_at")
    list_filter = ("state", ("created_at", RangeDateTimeFilter))
    list_select_related = ("requester", "addressee")
    search_fields = ("requester__username", "addressee__username")
    ordering = ("-created_at",)


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin):
    list_display = ("blocker", "blocked", "reason", "created_at")
    list_filter = (("created_at", RangeDateTimeFilter),)
    list_select_related = ("blocker", "blocked")
    search_fields = ("blocker__username", "blocked__username")
    ordering = ("-created_at",)


admin.site.unregister(EmailAddress)
admin.site.unregister(Group)


@admin.register(EmailAddress)
class EmailAddressAdmin(ReadOnlyAdmin):
    list_display = ("email", "user", "verified", "primary")
    list_filter = ("verified", "primary")
    list_select_related = ("user",)
    search_fields = ("email", "user__username")
    ordering = ("-pk",)
    actions = ("verify",)

    @admin.action(description=_("Take as verified"), permissions=["verify"])
    def verify(self, request: HttpRequest, queryset: QuerySet[EmailAddress]) -> None:
        for address in queryset.filter(verified=False):
            try:
                verify_address(address=address)
            except (Refused, EmailAddress.DoesNotExist) as refusal:
                messages.error(request, f"{address.email}: {refusal}")
            else:
                self.log_change(request, address, gettext("Taken as verified"))
                messages.success(request, f"{address.email}: {gettext('taken as verified')}")

    def has_verify_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("account.change_emailaddress"))


@admin.register(Group)
class StaffRoleAdmin(RecordAdmin, DjangoGroupAdmin):
    """What members of the staff may do in the administration; nothing to do with groups of people who talk.

    Only superusers change it: nobody grants a right they lack.
    """

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return bool(request.user.is_superuser)
