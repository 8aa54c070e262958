"""What the portal's tests do with a browser."""

from typing import Any

PASSWORD = "tunnel mango violin 87"
WRONG = "tunnel mango violin 88"


def sign_in(browser: Any, username: str, password: str = PASSWORD, **options: Any) -> Any:
    """Send the sign-in form."""
    form = {"username": username, "password": password, "next": options.pop("next", "/")}
    return browser.submit("/sign-in", form, **options)


def signed_in(browser: Any) -> bool:
    """Whether a page for signed-in people opens without further ado."""
    return bool(browser.get("/account").status_code == 200)


def cookie(browser: Any, name: str) -> str:
    """The value of one of the browser's cookies, "" without it."""
    found = browser.get_cookie(name)
    return found.value if found else ""
