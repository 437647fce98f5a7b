"""How passwords are stored."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2Hasher(Argon2PasswordHasher):
    """Argon2id with the first set of parameters of the OWASP Password Storage Cheat Sheet.

    19 MiB, two passes, one lane: a login costs some 20 ms of one core, and a burst of logins can't
    exhaust a small server's memory as Django's 100 MiB and eight lanes would.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
