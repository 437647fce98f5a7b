"""Addresses under /api/v1/auth/."""

from django.urls import path

from accounts.api import mailbox_views, session_views, views

urlpatterns = [
    path("auth/register", views.RegisterView.as_view(), name="auth-register"),
    path("auth/login", session_views.LoginView.as_view(), name="auth-login"),
    path("auth/refresh", session_views.RefreshView.as_view(), name="auth-refresh"),
    path("auth/logout", session_views.LogoutView.as_view(), name="auth-logout"),
    path(
        "auth/password-reset",
        mailbox_views.PasswordResetRequestView.as_view(),
        name="auth-password-reset",
    ),
    path(
        "auth/password-reset/confirm",
        mailbox_views.PasswordResetView.as_view(),
        name="auth-password-reset-confirm",
    ),
    path(
        "auth/verify-email",
        mailbox_views.EmailVerificationView.as_view(),
        name="auth-verify-email",
    ),
    path(
        "auth/verify-email/request",
        mailbox_views.EmailVerificationRequestView.as_view(),
        name="auth-verify-email-request",
    ),
    path("auth/visitor", views.VisitorView.as_view(), name="auth-visitor"),
    path("auth/me", views.MeView.as_view(), name="auth-me"),
]
