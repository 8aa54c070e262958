"""Letters about one's home: checks, explanations asked for, repairs. What was found there stands on its page only (C-27)."""

from typing import Any

from common.words import Words
from services.messenger.letters.shape import Letter

_CHECK, _CASE, _REPAIR = "/dorms/checks/{check_id}", "/dorms/cases/{case_id}", "/dorms/repairs/{repair_id}"
_ROOM = Words("房間：{room}", "Room: {room}")
_WHEN = Words("時間：{when}", "When: {when}")
_ENTRY = Words("{kind}：{room}", "{kind}: {room}")
_CATEGORY = Words("宿舍", "Dormitory")


def _home(told_to: str, zh: str, en: str, *lines: Words, link: str, **more: Any) -> Letter:
    return Letter(told_to, Words(zh, en), lines, link, **more)


def _asker(zh: str, en: str, *lines: Words, **more: Any) -> Letter:
    return _home("applicant", zh, en, _ROOM, *lines, link=_REPAIR, **more)


HOMES: dict[str, tuple[Letter, ...]] = {
    "dorms.check_appointed.v1": (
        _home(
            "applicant",
            "將到你的宿舍{kind}：{when}",
            "{kind} at your home: {when}",
            _ROOM,
            _WHEN,
            Words(
                "請有人在場；不方便請告訴宿舍承辦人。",
                "Somebody should be in; tell the dormitory officer if that cannot be.",
            ),
            link=_CHECK,
            invite="request",
            entry=_ENTRY,
            place=Words("{room}", "{room}"),
            category=_CATEGORY,
            alarm_minutes=24 * 60,
        ),
    ),
    "dorms.check_called_off.v1": (
        _home(
            "applicant",
            "原定的{kind}不辦了：{when}",
            "Called off: {kind}, {when}",
            _ROOM,
            Words("改期後會再通知你。", "You will be told of another day."),
            link="/dorms/",
            invite="cancel",
            entry=_ENTRY,
            place=Words("{room}", "{room}"),
            category=_CATEGORY,
        ),
    ),
    "dorms.check_recorded.v1": (
        _home(
            "applicant", "{kind}完成：符合", "{kind} done: in order", _ROOM, link=_CHECK, states=("fine",), mail=False
        ),
        _home(
            "applicant",
            "{kind}完成，有待改善",
            "{kind} done: something to put right",
            _ROOM,
            Words("請在 {follow_up_by} 前改善。", "Please put it right by {follow_up_by}."),
            link=_CHECK,
            states=("faults",),
        ),
        _home("applicant", "{kind}完成", "{kind} done", _ROOM, link=_CHECK, states=("resides",), mail=False),
        _home(
            "applicant",
            "{kind}時沒有遇到你",
            "{kind}: nobody was met",
            _ROOM,
            Words("只記錄這一次未遇，不作任何認定。", "This is noted and nothing else: nothing is concluded from it."),
            link=_CHECK,
            states=("not_met",),
        ),
    ),
    "dorms.check_followed_up.v1": (
        _home("applicant", "改善完成：{kind}", "Put right: {kind}", _ROOM, link=_CHECK, mail=False),
    ),
    "dorms.residence_asked.v1": (
        _home(
            "applicant",
            "請說明居住情形",
            "Please explain where you live",
            _ROOM,
            Words(
                "請在 {answer_by} 前說明；說明之前不會作任何認定。",
                "Answer by {answer_by}; nothing is decided before that.",
            ),
            link=_CASE,
        ),
    ),
    "dorms.residence_explained.v1": (
        _home("applicant", "已收到你的說明", "We have your explanation", _ROOM, link=_CASE, mail=False),
        _home("dorm_officers", "當事人已說明：{room}", "Explanation received: {room}", link=_CASE),
    ),
    "dorms.residence_heard.v1": (
        _home("applicant", "你的說明已列入紀錄", "Your account is on record", _ROOM, link=_CASE, mail=False),
    ),
    "dorms.residence_decided.v1": (
        _home(
            "applicant",
            "居住查證結案：認定有居住事實",
            "Closed: found to live there",
            _ROOM,
            link=_CASE,
            states=("resides",),
        ),
        _home(
            "applicant",
            "居住查證的決定",
            "The decision on where you live",
            _ROOM,
            Words("承辦人的理由與救濟方式請看案件頁面。", "The officer’s reasons stand on the page of the case."),
            link=_CASE,
            states=("does_not_reside",),
        ),
    ),
    "dorms.repair_requested.v1": (
        _asker("已收到修繕申請 {number}", "We have your repair request {number}", mail=False),
        _home("dorm_officers", "新的修繕申請 {number}：{room}", "New repair request {number}: {room}", link=_REPAIR),
    ),
    "dorms.repair_decided.v1": (
        _asker("修繕已核定 {number}", "Repair approved {number}", states=("approved",)),
        _asker(
            "修繕申請不同意 {number}",
            "Repair refused {number}",
            Words("理由請看申請頁面。", "The reason stands on its page."),
            states=("refused",),
        ),
    ),
    "dorms.repair_started.v1": (
        _asker(
            "修繕開工 {number}",
            "Work begins {number}",
            Words("開工日：{started_on}", "First day: {started_on}"),
            Words("廠商：{contractor}", "Contractor: {contractor}"),
        ),
    ),
    "dorms.repair_completed.v1": (
        _asker(
            "修繕完工驗收 {number}",
            "Repair done and accepted {number}",
            Words("完工日：{finished_on}", "Done on {finished_on}"),
        ),
    ),
    "dorms.repair_taken_back.v1": (
        _asker("修繕申請已撤回 {number}", "Repair request taken back {number}", mail=False),
    ),
}
