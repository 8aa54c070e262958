"""Messenger for people: the inbox, the mails one was sent, and the operations page."""

from email import message_from_bytes, policy
from typing import Any

from flask import Response, current_app, json, request
from sqlalchemy.orm import Session

from common.errors import NotFound
from common.identity import Person
from common.schemas import load_query
from common.settings import Settings
from common.web import Pages, flash, form_data, has_role, now, paged, redirect_to, render, signed_in
from common.web.look import form_token
from common.words import Words
from services.messenger import deliveries, mail, push, reach
from services.messenger.line import Line
from services.messenger.models import CHANNELS, RUNGS, STATES, WATCHERS, Delivery
from services.messenger.schemas import DeliveryQuery, MessageQuery, Subscribe

pages = Pages("messenger")

PAGE = 30
TONES = {
    "queued": "wait",
    "sending": "wait",
    "sent": "ok",
    "read": "ok",
    "accepted": "ok",
    "failed": "bad",
    "expired": "mute",
}
ICONS = {"fleet": "car-front", "venues": "landmark", "dorms": "bed-double"}
SERVICES = {"fleet": Words("公務車", "Cars"), "venues": Words("場地", "Venues"), "dorms": Words("宿舍", "Dormitory")}


def settings() -> Settings:
    """This service's settings."""
    ours: Settings = current_app.config["SETTINGS"]
    return ours


# ── The inbox ─────────────────────────────────────────────────────────────────


@pages.get("/", allows=signed_in)
def show_inbox(session: Session, person: Person) -> Any:
    query = load_query(MessageQuery, {**_page(), **_only(request.args, "unread")})
    page = paged(session, deliveries.inbox(person, only_unread=query["unread"]), query, Delivery.id)
    unread = deliveries.unread(session, person)
    return render("messenger/inbox.html", page=page, unread=unread, only_unread=query["unread"], icons=ICONS)


@pages.get("/unread", allows=signed_in)
def count_unread(session: Session, person: Person) -> Response:
    """For the bell in the header."""
    return Response(json.dumps({"unread": deliveries.unread(session, person)}), content_type="application/json")


@pages.post("/messages/<int:message_id>/open", allows=signed_in)
def open_message(session: Session, person: Person, message_id: int) -> Any:
    """Reading is noted, then the page that the message is about is shown."""
    message = deliveries.mark_read(session, person, now(), message_id)
    return redirect_to(message.link or ".show_inbox")


@pages.post("/messages/<int:message_id>/read", allows=signed_in)
def mark_read(session: Session, person: Person, message_id: int) -> Any:
    deliveries.mark_read(session, person, now(), message_id)
    return redirect_to(".show_inbox")


@pages.post("/read-all", allows=signed_in)
def mark_all_read(session: Session, person: Person) -> Any:
    count = deliveries.mark_all_read(session, person, now())
    flash(Words("{n} 則已標為已讀", "{n} marked as read").fill(n=count))
    return redirect_to(".show_inbox")


# ── Mails ─────────────────────────────────────────────────────────────────────


@pages.get("/mail", allows=signed_in)
def show_mails(session: Session, person: Person) -> Any:
    """One's own mails; on a desk without a mail server an administrator sees everybody's."""
    whole = person.has("admin") and not settings().mail_url
    query = load_query(DeliveryQuery, _page())
    page = paged(session, deliveries.mails(person, everybody=whole), query, Delivery.id)
    return render(
        "messenger/mails.html",
        page=page,
        everybody=whole,
        by_smtp=bool(settings().mail_url),
        states=STATES,
        tones=TONES,
    )


@pages.get("/mail/<int:delivery_id>", allows=signed_in)
def show_mail(session: Session, person: Person, delivery_id: int) -> Any:
    delivery = _readable_mail(session, person, delivery_id)
    lang = delivery.lang or (delivery.person.lang if delivery.person else "zh")
    return render(
        "messenger/mail.html", delivery=delivery, text=mail.text_of(delivery, lang, settings()), written=_written(delivery_id),
        subject=delivery.title.in_(lang), states=STATES, tones=TONES,
    )  # fmt: skip


@pages.get("/mail/<int:delivery_id>.eml", allows=signed_in)
def download_mail(session: Session, person: Person, delivery_id: int) -> Response:
    """The mail as it was written to the folder."""
    _readable_mail(session, person, delivery_id)
    data = mail.written_mail(settings(), delivery_id)
    if data is None:
        raise NotFound
    return _download(data, "message/rfc822", f"mail-{delivery_id}.eml")


@pages.get("/mail/<int:delivery_id>.ics", allows=signed_in)
def download_invite(session: Session, person: Person, delivery_id: int) -> Response:
    """The calendar attachment of a written mail."""
    _readable_mail(session, person, delivery_id)
    found = _written(delivery_id)
    if found is None or found["ics"] is None:
        raise NotFound
    return _download(found["ics"], "text/calendar; charset=utf-8", "invite.ics")


def _readable_mail(session: Session, person: Person, delivery_id: int) -> Delivery:
    delivery = deliveries.find(session, person, delivery_id)
    if delivery.channel != "mail" or not (delivery.is_for(person) or person.has("admin")):
        raise NotFound
    return delivery


def _written(delivery_id: int) -> dict[str, Any] | None:
    """The written mail's headers and calendar part, or None where mails go by SMTP or this one has not gone yet."""
    data = mail.written_mail(settings(), delivery_id)
    if data is None:
        return None
    message = message_from_bytes(data, policy=policy.default)
    calendars = [part.get_payload(decode=True) for part in message.walk() if part.get_content_type() == "text/calendar"]
    headers = [(name, str(message[name])) for name in ("From", "To", "Subject", "Date", "Message-ID")]
    return {"headers": headers, "ics": calendars[0] if calendars else None}


def _download(data: Any, content_type: str, name: str) -> Response:
    response = Response(data, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# ── Ways to a phone ───────────────────────────────────────────────────────────


@pages.get("/devices", allows=signed_in)
def show_devices(session: Session, person: Person, code: str | None = None) -> Any:
    """Where this person's messages ring: browsers, LINE, mail."""
    return render(
        "messenger/devices.html", devices=reach.devices(session, person.id), line=reach.line_of(session, person.id), code=code,
        by_line=bool(settings().line_token and settings().line_secret), ladder=[RUNGS[each] for each in reach.rungs(session)],
        minutes=int(reach.CODE_LASTS.total_seconds()) // 60,
    )  # fmt: skip


@pages.get("/push", allows=signed_in)
def tell_push_key(session: Session, person: Person) -> Response:
    """What a browser's script needs to subscribe."""
    told = {"key": push.public_key(settings().keys_dir), "token": form_token()}
    return Response(json.dumps(told), content_type="application/json")


@pages.post("/push", allows=signed_in)
def add_device(session: Session, person: Person) -> Response:
    """This browser takes pushes from now on. Answers a script."""
    label = device_of(request.headers.get("User-Agent", "")).in_(person.lang)
    sent = form_data(Subscribe)["subscription"]
    row = reach.add_device(session, person, now(), sent, label, settings().push_hosts)
    return Response(json.dumps({"id": str(row.id)}), content_type="application/json")


@pages.post("/devices/<int:device_id>/remove", allows=signed_in)
def remove_device(session: Session, person: Person, device_id: int) -> Any:
    """No more pushes to that browser."""
    reach.remove_device(session, person, device_id)
    flash(Words("已移除，不再推播到那裡。", "Removed. Nothing is pushed there any more."))
    return redirect_to(".show_devices")


@pages.post("/line/code", allows=signed_in)
def make_line_code(session: Session, person: Person) -> Any:
    """A code to send to the official account: shown this once."""
    if not (settings().line_token and settings().line_secret):
        raise NotFound
    return show_devices(session, person, reach.make_code(session, person, now()))


@pages.post("/line/unlink", allows=signed_in)
def unlink_line(session: Session, person: Person) -> Any:
    """Nothing more by LINE."""
    reach.unlink(session, person_id=person.id)
    flash(Words("已解除 LINE 連結。", "LINE is no longer linked."))
    return redirect_to(".show_devices")


def device_of(agent: str) -> Words:
    """A browser in words, as far as it says."""
    systems = {"iPhone": "iPhone", "Android": "Android", "Windows": "Windows", "Macintosh": "Mac", "Linux": "Linux"}
    system = next((words for mark, words in systems.items() if mark in agent), "")
    browser = next((each for each in ("Edg", "Firefox", "Chrome", "Safari") if each in agent), "")
    told = " · ".join(filter(None, (system, {"Edg": "Edge"}.get(browser, browser))))
    return Words.same(told) if told else Words("瀏覽器", "Browser")


# ── Operations ────────────────────────────────────────────────────────────────


@pages.get("/deliveries", allows=has_role(*WATCHERS))
def show_deliveries(session: Session, person: Person) -> Any:
    query = load_query(
        DeliveryQuery, {**_page(), **_only(request.args, "state", "channel", "service", "subject", "person_id")}
    )
    chosen = deliveries.filters(query)
    page = paged(session, deliveries.watched(person, **chosen), query, Delivery.id)
    counts = deliveries.counts(session, person)
    return render(
        "messenger/deliveries.html", page=page, chosen=chosen, counts=counts, states=STATES, channels=CHANNELS, tones=TONES,
        services=SERVICES,
    )  # fmt: skip


@pages.get("/deliveries/<int:delivery_id>", allows=has_role(*WATCHERS))
def show_delivery(session: Session, person: Person, delivery_id: int) -> Any:
    delivery = deliveries.find(session, person, delivery_id)
    lang = delivery.lang or (delivery.person.lang if delivery.person else "zh")
    mailed = mail.text_of(delivery, lang, settings()) if delivery.channel == "mail" else None
    if delivery.channel == "line":
        mailed = Line(settings()).text_of(delivery, lang)
    return render(
        "messenger/delivery.html", delivery=delivery, mailed=mailed, states=STATES, channels=CHANNELS, tones=TONES, services=SERVICES,
        may_send=delivery.can_send_again(person),
    )  # fmt: skip


@pages.post("/deliveries/<int:delivery_id>/send", allows=has_role("dispatcher", "admin"), again=show_delivery)
def send_again(session: Session, person: Person, delivery_id: int) -> Any:
    deliveries.send_again(session, person, now(), delivery_id)
    flash(Words("已重新排入", "Queued again"))
    return redirect_to(".show_delivery", delivery_id=delivery_id)


def _page() -> dict[str, str]:
    """The page of a list that is asked for; other names in the address (such as `lang`) are passed over."""
    return {"limit": str(PAGE), **_only(request.args, "cursor")}


def _only(values: Any, *names: str) -> dict[str, str]:
    return {name: values[name] for name in names if values.get(name)}
