"""Letters about rooms to live in. Nothing of grades, points or family goes into them (C-27)."""

from typing import Any

from common.words import Words
from services.messenger.letters.shape import Letter

_ROOM_LINE = Words("房間：{room}", "Room: {room}")


def _dorm(told_to: str, zh: str, en: str, *lines: Words, link: str, **more: Any) -> Letter:
    return Letter(told_to, Words(zh, en), lines, link, **more)


_MINE, _ROUND = "/dorms/applications/{application_id}", "/dorms/rounds/{round_id}"
_CORRECTION = "/dorms/corrections/{correction_id}"

DORMS: dict[str, tuple[Letter, ...]] = {
    "dorms.application_submitted.v1": (
        _dorm("applicant", "已收到宿舍申請 {number}", "We have your room application {number}", link=_MINE, mail=False),
        _dorm("dorm_officers", "新的宿舍申請 {number}", "New room application {number}", link=_ROUND, mail=False),
    ),
    "dorms.application_supplement_asked.v1": (
        _dorm(
            "applicant",
            "宿舍申請 {number} 請補件",
            "Room application {number}: papers are missing",
            Words("請在 {due_on} 前補齊。", "Please send them by {due_on}."),
            link=f"{_MINE}/papers",
        ),
    ),
    "dorms.application_supplemented.v1": (
        _dorm(
            "dorm_officers",
            "宿舍申請 {number} 已補齊文件",
            "Room application {number}: the papers came",
            link=f"{_MINE}/papers",
            mail=False,
        ),
    ),
    "dorms.correction_asked.v1": (
        _dorm(
            "dorm_officers",
            "{round_number} 有人申請更正資格回答",
            "Round {round_number}: a correction is asked for",
            link=_CORRECTION,
            mail=False,
        ),
    ),
    "dorms.correction_decided.v1": (
        _dorm(
            "applicant",
            "你的更正申請有結果了（{round_number}）",
            "Your correction was decided (round {round_number})",
            Words("決定與理由請看頁面。", "The decision and its reason stand on the page."),
            link=_CORRECTION,
        ),
    ),
    "dorms.ranking_published.v1": (
        _dorm("ranked", "宿舍申請排名已公布（{number}）", "The ranking of {number} is published", link=_ROUND),
    ),
    "dorms.offer_made.v1": (
        _dorm(
            "applicant",
            "配到宿舍：{room}",
            "You are offered a room: {room}",
            _ROOM_LINE,
            Words(
                "請在 {accept_by} 前回覆，逾期視同放棄。",
                "Please answer before {accept_by}; after that the offer lapses.",
            ),
            link="/dorms/offers/{offer_id}",
        ),
    ),
    "dorms.offer_accepted.v1": (
        _dorm(
            "applicant",
            "已接受：{room}",
            "Accepted: {room}",
            _ROOM_LINE,
            Words("借用期間：{stay_from} 至 {stay_until}", "Stay: {stay_from} to {stay_until}"),
            link=_MINE,
        ),
        _dorm("dorm_officers", "房間已接受：{room}", "Room accepted: {room}", _ROOM_LINE, link=_ROUND),
    ),
    "dorms.offer_declined.v1": (
        _dorm(
            "applicant",
            "已放棄：{room}",
            "Given up: {room}",
            _ROOM_LINE,
            Words("{barred_until} 起可再申請。", "You may apply again from {barred_until}."),
            link=_MINE,
        ),
        _dorm("dorm_officers", "房間被放棄：{room}", "Room given up: {room}", _ROOM_LINE, link=_ROUND),
    ),
    "dorms.offer_lapsed.v1": (
        _dorm(
            "applicant",
            "未在期限內回覆，配房失效：{room}",
            "No answer in time, the offer lapsed: {room}",
            _ROOM_LINE,
            link=_MINE,
        ),
        _dorm("dorm_officers", "配房逾期失效：{room}", "Offer lapsed: {room}", _ROOM_LINE, link=_ROUND),
    ),
    "dorms.offer_withdrawn.v1": (
        _dorm(
            "applicant",
            "{room} 的借用人不換住了，這次核配收回",
            "The tenant of {room} does not move after all: the offer is taken back",
            _ROOM_LINE,
            Words("你的名次不變，繼續候補。", "You keep your rank and wait on."),
            link=_MINE,
        ),
    ),
    "dorms.objection_raised.v1": (
        _dorm("dorm_officers", "{number} 提出異議", "{number} objects to the ranking", link=_MINE),
    ),
    "dorms.objection_answered.v1": (
        _dorm("applicant", "你的異議已答覆（{number}）", "Your objection is answered ({number})", link=_MINE),
    ),
}
