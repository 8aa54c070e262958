"""Shapes taken in and given out by the portal."""

from common.identity import ROLES
from common.schemas import (
    Boolean,
    Choice,
    Date,
    Email,
    Id,
    Instant,
    Integer,
    List,
    Nested,
    PageQuery,
    Raw,
    Schema,
    String,
)
from common.words import Words
from services.portal.feeds import KINDS as FEED_KINDS
from services.portal.passwords import LONGEST
from services.portal.people import LEAVING

LANGUAGES = {"zh": Words("中文", "Chinese"), "en": Words("英文", "English")}
USERNAME = {"label": Words("帳號", "User name"), "example": "officer"}


class MailOrNothing(Email):
    """A mail address, or none at all."""

    def __call__(self, value: str) -> str:
        return super().__call__(value) if value else value


def secret(label: Words) -> String:
    """A password as typed: nothing trimmed, nothing cut."""
    told = {"label": label, "format": "password", "example": "four-words-of-your-own"}
    return String(required=True, strip=False, max_length=LONGEST, metadata=told)


class CreateToken(Schema):
    """A user name and its password."""

    username = String(required=True, max_length=60, metadata=USERNAME)
    password = secret(Words("密碼", "Password"))


class TokenOut(Schema):
    """A bearer token and how many seconds it lives."""

    access_token = String(required=True, max_length=None, metadata={"example": "eyJhbGciOiJFZERTQSIs…"})
    token_type = String(required=True, metadata={"example": "Bearer"})
    expires_in = Integer(required=True, metadata={"example": 1800})


class AgencyOut(Schema):
    """An agency or outside body."""

    id = Id(required=True, metadata={"example": "1"})
    code = String(required=True, metadata={"example": "CUL"})
    name = String(required=True, metadata={"example": "文化局"})
    name_en = String(required=True, metadata={"example": "Department of Cultural Affairs"})
    kind = String(required=True, metadata={"description": "`city` or `outside`", "example": "city"})
    active = Boolean(required=True)


class PersonOut(Schema):
    """A person as administrators see them."""

    id = Id(required=True, metadata={"example": "1"})
    username = String(required=True, metadata={"example": "officer"})
    name = String(required=True, metadata={"example": "林小滿"})
    name_en = String(required=True, min_length=0, metadata={"example": "Lin Hsiao-man"})
    agency = Nested(AgencyOut, required=True)
    unit = String(required=True, min_length=0)
    roles = List(String(), required=True)
    mail = String(required=True, min_length=0)
    phone = String(required=True, min_length=0)
    lang = String(required=True, metadata={"example": "zh"})
    active = Boolean(required=True)


class NewPersonOut(PersonOut):
    """A new person with a password for the first sign-in, told this once."""

    one_time_password = String(
        required=True,
        metadata={"description": "must be changed at first sign-in (C-32)", "example": "k7mq-x2hd-9pfw-tb4n"},
    )


class AgencyQuery(PageQuery):
    """Which agencies."""

    kind = Choice(
        {"city": Words("本府機關", "City"), "outside": Words("府外團體", "Outside")},
        load_default=None,
        metadata={"label": Words("種類", "Kind")},
    )


class PeopleQuery(PageQuery):
    """Which people."""

    agency_id = Id(load_default=None, metadata={"label": Words("機關", "Agency")})
    role = Choice(ROLES, load_default=None, metadata={"label": Words("角色", "Role")})
    text = String(
        load_default="",
        max_length=60,
        metadata={"label": Words("關鍵字", "Search"), "description": "part of a name or user name"},
    )
    active = Boolean(load_default=None, metadata={"label": Words("使用中", "Active")})


class CreatePerson(Schema):
    """A new account (C-30)."""

    username = String(
        required=True, max_length=60, metadata={"label": Words("帳號", "User name"), "example": "hsiaoman.lin"}
    )
    name = String(required=True, max_length=80, metadata={"label": Words("姓名", "Name"), "example": "林小滿"})
    name_en = String(
        load_default="",
        max_length=120,
        metadata={"label": Words("英文姓名", "Name in English"), "example": "Lin Hsiao-man"},
    )
    agency_id = Id(required=True, metadata={"label": Words("機關", "Agency"), "example": "1"})
    unit = String(load_default="", max_length=80, metadata={"label": Words("單位", "Unit"), "example": "第二科"})
    roles = List(
        Choice(ROLES),
        required=True,
        min_length=1,
        max_length=10,
        metadata={"label": Words("角色", "Role"), "example": ["officer"]},
    )
    mail = String(
        load_default="",
        validate=MailOrNothing(),
        metadata={"label": Words("電子郵件", "E-mail"), "example": "lin@example.org"},
    )
    phone = String(load_default="", max_length=40, metadata={"label": Words("電話", "Phone")})
    lang = Choice(LANGUAGES, load_default="zh", metadata={"label": Words("語言", "Language")})


class ChangePerson(Schema):
    """What an administrator may change about a person. The user name stays."""

    name = String(required=True, max_length=80, metadata={"label": Words("姓名", "Name")})
    name_en = String(load_default="", max_length=120, metadata={"label": Words("英文姓名", "Name in English")})
    agency_id = Id(required=True, metadata={"label": Words("機關", "Agency")})
    unit = String(load_default="", max_length=80, metadata={"label": Words("單位", "Unit")})
    roles = List(Choice(ROLES), required=True, min_length=1, max_length=10, metadata={"label": Words("角色", "Role")})
    mail = String(load_default="", validate=MailOrNothing(), metadata={"label": Words("電子郵件", "E-mail")})
    phone = String(load_default="", max_length=40, metadata={"label": Words("電話", "Phone")})


class Reason(Schema):
    """Why, in a sentence; kept in the audit log."""

    reason = String(load_default="", max_length=200, metadata={"label": Words("原因", "Reason")})


class Leave(Reason):
    """How and when a person left their post (D-45)."""

    kind = Choice(LEAVING, required=True, metadata={"label": Words("離職原因", "Kind of leaving")})
    left_on = Date(required=True, metadata={"label": Words("離職日", "Last day")})


class OwnDetails(Schema):
    """What everyone may change about themselves."""

    lang = Choice(LANGUAGES, required=True, metadata={"label": Words("語言", "Language")})
    mail = String(load_default="", validate=MailOrNothing(), metadata={"label": Words("電子郵件", "E-mail")})
    phone = String(load_default="", max_length=40, metadata={"label": Words("電話", "Phone")})


class ChangePassword(Schema):
    """The present password and the new one."""

    current_password = secret(Words("目前的密碼", "Present password"))
    new_password = secret(Words("新密碼", "New password"))


class NewPassword(Schema):
    """A new password."""

    new_password = secret(Words("新密碼", "New password"))


class CreateFeed(Schema):
    """A calendar address to be made."""

    kind = Choice(
        {key: kind.words for key, kind in FEED_KINDS.items()},
        required=True,
        metadata={"label": Words("行事曆種類", "Kind of calendar"), "example": "my"},
    )
    ref = String(
        load_default="",
        max_length=20,
        metadata={
            "label": Words("編號", "Number"),
            "description": "id of the vehicle or venue, for kinds about one thing",
            "example": "7",
        },
    )
    label = String(
        load_default="",
        max_length=80,
        metadata={"label": Words("名稱", "Name"), "description": "for oneself", "example": "手機"},
    )


class FeedOut(Schema):
    """A calendar address as its owner sees it; the address itself is told only when it is made."""

    id = Id(required=True, metadata={"example": "3"})
    kind = String(required=True, metadata={"example": "my"})
    service = String(required=True, metadata={"example": "portal"})
    ref = String(required=True, min_length=0)
    label = String(required=True, min_length=0)
    created_at = Instant(required=True)
    last_read_at = Instant(
        required=True, allow_none=True, metadata={"description": "known for feeds the portal serves itself"}
    )


class NewFeedOut(FeedOut):
    """A new feed with its private address, told this once."""

    url = String(required=True, max_length=None, metadata={"example": "https://citykeys.example/feeds/3q2-7wAB….ics"})


class AuditQuery(PageQuery):
    """Which entries of the audit log."""

    action = String(
        load_default=None, max_length=60, metadata={"label": Words("動作", "Action"), "example": "sign_in.failed"}
    )
    subject = String(
        load_default=None, max_length=80, metadata={"label": Words("對象", "Subject"), "example": "person/1"}
    )
    actor_id = Id(load_default=None, metadata={"label": Words("行為人", "Actor")})


class AuditOut(Schema):
    """One act, as written down in its transaction."""

    id = Id(required=True)
    at = Instant(required=True)
    actor_id = Id(required=True, allow_none=True)
    actor_name = String(required=True, min_length=0)
    action = String(required=True)
    subject = String(required=True)
    before = Raw(required=True, allow_none=True)
    after = Raw(required=True, allow_none=True)
    reason = String(required=True, min_length=0, max_length=None)
    address = String(required=True, min_length=0)
    request_id = String(required=True, min_length=0)


class ChainOut(Schema):
    """Whether the audit log is whole: every linked entry unaltered and in its place."""

    ok = Boolean(required=True)
    checked = Integer(required=True, metadata={"description": "entries whose link was right"})
    unlinked = Integer(required=True, metadata={"description": "entries not linked yet"})
    first_bad = String(required=True, allow_none=True, metadata={"description": "the entry at which the chain breaks"})
