"""`manage.py document_problems FILE`: write the page about every problem type."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.urls import get_resolver

from booking_site.problems import Problem, all_problems

_HEAD = """# Problem types

Made by `make schema` from the code. Errors are `application/problem+json` (RFC 9457): decide by
`type`, show `detail` and each of `errors` at its `field`, and quote `request_id` in a report. The
product serves each page at its `type`.

| type | status | title |
|---|---|---|
"""


class Command(BaseCommand):
    """Writes Markdown, so that the documentation of errors is the code's own."""

    help = "Write what every problem type means, and what a client should do, as Markdown."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        # Problems are declared beside what raises them: the views' imports bring them all in.
        get_resolver().url_patterns  # noqa: B018
        problems = all_problems()
        rows = "\n".join(_row(problem) for problem in problems)
        sections = "\n".join(_section(problem) for problem in problems)
        options["file"].write_text(f"{_HEAD}{rows}\n{sections}")


def _row(problem: type[Problem]) -> str:
    return f"| [`{problem.type_uri()}`](#{problem.slug}) | {problem.status} | {problem.title} |"


def _section(problem: type[Problem]) -> str:
    return (
        f"\n## {problem.slug}\n\n**{problem.title}** (status {problem.status})\n\n"
        f"{problem.meaning()}\n\n**What to do:** {problem.client_action}\n"
    )
