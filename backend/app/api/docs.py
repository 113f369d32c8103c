"""The interactive description of the API at /api/docs. Nothing is loaded from another site, and no script is inline."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fastapi_offline
from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from app.api.deps import Public
from app.api.responses import problems

OPENAPI_URL = "/api/openapi.json"
ASSETS_URL = "/api/docs/assets"
_ASSETS = Path(fastapi_offline.__file__).parent / "static"
# Swagger UI writes style attributes and small data: pictures.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Easel API</title>
<link rel="stylesheet" href="{ASSETS_URL}/swagger-ui.css">
<link rel="icon" href="{ASSETS_URL}/favicon.png">
</head>
<body>
<main id="swagger-ui"></main>
<script src="{ASSETS_URL}/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
"""
# Requests from this page by cookie carry the CSRF token as the studio's own pages do.
_START = f"""
window.ui = SwaggerUIBundle({{
  url: "{OPENAPI_URL}",
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: false,
  requestInterceptor: (request) => {{
    const match = document.cookie.match(/(?:^|; )(?:__Host-)?easel_csrf=([^;]*)/);
    if (match) request.headers["X-CSRF-Token"] = decodeURIComponent(match[1]);
    return request;
  }},
}});
"""

router = APIRouter(include_in_schema=False)


class DescribedApi(FastAPI):
    """FastAPI, whose document says how a refused value is really answered.

    FastAPI adds its own 422 to every route that takes something; here the answer is a problem, like any other error.
    And it answers 400 to a body that it can't even decode, which its document keeps to itself.
    """

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            document = super().openapi()
            refused, unreadable = (
                {key: value for key, value in problems(status)[status].items() if key != "model"}
                for status in (422, 400)
            )
            for operations in document["paths"].values():
                for operation in operations.values():
                    answers = operation["responses"]
                    if "HTTPValidationError" in str(answers.get("422")):
                        answers["422"] = refused
                    if "requestBody" in operation and "default" not in answers:  # others have their own
                        answers["400"] = unreadable
            for name in ("HTTPValidationError", "ValidationError"):
                document["components"]["schemas"].pop(name, None)
            self.openapi_schema = document
        return self.openapi_schema


@router.get("/api/docs", dependencies=[Public])
async def docs_page() -> HTMLResponse:
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": _POLICY})


@router.get("/api/docs/start.js", dependencies=[Public])
async def docs_script() -> Response:
    return Response(_START, media_type="text/javascript")


def install_docs(app: FastAPI) -> None:
    app.include_router(router)
    app.mount(ASSETS_URL, StaticFiles(directory=_ASSETS), name="docs-assets")
