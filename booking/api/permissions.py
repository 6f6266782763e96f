"""Who may come to a door. What they may see behind it is decided by access."""

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from booking.api.authentication import caller_of

if TYPE_CHECKING:  # at run time it would be a circle: a view's defaults name this module
    from rest_framework.views import APIView


class Nobody(BasePermission):
    """The default: a view that does not say who may use it can be used by nobody."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return False


class Anyone(BasePermission):
    def has_permission(self, request: Request, view: "APIView") -> bool:
        return True


class Staff(BasePermission):
    """Staff whose scopes include the view's: `scope`, or `scopes` by method."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return caller_of(request).may(_scope(request, view))


class AnyoneReads(Staff):
    """Anyone to read, staff with the method's scope to write."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return request.method in SAFE_METHODS or super().has_permission(request, view)


class HolderOrStaff(BasePermission):
    """The holder of a link, or staff with the view's scope. Strangers pass too: access answers them with 404."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        caller = caller_of(request)
        return not caller.is_staff or caller.may(_scope(request, view))


def _scope(request: Request, view: "APIView") -> str:
    """Return the scope that staff need: the view's `scopes` by method, or its `scope`."""
    method = "GET" if request.method == "HEAD" else request.method
    found: str = getattr(view, "scopes", {}).get(method, getattr(view, "scope", "admin"))
    return found
