"""What the style guide shows: invented data in the shapes the macros take. Used by the page `/styleguide` of a desk."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Any

from common.period import Period, taipei, today
from common.words import Words

PARTS_OF_DAY = (Words("上午", "Morning"), Words("下午", "Afternoon"), Words("晚間", "Evening"))


def samples(now: datetime) -> dict[str, Any]:
    """The context of `styleguide.html` at the instant `now`."""
    day = today(now)
    return {
        "days": month_days(day + timedelta(days=19)),
        "parts_of_day": PARTS_OF_DAY,
        "chosen_day": day + timedelta(days=19),
        "trip": Period.of_local(day, "13:30", "17:00"),
        "quote_lines": QUOTE_LINES,
        "point_lines": POINT_LINES,
        "heat_rows": HEAT_ROWS,
        "track_steps": track_steps(day),
        "agenda_items": agenda_items(day),
        "inbox": inbox(now),
        "wrong": [
            ("destination", Words("請填寫目的地，例如「市議會」", "Enter a destination, for example ‘City Council’"))
        ],
    }


def month_days(around: date) -> list[dict[str, Any]]:
    """The days of one month with marks that follow from the date, so that the page never changes by itself."""
    kinds = ("free", "free", "taken", "free", "held", "free", "taken")
    days = []
    for number in range(1, monthrange(around.year, around.month)[1] + 1):
        day = around.replace(day=number)
        closed = day.weekday() == 6
        marks = ["closed"] * 3 if closed else [kinds[(number * 3 + part * 5) % 7] for part in range(3)]
        note = Words("休館", "closed") if closed else None
        days.append({"date": day, "marks": marks, "off": closed, "note": note})
    return days


QUOTE_LINES = (
    {"label": Words("下午場地費", "Afternoon hire"), "amount": 5000, "rule": "S-04"},
    {"label": Words("夜間場地費", "Evening hire"), "amount": 5000, "rule": "S-04"},
    {
        "label": Words("17:30–18:00 銜接時段", "17:30–18:00 in between"),
        "amount": 0,
        "rule": "S-07",
        "detail": Words("連續兩個時段，中間免費", "Free between two slots in a row"),
    },
    {
        "label": Words("逾時 2 小時 10 分，以 3 小時計", "2 h 10 min over, counted as 3 h"),
        "amount": 3750,
        "rule": "S-06",
    },
    {"label": Words("舞台搭設", "Stage"), "amount": 1200, "rule": "S-05", "sample": True},
)

POINT_LINES = (
    {
        "item": Words("職等", "Grade"),
        "basis": Words("薦任第七職等", "Grade 7"),
        "value": "7",
        "points": 36,
        "rule": "D-14",
    },
    {
        "item": Words("年資", "Service"),
        "basis": Words("每滿 1 年 5 分", "5 points a full year"),
        "value": Words("5 年 3 個月", "5 years 3 months"),
        "points": 25,
        "rule": "D-13",
    },
    {
        "item": Words("居住狀況", "Housing"),
        "basis": Words("大臺北無自有住宅", "No home owned in Greater Taipei"),
        "value": Words("租屋", "Renting"),
        "points": 10,
        "rule": "D-14",
        "sample": True,
    },
)

HEAT_ROWS = (
    {
        "label": Words("轎車", "Sedans"),
        "total": 7,
        "free": 5,
        "cells": [7, 5, 3, 0, 3, 4, 4, 5, 5, 4, 5, 5, 6, 7, 4, 5, 6, 7, 7, 6, 7, 7, 7, 7, 7, 7, 7, 7],
    },
    {
        "label": Words("七人座", "7-seat"),
        "total": 6,
        "free": 4,
        "cells": [4, 4, 4, 3, 2, 2, 4, 5, 5, 6, 6, 6, 4, 4, 6, 4, 4, 4, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6],
    },
    {
        "label": Words("九人廂型", "9-seat"),
        "total": 5,
        "free": 3,
        "cells": [5, 5, 5, 2, 1, 1, 2, 5, 5, 5, 5, 5, 3, 3, 3, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5],
    },
    {
        "label": Words("電動車", "Electric"),
        "total": 8,
        "free": 0,
        "cells": [8, 6, 3, 2, 2, 0, 0, 0, 2, 4, 5, 5, 4, 6, 6, 0, 0, 0, 0, 2, 4, 5, 6, 8, 8, 8, 8, 8],
    },
)


def track_steps(day: date) -> list[dict[str, Any]]:
    """A trip that has been given a car and waits for its driver."""
    return [
        {
            "label": Words("已送出", "Sent"),
            "who": Words("王怡君", "Wang Yi-chun"),
            "when": taipei(day, "09:02"),
            "state": "past",
        },
        {
            "label": Words("主管核可", "Approved"),
            "who": Words("林科長", "Section chief Lin"),
            "when": taipei(day, "09:20"),
            "state": "past",
        },
        {
            "label": Words("已派車", "Car assigned"),
            "who": Words("陳調度", "Chen, dispatcher"),
            "when": taipei(day, "09:41"),
            "state": "past",
            "detail": Words("EAA-1075 · 電動七人座", "EAA-1075 · electric 7-seat"),
        },
        {"label": Words("等候駕駛接單", "Waiting for the driver"), "who": Words("周師傅", "Chou"), "state": "on"},
        {"label": Words("出車", "On the road"), "state": "next"},
        {"label": Words("簽證", "Signed off"), "state": "next"},
    ]


def agenda_items(day: date) -> list[dict[str, Any]]:
    """Three things in two days."""
    later = day + timedelta(days=3)
    return [
        {
            "starts_at": taipei(day, "13:30"),
            "ends_at": taipei(day, "17:00"),
            "title": Words("市議會備詢", "Council hearing"),
            "place": Words("市政大樓 → 市議會", "City Hall → City Council"),
            "icon": "car-front",
            "url": "#agenda",
        },
        {
            "starts_at": taipei(day, "18:00"),
            "ends_at": taipei(day, "22:00"),
            "title": Words("中庭：公益音樂會", "Atrium: charity concert"),
            "place": Words("市政大樓 1 樓中庭", "City Hall atrium, 1F"),
            "icon": "landmark",
            "url": "#agenda",
        },
        {
            "starts_at": taipei(later, "09:00"),
            "title": Words("宿舍簽約公證", "Dormitory contract and notary"),
            "place": Words("西園宿舍", "Xiyuan dormitory"),
            "icon": "bed-double",
        },
    ]


def inbox(now: datetime) -> list[dict[str, Any]]:
    """Two messages, one of them unread."""
    return [
        {
            "title": Words("已派車：EAA-1075，周師傅", "Car assigned: EAA-1075, Chou"),
            "body": Words("今天 13:30 在市政大樓東側車道上車。", "Pick-up at 13:30 today, City Hall east driveway."),
            "sent_at": now - timedelta(minutes=12),
            "read": False,
            "icon": "car-front",
            "url": "#messages",
        },
        {
            "title": Words("保證金已退還 20,000 元", "Deposit of NT$20,000 returned"),
            "body": Words("退款帳戶末四碼 3021。", "To the account ending 3021."),
            "sent_at": now - timedelta(days=2),
            "read": True,
            "icon": "wallet",
        },
    ]
