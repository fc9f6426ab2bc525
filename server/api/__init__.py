"""The JSON API for other programs, below /api/v1/."""

from server.api.routes import ROUTES, add_api

__all__ = ["ROUTES", "add_api"]
