"""`manage.py preview_mails DIRECTORY`: see every mail without booking anything."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from bookings.demo.mails import sample_mails


class Command(BaseCommand):
    """Writes each mail as .html and .txt, in every language."""

    help = "Write a sample of every mail, in every language, as .html and .txt into a directory."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path)

    def handle(self, *args: Any, directory: Path, **options: Any) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        for language, _ in settings.LANGUAGES:
            for name, mail in sample_mails(language, now=timezone.now()):
                html, text = (directory / f"{name}.{language}.{kind}" for kind in ("html", "txt"))
                html.write_text(mail.html, encoding="utf-8")
                text.write_text(f"{mail.subject}\n\n{mail.text}", encoding="utf-8")
                self.stdout.write(str(html))
