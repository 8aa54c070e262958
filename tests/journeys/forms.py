"""A person at a browser that runs no scripts: pages are read, forms are filled in and sent exactly as they stand there.

Hidden fields travel along, a value that a list does not offer cannot be chosen, a box that is not there cannot be typed
into, and a button sends what it says and where it says. So a page that only works with a script does not pass.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import requests

from tests.house_fixture import House

SILENT = {"script", "style", "title", "template"}


@dataclass
class Control:
    """One control of a form. `options`: what may be chosen, where it is a list."""

    name: str
    kind: str
    value: str = ""
    checked: bool = False
    options: list[str] = field(default_factory=list)


@dataclass
class Button:
    """One button that sends a form."""

    words: str = ""
    name: str = ""
    value: str = ""
    action: str | None = None


@dataclass
class Form:
    """One form as it stands on a page."""

    action: str
    method: str
    id: str = ""
    controls: list[Control] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        return {control.name for control in self.controls}

    def value(self, name: str) -> str:
        """What would be sent under `name` now; "" for nothing."""
        return next((value for key, value in self.as_it_stands() if key == name), "")

    def as_it_stands(self) -> list[tuple[str, str]]:
        return [
            (each.name, each.value) for each in self.controls if each.kind not in ("radio", "checkbox") or each.checked
        ]

    def fill(self, typed: dict[str, Any]) -> list[tuple[str, str]]:
        """Everything a browser would send after `typed`: texts, chosen values, lists of ticked boxes."""
        unknown = set(typed) - self.names
        assert not unknown, f"the form {self.action} has no {sorted(unknown)}, only {sorted(self.names)}"
        sent: list[tuple[str, str]] = []
        for each in self.controls:
            if each.name not in typed:
                if each.kind not in ("radio", "checkbox") or each.checked:
                    sent.append((each.name, each.value))
                continue
            wanted = typed[each.name]
            several = [str(one) for one in (wanted if isinstance(wanted, list | tuple | set) else [wanted])]
            if each.kind in ("radio", "checkbox"):
                if each.value in several:
                    sent.append((each.name, each.value))
            else:
                assert each.kind != "hidden", f"{each.name} is hidden: nobody can type into it"
                if each.options:
                    assert several[0] in each.options, f"{each.name} offers {each.options}, not {several[0]!r}"
                sent.append((each.name, several[0]))
        for name, wanted in typed.items():
            boxes = [each for each in self.controls if each.name == name and each.kind in ("radio", "checkbox")]
            several = [str(one) for one in (wanted if isinstance(wanted, list | tuple | set) else [wanted])]
            if boxes:
                offered = [each.value for each in boxes]
                assert set(several) <= set(offered), f"{name} offers {offered}, not {several}"
        return sent


class Reader(HTMLParser):
    """Reads forms, links, headings and visible words of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.words: list[str] = []
        self._loose: list[tuple[str, Control | Button]] = []
        self._form: Form | None = None
        self._button: Button | None = None
        self._select: Control | None = None
        self._textarea: Control | None = None
        self._option: str | None = None
        self._option_known = False
        self._option_selected = False
        self._link: list[str] | None = None
        self._silent = 0

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in given}
        if tag in SILENT:
            self._silent += 1
        if tag == "form":
            self._form = Form(has.get("action", ""), has.get("method", "get").lower(), has.get("id", ""))
            self.forms.append(self._form)
        elif tag == "a" and "href" in has:
            self._link = [has["href"], ""]
        elif "disabled" in has:
            return
        elif tag == "input" and has.get("name"):
            kind = has.get("type", "text").lower()
            usual = "on" if kind in ("radio", "checkbox") else ""
            self._put(Control(has["name"], kind, has.get("value", usual), "checked" in has), has)
        elif tag == "textarea" and has.get("name"):
            self._textarea = Control(has["name"], "textarea")
            self._put(self._textarea, has)
        elif tag == "select" and has.get("name"):
            self._select = Control(has["name"], "select")
            self._put(self._select, has)
        elif tag == "option" and self._select is not None:
            self._option_known = "value" in has
            self._option = has.get("value", "")
            if self._option_known:
                self._offer("selected" in has)
            else:
                self._option_selected = "selected" in has
        elif tag == "button" and has.get("type", "submit") == "submit":
            self._button = Button(name=has.get("name", ""), value=has.get("value", ""), action=has.get("formaction"))
            self._put(self._button, has)

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent -= 1
        elif tag == "form":
            self._form = None
        elif tag == "button":
            self._button = None
        elif tag == "textarea":
            self._textarea = None
        elif tag == "option" and self._option is not None and not self._option_known:
            self._option = self._option.strip()
            self._offer(self._option_selected)
        elif tag == "select":
            self._select = None
        elif tag == "a" and self._link:
            self.links.append((self._link[0], " ".join(self._link[1].split())))
            self._link = None
        if tag == "option":
            self._option = None

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._textarea.value += data.removeprefix("\n") if not self._textarea.value else data
        if self._option is not None and not self._option_known:
            self._option += data
        if self._button is not None:
            self._button.words = " ".join(f"{self._button.words} {data}".split())
        if self._link is not None:
            self._link[1] += data
        if not self._silent and data.strip():
            self.words.append(" ".join(data.split()))

    def finished(self) -> "Reader":
        """Give controls that stand outside to the forms they name."""
        by_id = {form.id: form for form in self.forms if form.id}
        for form_id, control in self._loose:
            form = by_id[form_id]
            (form.controls if isinstance(control, Control) else form.buttons).append(control)  # type: ignore[arg-type]
        return self

    def _put(self, control: "Control | Button", has: dict[str, str]) -> None:
        if has.get("form"):
            self._loose.append((has["form"], control))
        elif self._form is not None:
            (self._form.controls if isinstance(control, Control) else self._form.buttons).append(control)  # type: ignore[arg-type]

    def _offer(self, selected: bool) -> None:
        assert self._select is not None and self._option is not None
        if selected or not self._select.options:
            self._select.value = self._option
        self._select.options.append(self._option)


@dataclass
class Page:
    """A page as somebody sees it."""

    browser: "Browser"
    url: str
    status: int
    text: str
    forms: list[Form]
    links: list[tuple[str, str]]
    words: str

    @property
    def path(self) -> str:
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def form(self, action: str = "", **values: str) -> Form:
        """The form whose address matches `action`, and which sends `values`."""
        found = [
            form
            for form in self.forms
            if re.search(action, form.action) and all(form.value(name) == value for name, value in values.items())
        ]
        assert found, (
            f"no form {action!r} {values} on {self.path}, only {[each.action for each in self.forms]}: {self.words[:3000]}"
        )
        return found[0]

    def has_form(self, action: str) -> bool:
        return any(re.search(action, form.action) for form in self.forms)

    def send(self, action: str = "", press: str | None = None, **typed: Any) -> "Page":
        """Fill in the form at `action`, press Enter (or the button that says `press`), and see what follows."""
        form = self.form(action)
        pressed = next((each for each in form.buttons if press is None or press in each.words), None)
        assert pressed, f"no button says {press!r}, only {[each.words for each in form.buttons]}"
        sent = form.fill(typed)
        if pressed.name:
            sent.append((pressed.name, pressed.value))
        target = urljoin(self.url, pressed.action or form.action or self.url)
        if form.method == "get":
            return self.browser.go(target.split("?")[0] + "?" + urlencode(sent))
        return self.browser.post(target, sent, came_from=self.url)

    def follow(self, words: str) -> "Page":
        """Follow the link that says `words`."""
        found = next((href for href, said in self.links if words in said), None)
        assert found, f"no link says {words!r} on {self.path}, only {[said for _, said in self.links]}"
        return self.browser.go(urljoin(self.url, found))

    def says(self, *words: str) -> "Page":
        """Fails unless every one of `words` stands on the page."""
        for each in words:
            assert each in self.words, f"{self.status} {self.path} does not say {each!r}: {self.words[:4000]}"
        return self

    def of_status(self, status: int) -> "Page":
        assert self.status == status, f"{self.status} instead of {status} on {self.path}: {self.words[:4000]}"
        return self


class Browser:
    """One person's browser at a house."""

    def __init__(self, house: House, username: str | None = None):
        self.house = house
        self.session = requests.Session()
        if username:
            for name, value in house.sign_in(username).items():
                self.set_cookie(name, value)

    def set_cookie(self, name: str, value: str) -> None:
        """As if the house had set it, so that its own next word replaces it."""
        self.session.cookies.set(name, value, domain=urlsplit(self.house.url).hostname, path="/")

    def forget(self, name: str) -> None:
        """Lose a cookie, as when it has run out."""
        self.session.cookies.clear(urlsplit(self.house.url).hostname or "", "/", name)

    def go(self, address: str) -> Page:
        """Open an address of the house."""
        return self._page(self.session.get(urljoin(self.house.url, address), timeout=60))

    def post(self, address: str, sent: list[tuple[str, str]], came_from: str = "") -> Page:
        headers = {"Origin": self.house.url, "Referer": came_from}
        return self._page(self.session.post(urljoin(self.house.url, address), data=sent, headers=headers, timeout=60))

    def sign_in(self, username: str, password: str, address: str = "/sign-in") -> Page:
        """Through the sign-in page."""
        return self.go(address).send("/sign-in", username=username, password=password)

    def _page(self, answer: requests.Response) -> Page:
        assert answer.status_code < 500, f"{answer.status_code} {answer.url}: {answer.text[:2000]}"
        reader = Reader()
        if "html" in answer.headers.get("Content-Type", ""):
            reader.feed(answer.text)
            reader.close()
        reader.finished()
        return Page(
            self, answer.url, answer.status_code, answer.text, reader.forms, reader.links, " ".join(reader.words)
        )
