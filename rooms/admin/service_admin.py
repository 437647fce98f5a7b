"""A ModelAdmin whose writes are services."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from booking_site.problems import Problem


class RefusableForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form that says why a service refused what the form itself found in order."""

    refusal: ClassVar[Problem | None] = None

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal is not None:
            raise ValidationError(self.refusal.detail, code=self.refusal.slug)
        return cleaned


class ServiceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Leaves transactions to the services that it calls, and shows their refusals to staff.

    Django wraps its add, change and delete views in `transaction.atomic`. A service that changes
    nights must open its transaction itself, as the outermost one: it sets the isolation level
    before anything is read, and runs again from the start after a conflict. So the three views
    below call the inner ones that Django wraps (`_changeform_view`, `_delete_view`): what a service
    did is committed before its log entry is written. A subclass calls first what may be refused.
    """

    form = RefusableForm

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[RefusableForm]:
        form = cast(type[RefusableForm], super().get_form(request, obj, change=change, **kwargs))
        form.refusal = getattr(request, "refusal", None)
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return self._unwrapped("_changeform_view", request, object_id, form_url, extra_context)
        except Problem as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            return self._unwrapped("_changeform_view", request, object_id, form_url, extra_context)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return self._unwrapped("_delete_view", request, object_id, extra_context)
        except Problem as refusal:
            return self._tell(request, refusal)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except Problem as refusal:
            return self._tell(request, refusal)

    def _unwrapped(self, view: str, *args: Any) -> HttpResponse:
        response: HttpResponse = getattr(self, view)(*args)
        return response

    def _tell(self, request: HttpRequest, refusal: Problem) -> HttpResponse:
        self.message_user(request, refusal.detail, messages.ERROR)
        return HttpResponseRedirect(request.get_full_path())
