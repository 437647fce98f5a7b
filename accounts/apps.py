from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # Importing registers what they declare, which needs the apps to be loaded.
        from accounts import checks  # noqa: F401
        from accounts.api import openapi  # noqa: F401
