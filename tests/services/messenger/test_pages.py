"""The inbox, one's mails and the operations page, for those they are meant for."""

from datetime import timedelta

import pytest

from common.audit import AuditEntry
from common.identity import Person
from services.messenger import sender
from services.messenger.models import Delivery


@pytest.fixture
def told(tell):
    return {(row.person_id, row.channel): row.id for row in tell("trip_assigned")}


def state_of(database, delivery_id):
    with database.reading() as session:
        return session.get(Delivery, delivery_id).state


def test_the_inbox_lists_ones_own_messages_newest_first(client, tell, told):
    tell("trip_cancelled", rev=9, reason="會議改期")
    page = client(as_="driver").get("/").text
    assert page.index("行程取消") < page.index("新派車") and "2 則未讀" in page and "會議改期" in page
    assert "已派車" not in page
    assert "還沒有訊息" in client(as_="officer2").get("/").text
    english = client(as_="driver").get("/?lang=en").text
    assert "New job" in english and "2 unread" in english


def test_opening_a_message_marks_it_read_and_leads_to_its_page(client, database, told):
    driver = client(as_="driver")
    assert driver.get("/unread").json == {"unread": 1}
    answer = driver.submit(f"/messages/{told[6, 'inbox']}/open")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/fleet/driver/31")
    assert state_of(database, told[6, "inbox"]) == "read" and driver.get("/unread").json == {"unread": 0}
    assert driver.submit(f"/messages/{told[6, 'inbox']}/open").status_code == 303
    assert "已讀" in driver.get("/").text and "沒有未讀" in driver.get("/?unread=true").text


def test_everything_can_be_marked_read_at_once(client, tell, told):
    tell("trip_cancelled", rev=9)
    driver = client(as_="driver")
    driver.submit("/read-all")
    assert driver.get("/unread").json == {"unread": 0} and "2 則已標為已讀" in driver.get("/").text


def test_nobody_opens_what_is_for_somebody_else(client, database, told):
    for username in ("driver2", "officer", "admin"):
        assert client(as_=username).submit(f"/messages/{told[6, 'inbox']}/open").status_code == 404
    assert client(as_="driver").submit(f"/messages/{told[6, 'mail']}/read").status_code == 404
    assert client(as_="driver").submit("/messages/99999/read").status_code == 404
    assert state_of(database, told[6, "inbox"]) == "sent"


def test_a_stranger_is_asked_to_sign_in(client, told):
    stranger = client()
    for path in ("/", "/mail", f"/mail/{told[6, 'mail']}", "/deliveries"):
        assert stranger.get(path).status_code == 303
    assert stranger.get("/unread", headers={"X-Partial": "1"}).status_code == 401


def test_a_long_inbox_comes_in_pages(client, tell):
    for number in range(35):
        tell("trip_assigned", trip_id=str(number), vehicle_label=f"CAR-{number:02d}")
    driver = client(as_="driver")
    first = driver.get("/").text
    assert "CAR-34" in first and "CAR-04" not in first and "下一頁" in first
    link = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    assert "CAR-04" in driver.get(link.replace("&amp;", "&")).text


def test_written_mails_are_shown_to_their_readers_and_the_administrator(client, database, settings, told, now):
    sender.send_due(database, settings, now)
    mail_id = told[6, "mail"]
    driver, admin = client(as_="driver"), client(as_="admin")
    assert "新派車" in driver.get("/mail").text and "已派車" not in driver.get("/mail").text
    assert "新派車" in admin.get("/mail").text and "已派車" in admin.get("/mail").text
    shown = driver.get(f"/mail/{mail_id}").text
    assert "周行路 您好" in shown and "下載行事曆檔" in shown and "driver@example.org" in shown
    assert driver.get(f"/mail/{mail_id}.eml").data.startswith(b"From:")
    invite = driver.get(f"/mail/{mail_id}.ics")
    assert b"METHOD:REQUEST" in invite.data and invite.content_type.startswith("text/calendar")
    for path in ("", ".eml", ".ics"):
        assert client(as_="driver2").get(f"/mail/{mail_id}{path}").status_code == 404
        assert client(as_="dispatcher").get(f"/mail/{mail_id}{path}").status_code == 404
    assert driver.get(f"/mail/{told[6, 'inbox']}").status_code == 404


def test_a_mail_that_has_not_gone_yet_can_be_read_but_not_downloaded(client, told):
    driver = client(as_="driver")
    assert "還沒寄出" in driver.get(f"/mail/{told[6, 'mail']}").text
    assert driver.get(f"/mail/{told[6, 'mail']}.eml").status_code == 404


def test_the_operations_page_shows_what_was_told_and_how_far_it_got(client, database, settings, told, now):
    sender.send_due(database, settings, now)
    dispatcher = client(as_="dispatcher")
    page = dispatcher.get("/deliveries").text
    assert "周行路" in page and "電子郵件" in page and "已送" in page
    assert "沒有符合的紀錄" in dispatcher.get("/deliveries?state=failed").text
    assert "林小禾" not in dispatcher.get("/deliveries?person_id=6").text
    shown = dispatcher.get(f"/deliveries/{told[6, 'mail']}").text
    assert "周行路 您好" in shown and "fleet.trip_assigned.v1" in shown and "再送一次" not in shown
    for username in ("officer", "driver", "group"):
        assert client(as_=username).get("/deliveries").status_code == 403


def test_a_dispatcher_sees_nothing_of_halls_and_rooms(client, database, told):
    database.transact(lambda session: setattr(session.get(Delivery, told[6, "mail"]), "source", "dorms"))
    dispatcher, auditor = client(as_="dispatcher"), client(as_="auditor")
    assert dispatcher.get(f"/deliveries/{told[6, 'mail']}").status_code == 404
    assert "電子郵件 新派車" not in dispatcher.get("/deliveries").text
    assert auditor.get(f"/deliveries/{told[6, 'mail']}").status_code == 200


def test_what_came_too_late_can_be_sent_again_and_is_written_down(client, tell, database, settings, now, clock):
    late = {(row.person_id, row.channel): row.id for row in tell("trip_assigned", told_at=now - timedelta(days=2))}
    mail_id = late[6, "mail"]
    assert client(as_="driver").get("/unread").json == {"unread": 0}
    assert client(as_="auditor").submit(f"/deliveries/{mail_id}/send").status_code == 403
    assert "再送一次" in client(as_="dispatcher").get(f"/deliveries/{mail_id}").text
    assert client(as_="dispatcher").submit(f"/deliveries/{mail_id}/send").status_code == 303
    assert client(as_="dispatcher").submit(f"/deliveries/{mail_id}/send").status_code == 409
    assert sender.send_due(database, settings, now) == 1 and state_of(database, mail_id) == "sent"
    client(as_="dispatcher").submit(f"/deliveries/{late[6, 'inbox']}/send")
    assert client(as_="driver").get("/unread").json == {"unread": 1}
    with database.reading() as session:
        assert [entry.action for entry in session.query(AuditEntry)] == ["send_again", "send_again"]


# ── Operations for programs ───────────────────────────────────────────────────


def test_the_same_by_api(client, told):
    driver = client(as_="driver")
    page = driver.api("GET", "/messages?unread=true").json
    (message,) = page["items"]
    assert page["next"] is None and message["id"] == str(told[6, "inbox"]) and message["unread"] is True
    assert (
        message["subject"] == "trip/31" and message["service"] == "fleet" and message["title_en"].startswith("New job")
    )
    assert driver.api("GET", "/messages/unread").json == {"unread": 1}
    read = driver.api("POST", f"/messages/{message['id']}/read")
    assert (
        read.status_code == 200 and read.json["unread"] is False and read.json["read_at"] == "2026-11-23T09:00:00+08:00"
    )
    assert driver.api("POST", f"/messages/{told[1, 'inbox']}/read").status_code == 404
    assert client().api("GET", "/messages").status_code == 401


def test_deliveries_by_api(client, told):
    dispatcher = client(as_="dispatcher")
    page = dispatcher.api("GET", "/deliveries?limit=3").json
    assert len(page["items"]) == 3 and page["next"]
    rest = dispatcher.api("GET", f"/deliveries?limit=3&cursor={page['next']}").json
    assert len(rest["items"]) == 1 and rest["next"] is None
    narrowed = dispatcher.api(
        "GET", "/deliveries?channel=mail&person_id=6&state=queued&subject=trip/31&service=fleet"
    ).json
    assert [item["id"] for item in narrowed["items"]] == [str(told[6, "mail"])]
    for wrong in ("state=lost", "limit=0", "limit=x", "colour=red", "person_id=-1", "cursor=x"):
        answer = dispatcher.api("GET", f"/deliveries?{wrong}")
        assert answer.status_code == 422 and answer.json["errors"][0]["field"] == wrong.split("=")[0]
    assert client(as_="officer").api("GET", "/deliveries").status_code == 403
    assert dispatcher.api("POST", f"/deliveries/{told[6, 'mail']}/send").status_code == 409


def test_the_document_names_the_operations(client, told):
    document = client().get("/api/v1/openapi.json").json
    ids = {
        operation["operationId"]
        for path in document["paths"].values()
        for operation in path.values()
        if "operationId" in operation
    }
    assert {"listMessages", "countUnread", "markRead", "listDeliveries", "sendAgain"} <= ids


@pytest.mark.parametrize("username", ["officer", "dispatcher", "driver", "admin", "auditor", "group"])
def test_every_page_opens_in_both_languages(client, database, told, username):
    database.transact(lambda session: setattr(session.get(Person, 6), "lang", "en"))
    browser = client(as_=username)
    for path in (
        "/",
        "/?unread=true",
        "/mail",
        "/deliveries",
        f"/deliveries/{told[6, 'mail']}",
        f"/deliveries/{told[6, 'inbox']}",
        "/?cursor=x",
    ):
        for lang in ("zh", "en"):
            assert browser.get(path, query_string={"lang": lang} if "?" not in path else None).status_code in (
                200,
                403,
                422,
            )
