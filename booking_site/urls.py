"""Every address of the product. Apps are named by string: the shell knows no app's insides."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from booking_site import health, views

handler400 = "booking_site.errors.bad_request"
handler403 = "booking_site.errors.permission_denied"
handler404 = "booking_site.errors.page_not_found"
handler500 = "booking_site.errors.server_error"

admin.site.site_header = admin.site.site_title = "Room booking platform"
admin.site.index_title = "Administration"

urlpatterns = [
    path("", views.index, name="index"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("accounts.urls")),
    path("", include("bookings.urls")),
    path("admin/", admin.site.urls),
    path("problems/", views.problem_list, name="problem-list"),
    path("problems/<slug:slug>", views.problem_page, name="problem"),
    path("api/v1/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("rooms.api.urls")),
    path("api/v1/", include("bookings.api.urls")),
]
