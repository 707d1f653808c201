"""Categories as who manages channels sees them: made, renamed, deleted."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from chat.views.access import refusals_beside, viewer_of
from groups.actions.categories import create_category, delete_category, rename_category
from groups.forms.channels import CategoryForm, NewCategoryForm
from groups.models import Category
from groups.permissions import Right
from groups.places import Reader, category_for, is_private, wishes_of
from groups.seen import members_chosen, shown_to
from groups.views.channels import both, manager, page, picker, roles_of


@both
def new(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """A form for a category that is not there yet; the search inside keeps what was ticked."""
    reader = manager(request, group_id)
    form = NewCategoryForm(request.POST if request.method == "POST" else None, roles=roles_of(reader))
    chosen = members_chosen(reader.standing, form)
    if form.is_valid() and "search" not in request.POST:
        with refusals_beside(form, "name"):
            create_category(
                actor=viewer_of(request),
                group_id=group_id,
                name=form.cleaned_data["name"],
                closed=form.cleaned_data["closed"],
                shown_to=shown_to(form, chosen),
            )
            return redirect("group_channels", group_id)
    return page(request, reader, "groups/category_new.html", form=form, **picker(reader, form, chosen))


@both
def category(request: HttpRequest, group_id: UUID, category_id: UUID) -> HttpResponse:
    """Its name, and who sees what follows it."""
    reader, found = _category(request, group_id, category_id)
    form = CategoryForm(request.POST if request.method == "POST" else None, initial={"name": found.name})
    if form.is_valid():
        with refusals_beside(form, "name"):
            rename_category(actor=viewer_of(request), group_id=group_id, category_id=category_id, **form.cleaned_data)
            messages.success(request, gettext("Saved."))
            return redirect("category_settings", group_id, category_id)
    wishes = wishes_of(found)
    return page(
        request,
        reader,
        "groups/category_settings.html",
        form=form,
        category=found,
        is_private=is_private(reader, wishes),
        override_count=len(wishes),
        can_permit=reader.standing.can(Right.MANAGE_ROLES),
    )


@both
def delete(request: HttpRequest, group_id: UUID, category_id: UUID) -> HttpResponse:
    """Asks first, then deletes the category; its channels stay."""
    reader, found = _category(request, group_id, category_id)
    if request.method != "POST":
        return page(request, reader, "groups/category_delete.html", category=found)
    delete_category(actor=viewer_of(request), group_id=group_id, category_id=category_id)
    messages.success(request, gettext("The category “%(name)s” was deleted.") % {"name": found.name})
    return redirect("group_channels", group_id)


def _category(request: HttpRequest, group_id: UUID, category_id: UUID) -> tuple[Reader, Category]:
    reader = manager(request, group_id)
    return reader, category_for(reader, category_id)[0]
