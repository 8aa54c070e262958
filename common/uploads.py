"""Files that people send in: judged by their content, kept under random names outside the web, never run.

What may come in: PDF, JPEG, PNG, ODT and DOCX. A picture is drawn anew, so that nothing but its pixels is kept (no place,
no camera, no passenger behind the picture); a document with macros is refused. The SHA-256 of what is kept tells later
whether it is still the same. Sizes are bounded before anything is unpacked, for a file may be made to harm.
"""

import hashlib
import io
import re
import secrets
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from common import log
from common.errors import Invalid, NotFound
from common.files import write_whole
from common.words import Words

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
MOST_UNPACKED = 60 * 1024 * 1024
MOST_PARTS = 2_000
LONGEST_NAME = 100

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
ODT = "application/vnd.oasis.opendocument.text"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ENDINGS = {PDF: "pdf", JPEG: "jpg", PNG: "png", ODT: "odt", DOCX: "docx"}
ACCEPT = ",".join(f".{ending}" for ending in (*ENDINGS.values(), "jpeg"))

CHOOSE = Words("請選擇檔案", "Choose a file")
UNKNOWN = Words(
    "只收 PDF、JPEG、PNG、ODT、DOCX；這個檔案的內容不是其中一種。",
    "Only PDF, JPEG, PNG, ODT and DOCX; this file’s content is none of them.",
)
TOO_LARGE = Words("檔案最大 {n} MB", "{n} MB at most").fill(n=MOST_BYTES // 1024 // 1024)
TOO_MANY_PIXELS = Words("圖片太大，請縮小後再送", "The picture has too many pixels; please make it smaller")
BROKEN = Words("這個檔案壞了，請重新存檔再送", "This file is damaged; save it again and send that")
MACROS = Words("文件裡有巨集，請存成沒有巨集的檔案", "The document holds macros; save it without them")
STORED = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True)
class Upload:
    """A file that may be kept: its tidied name, its real type, and what of it is kept."""

    name: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Of what is kept, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def examine(filename: str, content: bytes, field: str = "file") -> Upload:
    """What a sent file really is. The name it came with decides nothing. Raises Invalid at `field`."""
    if not content:
        raise Invalid(CHOOSE, field=field)
    if len(content) > MOST_BYTES:
        raise Invalid(TOO_LARGE, field=field)
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        kind, kept = PDF, content
    elif content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        kind, kept = _picture(content, field)
    elif content.startswith(b"PK\x03\x04"):
        kind, kept = _document(content, field), content
    else:
        raise Invalid(UNKNOWN, field=field)
    return Upload(_tidy(filename, ENDINGS[kind]), kind, kept)


def _picture(content: bytes, field: str) -> tuple[str, bytes]:
    """The picture drawn anew: its pixels the right way up, and nothing else."""
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Invalid(TOO_MANY_PIXELS, field=field)
            jpeg = opened.format == "JPEG"
            upright = ImageOps.exif_transpose(opened)
            plain = upright.convert("RGB" if jpeg or upright.mode not in ("RGBA", "LA", "P", "PA") else "RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as wrong:
        raise Invalid(BROKEN, field=field) from wrong
    out = io.BytesIO()
    bare = Image.new(plain.mode, plain.size)
    bare.paste(plain)
    bare.save(out, "JPEG" if jpeg else "PNG", **({"quality": 88} if jpeg else {}))
    return (JPEG if jpeg else PNG), out.getvalue()


def _document(content: bytes, field: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Invalid(TOO_LARGE, field=field)
            names = {part.filename for part in parts}
            stated = packed.read("mimetype").decode("ascii") if "mimetype" in names else ""
            broken = packed.testzip()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error) as wrong:
        raise Invalid(BROKEN, field=field) from wrong
    if broken:
        raise Invalid(BROKEN, field=field)
    if any(name.startswith(("Basic/", "Scripts/")) or name.lower().endswith("vbaproject.bin") for name in names):
        raise Invalid(MACROS, field=field)
    if stated == ODT and "content.xml" in names:
        return ODT
    if {"[Content_Types].xml", "word/document.xml"} <= names:
        return DOCX
    raise Invalid(UNKNOWN, field=field)


def _tidy(filename: str, ending: str) -> str:
    """A name fit to be shown and to be saved under: no folder, no control character, the ending of its real type."""
    name = unicodedata.normalize("NFC", filename).replace("\\", "/").rsplit("/", 1)[-1]
    stem = "".join(c for c in name if c.isprintable() and c not in '<>:"|?*').rsplit(".", 1)[0].strip(". ")
    return f"{stem[:LONGEST_NAME] or 'file'}.{ending}"


class Store:
    """A folder of kept files, each under a random name that says nothing about it."""

    def __init__(self, folder: Path):
        self._folder = folder

    def keep(self, content: bytes) -> str:
        """Write a file whole; returns the name to ask for it again. Raises OSError."""
        stored = secrets.token_hex(16)
        path = self._path(stored)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(path, content, mode=0o600)
        return stored

    def read(self, stored: str, sha256: str) -> bytes:
        """A kept file. Raises NotFound when it is gone, or is not what was kept."""
        try:
            content = self._path(stored).read_bytes()
        except OSError as gone:
            raise NotFound from gone
        if hashlib.sha256(content).hexdigest() != sha256:
            raise NotFound(Words("這個檔案和當初存的不同，已停止提供。", "This file is not what was kept."))
        return content

    def drop(self, stored: str) -> None:
        """Take a file away for good; one that is gone already is no fault."""
        self._path(stored).unlink(missing_ok=True)

    def keep_with(self, session: Session, content: bytes) -> str:
        """Write a file whole that belongs to a row of this transaction: undone with it, it goes again. Raises OSError."""
        stored = self.keep(content)
        _at_the_end(session, lambda stands: self._drop_late(stored, really=not stands))
        return stored

    def drop_with(self, session: Session, stored: str) -> None:
        """Take a file away once this transaction is committed; undone, the file stays with its row."""
        _at_the_end(session, lambda stands: self._drop_late(stored, really=stands))

    def _drop_late(self, stored: str, *, really: bool) -> None:
        """The transaction has ended and cannot be refused any more: a file that will not go is told to the operators."""
        try:
            if really:
                self.drop(stored)
        except OSError as failure:
            log.say("file not taken away", level=40, stored=stored, error=type(failure).__name__)

    def _path(self, stored: str) -> Path:
        if not STORED.fullmatch(stored):
            raise NotFound
        return self._folder / stored[:2] / stored


def _at_the_end(session: Session, then: Callable[[bool], None]) -> None:
    """Call `then` once, when what is written now has been committed (True) or undone (False), by a savepoint too.

    A session that is merely closed undoes its work without saying so: hence the end of the transaction is listened to.
    """
    within: list[SessionTransaction] = []
    inner: SessionTransaction | None = session.get_nested_transaction() or session.get_transaction() or session.begin()
    while inner is not None:
        within.append(inner)
        inner = inner.parent
    stands, told = False, False

    def tell(it_stands: bool) -> None:
        nonlocal told
        if not told:
            told = True
            then(it_stands)

    @event.listens_for(session, "after_commit")
    def committed(session: Session) -> None:
        nonlocal stands
        stands = stands or not session.in_nested_transaction()

    @event.listens_for(session, "after_soft_rollback")
    def undone(_: Session, what: SessionTransaction) -> None:
        if what in within:
            tell(False)

    @event.listens_for(session, "after_transaction_end")
    def ended(_: Session, what: SessionTransaction) -> None:
        if what is within[-1]:
            tell(stands)
