"""What happens between any view and its answer."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.deprecation import MiddlewareMixin

from chatter.core.errors import NotFound, Refused


class RefusalMiddleware(MiddlewareMixin):
    """Turns a `Refused` that no view showed beside a field into a page (or JSON) with its status and its words."""

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        if "application/json" in request.headers.get("Accept", ""):
            return JsonResponse(
                {"error": {"code": exception.code, "message": str(exception)}},
                status=exception.status,
            )
        if isinstance(exception, NotFound):
            return not_found(request)
        return refused(request, exception)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same page for what does not exist and for what one may not know of."""
    return render(request, "404.html", status=404)


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Says why not, and how long to wait where waiting helps."""
    answer = render(
        request, "refused.html", {"refusal": refusal}, status=refusal.status
    )
    if refusal.retry_after is not None:
        answer["Retry-After"] = str(max(1, round(refusal.retry_after)))
    return answer
