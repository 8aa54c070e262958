"""The page of the rules: docs/rules.md read into parts that the template shows, every rule with its own address (`/rules#S-04`).

Reads the few things that file uses: headings, paragraphs, tables, lists, **bold**, [source keys], addresses and rule IDs.
Where a table or heading has both languages, the reader's one is shown.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup, escape

from common.words import Words

RULES = Path(__file__).resolve().parents[2] / "docs" / "rules.md"
RULE_ID = re.compile(r"\b([VSMTGDC]-\d{2})\b")
SOURCE = re.compile(r"\[([A-Z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*)((?: (?:points?|art\.)[^\]]*)?)\]")
HAN = re.compile(r"[\u3400-\u9fff]")
STATUSES = (
    ("VERIFIED-TPE", Words("臺北市規定", "Taipei’s own"), "ok"),
    ("VERIFIED-CEN", Words("中央規定", "Central"), "ok"),
    ("VERIFIED-EQ", Words("比照他機關", "Equivalent"), "info"),
    ("VERIFIED-OLD", Words("已廢止", "Repealed"), "mute"),
    ("VERIFIED", Words("已查證", "Verified"), "ok"),
    ("DERIVED", Words("推算", "Derived"), "info"),
    ("FROM MEMORY", Words("依記憶", "From memory"), "warn"),
    ("NOT FOUND", Words("未找到", "Not found"), "warn"),
    ("PROPOSED", Words("本系統建議", "Proposed"), "warn"),
)


@dataclass
class Rule:
    """One rule: its number, its text in both languages, what it rests on."""

    id: str
    words: Words
    basis: str

    @property
    def statuses(self) -> list[tuple[Words, str]]:
        """The statuses named in its basis, in order, each in words with a tone; the first is the rule's own."""
        named = re.findall("|".join(key for key, _, _ in STATUSES), self.basis)
        known = {key: (words, tone) for key, words, tone in STATUSES}
        return [known[key] for key in dict.fromkeys(named)]

    @property
    def sources(self) -> str:
        """The sources named in its basis, without its remarks."""
        return "、".join(dict.fromkeys(found[0] for found in SOURCE.finditer(self.basis)))


@dataclass
class Part:
    """One heading with what stands under it, in order: rules, tables, lists, paragraphs."""

    level: int
    anchor: str
    title: Words
    blocks: list[tuple[str, object]] = field(default_factory=list)


@dataclass
class Table:
    """A plain table; `columns` are the indexes shown in each language."""

    heads: list[str]
    rows: list[list[str]]
    columns: dict[str, list[int]]


@lru_cache(maxsize=2)
def parts_at(changed_ns: int) -> tuple[Part, ...]:
    """The rules as parts; read anew when the file has changed."""
    return tuple(read(RULES.read_text(encoding="utf-8")))


def parts() -> tuple[Part, ...]:
    """The rules as parts."""
    return parts_at(RULES.stat().st_mtime_ns)


def read(text: str) -> list[Part]:
    """The parts of a Markdown text of this kind."""
    out: list[Part] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        lines = block.split("\n")
        heading = re.match(r"(#{1,4}) (.*)", lines[0])
        if heading:
            title = both(heading[2])
            out.append(Part(len(heading[1]), anchor_of(title.en), title))
            lines = lines[1:]
            if not lines:
                continue
        here = out[-1]
        if lines[0].startswith("|"):
            _table(here, [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines])
        elif lines[0].startswith("- "):
            here.blocks.append(("list", [line.removeprefix("- ") for line in lines]))
        elif len(lines) == 2:
            here.blocks.append(("paragraph", Words(lines[0], lines[1])))
        else:
            here.blocks.append(("paragraph", both(" ".join(lines))))
    return out


def _table(here: Part, cells: list[list[str]]) -> None:
    heads, rows = cells[0], cells[2:]
    if RULE_ID.fullmatch(rows[0][0]):
        here.blocks.append(("rules", [Rule(row[0], Words(row[1], row[2]), row[3]) for row in rows]))
        return
    everywhere = list(range(len(heads)))
    zh_only = [n for n, head in enumerate(heads) if not re.search("[A-Za-z]", head)]
    en_only = [n for n, head in enumerate(heads) if not HAN.search(head)]
    columns = {"zh": everywhere, "en": everywhere}
    if zh_only and en_only:
        columns = {"zh": [n for n in everywhere if n not in en_only], "en": [n for n in everywhere if n not in zh_only]}
    here.blocks.append(("table", Table(heads, rows, columns)))


def both(text: str) -> Words:
    """A line such as "4. 共通規定 · Cross-cutting rules" in its two languages; with no " · ", the same for both."""
    zh, dot, en = text.rpartition(" · ")
    if not dot:
        return Words.same(text)
    number = re.match(r"[\d.]+ ", zh)
    return Words(zh, f"{number[0]}{en}" if number and not en.startswith(number[0]) else en)


def anchor_of(title: str) -> str:
    """A heading's address on the page."""
    return "part-" + re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def to_markup(text: str, lang: str = "zh") -> Markup:
    """A line of the file as HTML: escaped; bold, source keys, rule numbers and addresses become what they mean."""
    shown = str(escape(both(text).in_(lang) if " · " in text else text))
    shown = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", shown)
    shown = re.sub(r"(?<![\w*])\*([^*\s][^*]*)\*(?!\w)", r"<em>\1</em>", shown)
    shown = re.sub(r"(https?://[^\s；，]*[^\s；，;.,)])", r'<a href="\1" rel="noreferrer nofollow">\1</a>', shown)
    shown = SOURCE.sub(r'<a class="source" href="#source-\1">\1\2</a>', shown)
    shown = re.sub(r"(?<![\w#/-])([VSMTGDC]-\d{2})(?![\w-])", r'<a class="rule" href="#\1">\1</a>', shown)
    return Markup(shown)  # noqa: S704 - escaped above; only our own tags were added


def source_of(line: str) -> tuple[str, str]:
    """A line of the source list as its key and the rest; the key is empty when it has none."""
    found = re.match(r"\[([^\]]+)\] (.*)", line)
    return (found[1], found[2]) if found else ("", line)


def rule_ids() -> set[str]:
    """The number of every rule on the page."""
    return {rule.id for part in parts() for kind, block in part.blocks if kind == "rules" for rule in block}  # type: ignore[attr-defined]
