"""The settings of the processes that get killed: the product's, and mails that are deadly."""

from tests.settings import *  # noqa: F403

MAIL_BUILDERS = {
    **MAIL_BUILDERS,  # noqa: F405
    "test.deadly": "tests.faults.deadly_mails.deadly",
}
