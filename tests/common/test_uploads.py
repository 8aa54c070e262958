"""Files that people send in: what they are is judged by their content, and nothing but what is meant is kept."""

import hashlib
import io
import zipfile
from contextlib import nullcontext

import pytest
from PIL import Image
from sqlalchemy import text
from sqlalchemy.orm import Session

from common import uploads
from common.errors import Invalid, NotFound
from common.uploads import DOCX, JPEG, ODT, PDF, PNG, Store, examine


def picture(kind="JPEG", size=(40, 30), exif=b""):
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 40)).save(out, kind, **({"exif": exif} if exif else {}))
    return out.getvalue()


def packed(*files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in files:
            made.writestr(name, content)
    return out.getvalue()


def refused(content, name="x.pdf"):
    with pytest.raises(Invalid) as caught:
        examine(name, content)
    assert caught.value.errors[0].field == "file"
    return caught.value.words.en


@pytest.mark.parametrize(
    ("content", "kind", "ending"),
    [
        (b"%PDF-1.7\n...\n%%EOF\n", PDF, "pdf"),
        (picture("JPEG"), JPEG, "jpg"),
        (picture("PNG"), PNG, "png"),
        (packed(("mimetype", ODT), ("content.xml", "<x/>")), ODT, "odt"),
        (packed(("[Content_Types].xml", "<x/>"), ("word/document.xml", "<x/>")), DOCX, "docx"),
    ],
)
def test_the_type_is_judged_by_the_content_and_the_name_follows_it(content, kind, ending):
    found = examine("..\\企劃/活動<企劃>.exe", content)
    assert (found.media_type, found.name) == (kind, f"活動企劃.{ending}")
    assert found.sha256 == hashlib.sha256(found.content).hexdigest()


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script>", b"MZ\x90\x00", b"#!/bin/sh\n", b"GIF89a....", b"<svg onload='x'/>", b"%PDF-1.7 cut",
        packed(("evil.exe", "MZ")), packed(("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", "x")),
    ],
)  # fmt: skip
def test_anything_else_is_refused_whatever_it_is_called(content):
    assert "none of them" in refused(content)


def test_what_hides_behind_a_picture_is_not_kept():
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    sent = picture("JPEG", exif=exif.tobytes()) + b"<?php system($_GET['c']); ?>"
    kept = examine("photo.jpg", sent).content
    assert b"php" not in kept and b"taken at home" not in kept
    with Image.open(io.BytesIO(kept)) as opened:
        assert opened.size == (40, 30) and not opened.getexif()


def test_pictures_are_bounded_before_they_are_drawn(monkeypatch):
    monkeypatch.setattr(uploads, "MOST_PIXELS", 1000)
    assert "pixels" in refused(picture("PNG", (40, 30)))
    assert "damaged" in refused(b"\x89PNG\r\n\x1a\nnothing more")


def test_macros_and_bombs_are_refused(monkeypatch):
    word = (("[Content_Types].xml", "x"), ("word/document.xml", "x"))
    assert "macros" in refused(packed(*word, ("word/vbaProject.bin", "x")))
    assert "macros" in refused(packed(("mimetype", ODT), ("content.xml", "x"), ("Basic/Standard/M.xml", "x")))
    monkeypatch.setattr(uploads, "MOST_UNPACKED", 1000)
    assert "MB at most" in refused(packed(*word, ("word/media/big", "x" * 5000)))
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    assert "MB at most" in refused(b"%PDF-1.7\n...\n%%EOF\n")
    assert refused(b"") == "Choose a file"


def test_a_document_whose_parts_cannot_be_unpacked_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<x/>")
        made.writestr("word/document.xml", bytes(range(256)) * 40)
    for at in range(120, 300):
        sent = bytearray(out.getvalue())
        sent[at : at + 4] = b"\xff\xff\xff\xff"
        assert "damaged" in refused(bytes(sent)) or at < 150
    assert examine("ok.docx", out.getvalue()).media_type == DOCX


def test_a_store_gives_back_what_it_kept_and_nothing_else(tmp_path):
    store = Store(tmp_path / "files")
    stored = store.keep(b"content")
    digest = hashlib.sha256(b"content").hexdigest()
    assert store.read(stored, digest) == b"content"
    assert len(stored) == 32 and "content" not in stored
    for name in ("../../etc/passwd", "", "0" * 32, stored.upper() + "x"):
        with pytest.raises(NotFound):
            store.read(name, digest)
    (tmp_path / "files" / stored[:2] / stored).write_bytes(b"altered")
    with pytest.raises(NotFound):
        store.read(stored, digest)
    store.drop(stored)
    store.drop(stored)
    assert list((tmp_path / "files" / stored[:2]).iterdir()) == []


class Fails(Exception):
    """What goes wrong after the file was touched."""


@pytest.mark.parametrize("ends", ["commit", "failure", "savepoint undone", "savepoint kept", "closed"])
def test_a_file_goes_the_way_of_the_transaction_it_was_kept_or_dropped_in(database, tmp_path, ends):
    store = Store(tmp_path / "files")
    there = store.keep(b"there before")
    stands = ends in ("commit", "savepoint kept")

    def work(session):
        if ends.startswith("savepoint"):
            with pytest.raises(Fails) if ends.endswith("undone") else nullcontext(), session.begin_nested():
                session.execute(text("SELECT 1"))
                swap(session)
                if ends.endswith("undone"):
                    raise Fails
            return
        swap(session)
        if ends == "failure":
            raise Fails

    def swap(session):
        store.drop_with(session, there)
        assert store.read(there, hashlib.sha256(b"there before").hexdigest())  # nothing goes before the commit
        store.keep_with(session, b"new")

    if ends == "closed":
        with Session(database.engine) as session:
            session.execute(text("SELECT 1"))
            swap(session)
    else:
        with pytest.raises(Fails) if ends == "failure" else nullcontext():
            database.transact(work)
    left = [path.read_bytes() for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert left == ([b"new"] if stands else [b"there before"])
