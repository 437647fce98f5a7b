import stat
from pathlib import Path

import pytest

from booking_site.embedded.data_directory import REPOSITORY, DataDirectory, data_directory
from booking_site.embedded.errors import EmbeddedError


@pytest.fixture
def data(tmp_path: Path) -> DataDirectory:
    data = DataDirectory(tmp_path / "var")
    data.create()
    return data


def test_it_is_var_in_the_repository_unless_told_otherwise(tmp_path: Path) -> None:
    assert data_directory(None).root == REPOSITORY / "var"
    assert data_directory("").root == REPOSITORY / "var"
    assert data_directory(str(tmp_path / "x")).root == tmp_path / "x"


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    with pytest.raises(EmbeddedError, match="is a file"):
        data_directory(str(file))


def test_only_one_may_hold_it(data: DataDirectory) -> None:
    other = DataDirectory(data.root)

    assert data.acquire()
    assert not other.acquire()
    data.release()
    assert other.acquire()
    other.release()


def test_a_secret_stays_the_same_and_private(data: DataDirectory) -> None:
    secret = data.secret("secret_key")

    assert len(secret) >= 50
    assert data.secret("secret_key") == secret
    assert data.secret("other") != secret
    assert stat.S_IMODE((data.secrets / "secret_key").stat().st_mode) == 0o600
    assert sorted(path.name for path in data.secrets.iterdir()) == ["other", "secret_key"]


def test_what_is_published_can_be_read_by_others_of_the_same_user(data: DataDirectory) -> None:
    assert DataDirectory(data.root).published() is None

    data.publish({"pid": 1})

    assert DataDirectory(data.root).published() == {"pid": 1}
    assert stat.S_IMODE(data.services.stat().st_mode) == 0o600


def test_who_takes_the_directory_drops_what_a_killed_holder_has_published(
    data: DataDirectory,
) -> None:
    data.publish({"pid": 1})

    assert data.acquire()
    assert data.published() is None
    data.release()


def test_a_log_that_has_grown_too_large_is_moved_aside(data: DataDirectory) -> None:
    log = data.log_file("web")
    log.write_bytes(b"x" * 5_000_001)

    assert data.log_file("web") == log
    assert not log.exists()
    assert log.with_suffix(".log.1").stat().st_size == 5_000_001
