"""The dispatch slip as a PDF: one page, its words readable and its characters drawn on a machine without any font."""

import pypdfium2
import pytest

from fleet import signing, slip
from tests.fleet.conftest import Desk


@pytest.fixture
def signed(desk):
    trip = desk.finished()
    signing.sign_on_phone(
        desk.session, desk.people["driver"], desk.now, trip, name="許議員", drawing="M100 100L500 300L900 100"
    )
    return trip


def paper(desk, trip):
    told = slip.slip_of(trip, signing.signature_of(desk.session, trip), desk.now, driver_shown=True)
    return pypdfium2.PdfDocument(slip.pdf_of(told, "https://keys.example.tw/fleet/trips/1", desk.now))


def words_of(document):
    return document[0].get_textpage().get_text_range()


def test_the_pdf_is_one_page_that_says_what_the_slip_says(desk, signed):
    document = paper(desk, signed)
    text = words_of(document)
    assert len(document) == 1
    for words in (
        "臺北市政府秘書處", signed.number, "中華民國 115 年 11 月 30 日（星期一） 09 時 00 分 至 10 時 00 分".replace("） 0", "）0"),
        "市政大樓 → 市議會 → 返回", "TST-0001（轎車，白）", "周行路", "10,000 公里", "10,008 公里", "許議員 115.11.30", "用車人簽認",
    ):  # fmt: skip
        assert words.replace(" ", "") in text.replace(" ", "").replace("\r\n", ""), words


def test_the_font_travels_with_it(desk, signed):
    raw = paper(desk, signed)
    fonts = {font.get_base_name() for font in _fonts(raw[0])}
    assert fonts and all("NotoSansTC" in name for name in fonts)


def _fonts(page):
    return [each.get_font() for each in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_TEXT])]


def test_two_fit_on_a_sheet(desk, signed):
    signed.destination, signed.purpose = "新北市三峽區" * 8, "長" * 90
    picture = paper(desk, signed)[0].render(scale=1).to_pil().convert("L")
    below = picture.crop((0, int(picture.height * 0.505), picture.width, picture.height))
    assert below.getextrema() == (255, 255), "nothing is drawn below the middle of the sheet"
    assert picture.crop((0, 0, picture.width, picture.height // 2)).getextrema()[0] < 60


def test_a_name_is_left_out_where_it_may_not_be_shown(desk: Desk, signed):
    told = slip.slip_of(signed, None, desk.now, driver_shown=False)
    assert not any("周行路" in cell for row in told.rows for cell in row)


def test_the_page_and_the_file_are_for_those_who_may_see_the_trip(client, database, people, now):
    def prepare(session):
        made = Desk(session, {p.username: p for p in session.query(type(people["officer"]))}, now)
        return made.assigned().id

    trip_id = database.transact(prepare)
    file = client(as_="officer").get(f"/trips/{trip_id}/slip.pdf")
    assert file.content_type == "application/pdf" and file.data.startswith(b"%PDF")
    assert "派車單" in client(as_="officer").get(f"/trips/{trip_id}/slip").text
    assert client(as_="officer2").get(f"/trips/{trip_id}/slip.pdf").status_code == 404
