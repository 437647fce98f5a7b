"""Addresses of the pages that mails lead to."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("login", views.sign_in, name="sign-in"),
    path("reset-password", views.request_password_reset, name="request-password-reset"),
    path("reset-password/<str:uid>/<str:token>", views.reset_password, name="reset-password"),
    path("verify-email/<str:token>", views.verify_email, name="verify-email"),
]
