"""Who may apply 資格: questions asked before anything else, each with its rule and its refusal. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from common.errors import FieldError
from common.words import Words
from dorms.vocabulary import FAMILY, SINGLE


@dataclass(frozen=True)
class Question:
    """A yes-or-no question. `stops_at` is the answer that ends the application, `unless` an answer that excuses it.

    `assumed` is the answer taken when an integrator leaves the field out: the one that lets the application go on.
    """

    field: str
    ask: Words
    hint: Words
    stops_at: bool
    refusal: Words
    rule: str
    kinds: tuple[str, ...] = (SINGLE, FAMILY)
    unless: str = ""

    @property
    def assumed(self) -> bool:
        return not self.stops_at


QUESTIONS = (
    Question(
        "on_establishment",
        Words(
            "你是本府編制內人員，或職務上不住宿就無法執行？",
            "Are you on the city’s establishment, or unable to do your duty without lodging?",
        ),
        Words("輪值、特殊職務或服務地偏遠都算。", "Shifts, special duties and remote posts count."),
        False,
        Words(
            "職務宿舍借給編制內人員，或非住宿無法執行職務的人。",
            "Staff quarters are for staff on the establishment, or those who cannot do their duty without lodging.",
        ),
        "D-02",
    ),
    Question(
        "lives_alone",
        Words("你會一個人住，家人不同住？", "Will you live alone, without family?"),
        Words("單房間宿舍只供一人居住。", "A single room is for one person."),
        False,
        Words(
            "單房間宿舍只借給單獨居住的人；有家人同住請申請多房間宿舍。",
            "Single rooms are for people living alone; with family, apply for family quarters.",
        ),
        "D-02",
        (SINGLE,),
    ),
    Question(
        "family_lives_in",
        Words(
            "配偶、未成年子女、父母或身心障礙的成年子女會同住？",
            "Will your spouse, minor children, parents or a disabled adult child live there?",
        ),
        Words("至少一位。", "One of them at least."),
        False,
        Words(
            "多房間宿舍借給有眷屬同住的人；單獨居住請申請單房間宿舍。",
            "Family quarters are for those whose family lives there; alone, apply for a single room.",
        ),
        "D-03",
        (FAMILY,),
    ),
    Question(
        "had_home_loan",
        Words(
            "你曾獲政府輔助購置住宅（貸款或補助）？", "Have you had government help to buy a home (a loan or grant)?"
        ),
        Words("包括輔購貸款、輔建住宅。", "Subsidised loans and assisted building included."),
        True,
        Words(
            "已獲政府輔助購置住宅，依手冊第 7 點不能申請。",
            "You had government help to buy a home, so point 7 of the handbook applies.",
        ),
        "D-04",
        unless="posted_far",
    ),
    Question(
        "bought_quarters",
        Words("你曾承購公有宿舍？", "Have you bought official quarters?"),
        Words("本人或配偶。", "You or your spouse."),
        True,
        Words("曾承購公有宿舍的人不能申請。", "Those who have bought official quarters cannot apply."),
        "D-05",
    ),
    Question(
        "spouse_housed",
        Words("配偶已借用其他機關的宿舍？", "Is your spouse already housed by another body?"),
        Words("夫妻都任公職，以借用一戶為限。", "Two spouses in public service have one dwelling only."),
        True,
        Words("配偶已借用其他機關宿舍，不能再申請。", "Your spouse is already housed by another body."),
        "D-05",
    ),
)

POSTED_FAR = Question(
    "posted_far",
    Words(
        "（曾獲輔助購宅者）你調到當日無法往返的地方，並經首長同意借用單房間？",
        "(If helped to buy) Posted too far to return the same day, and has the head agreed to a single room?",
    ),
    Words(
        "單程 30 公里以上或不同縣市。只適用單房間宿舍。", "30 km or more one way, or another county. Single rooms only."
    ),
    False,
    Words("", ""),
    "D-04",
    (SINGLE,),
)


def asked(room_kind: str) -> list[Question]:
    """The questions for a kind of room, in order."""
    return [question for question in QUESTIONS if room_kind in question.kinds]


def complete(room_kind: str, answers: Mapping[str, bool | None]) -> dict[str, bool]:
    """Every answer that matters for this kind of room; one left out is taken as the one that lets it go on."""
    out = {
        question.field: question.assumed if answers.get(question.field) is None else bool(answers[question.field])
        for question in asked(room_kind)
    }
    if room_kind in POSTED_FAR.kinds:
        out[POSTED_FAR.field] = bool(answers.get(POSTED_FAR.field))
    return out


def refusals(room_kind: str, answers: Mapping[str, bool]) -> list[FieldError]:
    """Every answer that stops the application, with its rule; an empty list means it may go on."""
    return [
        FieldError(question.field, with_rule(question))
        for question in asked(room_kind)
        if answers[question.field] is question.stops_at and not (question.unless and answers.get(question.unless))
    ]


def with_rule(question: Question) -> Words:
    """The refusal with the number of its rule: 「…（規則 D-04）」."""
    return Words("{why}（規則 {rule}）", "{why} (rule {rule})").fill(why=question.refusal, rule=question.rule)
