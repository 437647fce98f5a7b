"""Finding the texts to translate in Django's templates, for Babel (see `make messages`)."""

from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

from babel.messages.extract import extract_python
from django.utils.translation.template import templatize


def extract_template(
    fileobj: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[Any]:
    """Yield the messages of a template, as Babel's extractors do.

    Django turns the template into calls of gettext among gibberish; without its indentation that
    is something that Python can read.
    """
    calls = templatize(fileobj.read().decode())
    source = "\n".join(line.strip() for line in calls.splitlines())
    yield from extract_python(BytesIO(source.encode()), keywords, comment_tags, options)
