"""Reports: made by members, decided by the people who moderate. Who made one learns how it ended."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit
from accounts.actions.notifications import notify
from accounts.models import Notification, Report, User
from accounts.permissions import check_member, may_judge
from accounts.reporting import Thing, kind_named
from chatter.core.errors import Refused
from chatter.core.limits import check_limit

DETAILS_MAX = 1000
NOTE_MAX = 1000
REPORTS_PER_DAY = 20
OPEN = (Report.State.PENDING, Report.State.REVIEWING)
ENDS = (Report.State.RESOLVED, Report.State.DISMISSED)
# How it ended where nobody had to decide.
GONE = "gone"
_DEEDS = {
    Report.State.REVIEWING: "report.taken_up",
    Report.State.RESOLVED: "report.resolved",
    Report.State.DISMISSED: "report.dismissed",
}


def report_thing(
    *, reporter: User, kind: str, key: UUID, reason: str, details: str = "", rule_id: UUID | None = None
) -> Report:
    """Bring a thing before those who moderate, with what it shows now. While one is open, another changes nothing. `rule_id` is
    a rule of its place, with Reason.RULE. Raises NotFound for what one cannot see, Refused for one's own, too much, or an
    unknown reason."""
    check_member(reporter)
    known = kind_named(kind)
    if len(details) > DETAILS_MAX or "\0" in details:
        raise Refused("invalid")
    mine = Report.objects.filter(
        reporter=reporter, target_type=ContentType.objects.get_for_model(known.model), target_id=key, state__in=OPEN
    )
    try:
        with transaction.atomic():
            thing = known.see(reporter, key)
            check_others(reporter, thing)
            rule = checked_rule(thing, reason, rule_id)
            standing = mine.first()
            if standing is not None:
                return standing
            check_limit("report", reporter.pk, limit=REPORTS_PER_DAY, seconds=24 * 60 * 60)
            return Report.objects.create(
                reporter=reporter,
                target_type=ContentType.objects.get_for_model(known.model),
                target_id=key,
                about=thing.about,
                place=thing.place,
                reason=reason,
                rule=rule,
                details=details.strip(),
                snapshot=dict(thing.snapshot),
            )
    except IntegrityError:  # the same, sent twice at once
        return mine.get()


def report_person(*, reporter: User, person: User, reason: str, details: str = "") -> Report:
    """As `report_thing`."""
    return report_thing(reporter=reporter, kind="person", key=person.pk, reason=reason, details=details)


def check_others(reporter: User, thing: Thing) -> None:
    """Raises Refused where the thing is the reporter's own."""
    if thing.about.pk == reporter.pk:
        raise Refused("invalid", _("You cannot do this with yourself."))


def checked_rule(thing: Thing, reason: str, rule_id: UUID | None) -> str:
    """What the rule is called that it breaks, "" where the reason is another one. Raises Refused."""
    rule = next((each.title for each in thing.rules if each.key == rule_id), "")
    if reason not in Report.Reason.values or (reason == Report.Reason.RULE) != bool(rule):
        raise Refused("invalid")
    return rule


def decide_report(*, moderator: User, report: Report, state: str, note: str = "") -> None:
    """One of the site's staff takes a report up, resolves or dismisses it. Its reporter hears of the end, once. Raises Refused for
    a report of oneself or of somebody whom the moderator may not judge."""
    person = report.about
    if person is not None and (person.pk == moderator.pk or not may_judge(moderator, person)):
        raise Refused("forbidden", _("Somebody else has to decide about this report."))
    if state not in _DEEDS or len(note) > NOTE_MAX or "\0" in note:
        raise Refused("invalid")
    with transaction.atomic():
        present = Report.objects.select_for_update(no_key=True).get(pk=report.pk)
        if present.state not in OPEN:
            raise Refused("invalid", _("This report has been decided already."))
        _decide([present], moderator, state, note)
        audit(actor=moderator, action=_DEEDS[Report.State(state)], place=present.place, target=present, reason=note)


def close_reports(*, moderator: User | None, target: Model, state: str) -> int:
    """End what is open about `target`, as part of a deed of who moderates its place, in that deed's transaction; every reporter
    hears of it. Returns how many there were. The deed judges and writes itself down. `moderator` None: its author deleted it."""
    kind = ContentType.objects.get_for_model(type(target))
    found = Report.objects.select_for_update(no_key=True).filter(target_type=kind, target_id=target.pk, state__in=OPEN)
    reports = list(found.order_by("pk"))
    _decide(reports, moderator, state)
    return len(reports)


def _decide(reports: Iterable[Report], moderator: User | None, state: str, note: str = "") -> None:
    """The locked reports are in `state` from now on."""
    for report in reports:
        report.state, report.moderator = state, moderator
        report.note = note or report.note
        report.decided_at = timezone.now() if state in ENDS else None
        report.save(update_fields=["state", "moderator", "note", "decided_at"])
        if report.decided_at and report.reporter_id:
            notify(
                recipient=report.reporter_id,
                kind=Notification.Kind.MODERATION,
                group_key=f"report:{report.pk}",
                source=report,
                payload={"event": "report_decided", "outcome": state if moderator else GONE},
            )


def forget_reports(*, person: User) -> None:
    """What reports kept of the person, and of what they wrote in theirs, goes; that there were reports stays."""
    is_person = Q(target_type=ContentType.objects.get_for_model(User), target_id=person.pk)
    Report.objects.filter(is_person | Q(about=person)).update(snapshot={})
    Report.objects.filter(reporter=person).update(reporter=None, details="")
