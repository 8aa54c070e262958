"""Who may come through a door. Deny by default: an app with a route that names no `Access` refuses to start."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, g, request
from sqlalchemy.orm import Session

from common import identity
from common.errors import Forbidden, Unauthenticated
from common.identity import ROLES, Person
from common.keys import Keys
from common.words import Words

SESSION_COOKIE = "citykeys_session"
TOKEN_COOKIE = "citykeys_token"  # noqa: S105 - a name


@dataclass(frozen=True)
class Access:
    """A rule about who may pass; `needs` are the words shown to those who may not."""

    label: str
    passes: Callable[[Person | None], bool]
    needs: Words
    people: bool = True

    def check(self, person: Person | None) -> None:
        """Raises Unauthenticated when nobody is signed in and somebody must be, Forbidden for the wrong person."""
        if self.passes(person):
            return
        if person is None:
            raise Unauthenticated
        raise Forbidden(self.needs)


anyone = Access("anyone", lambda person: True, Words("", ""))
signed_in = Access("signed in", lambda person: person is not None, Words("請先登入。", "Please sign in first."))
services_only = Access(
    "services", lambda person: False, Words("這是服務之間的通道。", "This door is for services."), people=False
)


def has_role(*roles: str) -> Access:
    """Only people with one of `roles` pass."""
    unknown = set(roles) - set(ROLES)
    if unknown:
        raise ValueError(f"no such roles: {unknown}")
    zh = "、".join(f"「{ROLES[role].zh}」" for role in roles)
    en = " or ".join(ROLES[role].en for role in roles)
    needs = Words(
        f"這一頁要{zh}權限。請洽貴機關帳號管理者。", f"This needs the {en} role. Ask your agency’s account manager."
    )
    return Access(f"role {'|'.join(roles)}", lambda person: person is not None and person.has(*roles), needs)


def cookie_name(name: str) -> str:
    """The cookie's name; under TLS with the `__Host-` prefix, which browsers then hold to Secure and Path=/."""
    return f"__Host-{name}" if current_app.config["SETTINGS"].secure else name


def set_cookie(response: Response, name: str, value: str, max_age: int | None = None) -> None:
    """Set one of the house's cookies: HttpOnly, SameSite=Lax, Secure under TLS."""
    secure = current_app.config["SETTINGS"].secure
    response.set_cookie(
        cookie_name(name), value, max_age=max_age, httponly=True, secure=secure, samesite="Lax", path="/"
    )


def drop_cookie(response: Response, name: str) -> None:
    """Take a cookie away."""
    secure = current_app.config["SETTINGS"].secure
    response.delete_cookie(cookie_name(name), path="/", secure=secure, httponly=True, samesite="Lax")


def keys() -> Keys:
    """This service's signing keys."""
    loaded: Keys = current_app.extensions["keys"]
    return loaded


def cookie_claims() -> dict[str, Any] | None:
    """What the browser's token says, or None without a good one."""
    return _claims(request.cookies.get(cookie_name(TOKEN_COOKIE), ""))


def bearer_claims() -> dict[str, Any] | None:
    """What the Authorization header's token says, or None without a good one. Cookies do not count here."""
    return _claims(bearer())


def bearer() -> str:
    """The token of the Authorization header, or ""."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _claims(token: str) -> dict[str, Any] | None:
    if not token:
        return None
    try:
        return identity.read_token(keys(), token, g.now)
    except Unauthenticated:
        return None


def identify(session: Session, claims: dict[str, Any] | None) -> Person | None:
    """The person behind the claims, read anew in this transaction; kept on `g.person` for the page."""
    g.person = identity.person_of(session, claims) if claims else None
    g.claims = claims if g.person else None
    person: Person | None = g.person
    return person


def check_service() -> str:
    """The name of the calling service. Raises Unauthenticated unless its token is signed by it and meant for us."""
    claims = keys().read(bearer(), audience=current_app.config["SERVICE"].name, now=g.now)
    if claims.get("sub"):
        raise Unauthenticated
    return str(claims["iss"])
