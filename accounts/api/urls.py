"""Addresses under /api/v1/auth/."""

from django.urls import path

from accounts.api import session_views, views

urlpatterns = [
    path("auth/register", views.RegisterView.as_view(), name="auth-register"),
    path("auth/login", session_views.LoginView.as_view(), name="auth-login"),
    path("auth/refresh", session_views.RefreshView.as_view(), name="auth-refresh"),
    path("auth/logout", session_views.LogoutView.as_view(), name="auth-logout"),
    path("auth/visitor", views.VisitorView.as_view(), name="auth-visitor"),
    path("auth/me", views.MeView.as_view(), name="auth-me"),
]
