"""Every text is there in every language, and what is compiled is what was written."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings

TRANSLATED = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
UP_TO_DATE = "bring locale/ up to date: make messages"

pytestmark = pytest.mark.parametrize("language", TRANSLATED)


def file_of(language: str, kind: str) -> Path:
    return settings.BASE_DIR / "locale" / language / "LC_MESSAGES" / f"django.{kind}"


def catalogue(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


def texts(catalogue: Catalog) -> set[str | tuple[str, ...]]:
    return {message.id for message in catalogue if message.id}


@pytest.fixture(scope="module")
def texts_in_code(tmp_path_factory):
    template = tmp_path_factory.mktemp("messages") / "django.pot"
    root = str(settings.BASE_DIR)
    mapping = str(settings.BASE_DIR / "pyproject.toml")
    CommandLineInterface().run(
        ["pybabel", "-q", "extract", "-F", mapping, "-o", str(template), root]
    )
    return texts(catalogue(template))


def test_every_text_in_the_code_is_in_the_catalogue_and_no_other(language, texts_in_code):
    assert len(texts_in_code) > 80
    assert texts(catalogue(file_of(language, "po"), language)) == texts_in_code, UP_TO_DATE


def test_every_text_is_translated_for_good(language):
    messages = [message for message in catalogue(file_of(language, "po"), language) if message.id]
    translations = {message.id: message.string for message in messages}
    assert [text for text, said in translations.items() if not (said and all(said))] == []
    assert [message.id for message in messages if message.fuzzy] == []


def test_translations_fill_in_the_same_facts(language):
    for message in catalogue(file_of(language, "po"), language):
        if not message.id:
            continue
        forms = message.string if message.pluralizable else (message.string,)
        originals = message.id if message.pluralizable else (message.id,)
        for said, original in zip(forms, originals, strict=True):
            assert placeholders(said) == placeholders(original), original


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%(?:\(\w+\))?[sd%]", text.replace(" %%", "%%")))


def test_what_is_compiled_is_what_was_written(language):
    compiled = BytesIO()
    write_mo(compiled, catalogue(file_of(language, "po"), language))
    assert file_of(language, "mo").read_bytes() == compiled.getvalue(), UP_TO_DATE
