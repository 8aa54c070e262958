"""Paper registrations as rows of a table: the columns by their names, in any order."""

from common.errors import Invalid
from common.words import Words
from venues.rounds import words as say
from venues.rounds.registering import Entry

COLUMNS = {
    "class_code": Words("類別", "class"),
    "firm_kind": Words("身分", "kind"),
    "firm_number": Words("統一編號", "firm number"),
    "firm_name": Words("廠商名稱", "firm name"),
    "seller_name": Words("販售人員", "seller"),
    "seller_id": Words("身分證號", "seller number"),
    "phone": Words("電話", "telephone"),
    "goods": Words("品項", "goods"),
    "papers": Words("文件齊備", "papers complete"),
}
NEEDED = ("class_code", "firm_number", "firm_name")
LONGEST = {"firm_name": 80, "seller_name": 60, "phone": 40, "goods": 120}
YES = ("是", "y", "yes", "v", "✓", "1", "齊")


def entries(rows: list[list[str]]) -> list[tuple[int, Entry]]:
    """Each row below the heading as (line, entry). A word for "yes" under 文件齊備 ticks every paper.

    Raises Invalid (field `file`) when a column that is needed is missing.
    """
    heads = [_column(cell) for cell in rows[0]]
    missing = [COLUMNS[name] for name in NEEDED if name not in heads]
    if missing:
        zh, en = "第一列缺少欄名：{names}", "The first row lacks: {names}"
        names = Words("、".join(each.zh for each in missing), ", ".join(each.en for each in missing))
        raise Invalid(Words(zh, en).fill(names=names), field="file")
    kinds = {words.zh: code for code, words in say.FIRM_KINDS.items()}
    out = []
    for line, row in enumerate(rows[1:], start=2):
        told = {name: cell for name, cell in zip(heads, row, strict=False) if name}
        told = {name: text[: LONGEST.get(name, 40)] for name, text in told.items()}
        kind = told.get("firm_kind", "")
        told["firm_kind"] = kinds.get(kind, kind if kind in say.FIRM_KINDS else "company")
        complete = told.pop("papers", "").lower() in YES
        out.append((line, Entry(**told, papers=tuple(say.PAPERS) if complete else ())))
    return out


def _column(head: str) -> str:
    plain = head.strip().lower()
    return next((name for name, words in COLUMNS.items() if plain in (name, words.zh, words.en)), "")
