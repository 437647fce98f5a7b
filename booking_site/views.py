"""Pages of the product that belong to no app."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from booking_site.problems import all_problems


def index(request: HttpRequest) -> HttpResponse:
    """Show where the API, its documentation and the admin are."""
    return render(request, "index.html")


def problem_list(request: HttpRequest) -> HttpResponse:
    """List every problem type that the API can answer with."""
    return render(request, "problems/list.html", {"problems": all_problems()})


def problem_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Explain one problem type: what it means and what a client should do."""
    for problem in all_problems():
        if problem.slug == slug:
            return render(request, "problems/page.html", {"problem": problem})
    raise Http404
