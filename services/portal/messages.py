"""What the portal tells the house."""

from common.messages import Fact, fields


class AgencyChanged(Fact):
    """An agency or outside body was added or changed; the fact carries the whole of it for read copies."""

    type = "portal.agency_changed.v1"
    agency_id = fields.String(required=True, metadata={"description": "id of the agency"})
    code = fields.String(required=True, metadata={"description": "short code, unique"})
    name = fields.String(required=True, metadata={"description": "name in 繁中"})
    name_en = fields.String(required=True, metadata={"description": "name in English"})
    kind = fields.String(required=True, metadata={"description": "`city` or `outside`"})
    active = fields.Boolean(required=True, metadata={"description": "false once it no longer books"})


class PersonChanged(Fact):
    """A person was added, changed, disabled or given other roles; the fact carries the whole of them for read copies."""

    type = "portal.person_changed.v1"
    person_id = fields.String(required=True, metadata={"description": "id of the person"})
    username = fields.String(required=True, metadata={"description": "name to sign in with"})
    name = fields.String(required=True, metadata={"description": "name in 繁中"})
    name_en = fields.String(required=True, metadata={"description": "name in English"})
    agency_id = fields.String(required=True, metadata={"description": "the agency they work for"})
    unit = fields.String(required=True, metadata={"description": "unit within the agency"})
    roles = fields.List(fields.String(), required=True, metadata={"description": "what they may do, from now on"})
    mail = fields.String(required=True, metadata={"description": "address for mail; may be empty"})
    phone = fields.String(required=True, metadata={"description": "office or mobile number; may be empty"})
    lang = fields.String(required=True, metadata={"description": "`zh` or `en`"})
    active = fields.Boolean(required=True, metadata={"description": "false: may not sign in and may not be served"})


class PersonLeft(Fact):
    """A person left their post: clocks of dormitories start (D-45), rosters drop them. `person_changed` comes with it."""

    type = "portal.person_left.v1"
    person_id = fields.String(required=True, metadata={"description": "id of the person"})
    kind = fields.String(required=True, metadata={"description": "`transfer`, `retirement`, `death` or `dismissal`"})
    left_on = fields.Date(required=True, metadata={"description": "last day in the post, on Taipei's calendar"})


class SessionEnded(Fact):
    """A sign-in was ended before its tokens ran out: signed out, password changed, person disabled."""

    type = "portal.session_ended.v1"
    sid = fields.String(required=True, metadata={"description": "the `sid` that tokens of this session carry"})
    person_id = fields.String(required=True, metadata={"description": "whose session it was"})


class FeedCreated(Fact):
    """A private calendar address was made; the service named in it answers for it."""

    type = "portal.feed_created.v1"
    feed_id = fields.String(required=True, metadata={"description": "id of the feed"})
    person_id = fields.String(required=True, metadata={"description": "whose address it is"})
    service = fields.String(required=True, metadata={"description": "`portal`, `fleet`, `venues` or `dorms`"})
    kind = fields.String(
        required=True,
        metadata={"description": "`my`, `vehicle`, `driver`, `trips`, `venue`, `bookings`, `dorm`, `dorms`"},
    )
    ref = fields.String(
        required=True, metadata={"description": "id of the vehicle, venue…; empty where the kind needs none"}
    )
    token_sha256 = fields.String(
        required=True, metadata={"description": "SHA-256 of the secret part of the address, in hex"}
    )


class FeedRevoked(Fact):
    """A calendar address stopped working."""

    type = "portal.feed_revoked.v1"
    feed_id = fields.String(required=True, metadata={"description": "id of the feed"})
    person_id = fields.String(required=True, metadata={"description": "whose address it was"})


FACTS = (AgencyChanged, PersonChanged, PersonLeft, SessionEnded, FeedCreated, FeedRevoked)
