import pytest

from rooms.locations import location_key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Zürich", "zurich"),
        ("  New   York ", "new york"),
        ("SÃO PAULO", "sao paulo"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("", ""),
    ],
)
def test_spellings_of_one_place_have_one_key(written: str, key: str) -> None:
    assert location_key(written) == key
