"""Two ways in which a page cannot be had that call for reactions of their own."""

from __future__ import annotations

from app.errors import DocumentError


class Unreachable(DocumentError):
    """The server did not answer as a web server should; another time it may."""


class OutOfBounds(DocumentError):
    """Nothing for us: forbidden, behind a login, of a type that is not read, or elsewhere.

    Told of addresses that were named or known; passed over where it was only linked.
    """
