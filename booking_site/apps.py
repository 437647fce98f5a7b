from django.apps import AppConfig


class BookingSiteConfig(AppConfig):
    """The shell: what every app may use and what knows no app."""

    name = "booking_site"
    verbose_name = "Booking site"
