"""A tariff flat, as forms, files and the JSON interface have it: every field named, nothing left out. Pure."""

from typing import Any

from venues.tariffs.applying import LIMITS, Applying
from venues.tariffs.model import SETS, Rate, Tariff, Waiver


def flat(tariff: Tariff) -> dict[str, Any]:
    """Rates, waivers, refunds, pay-by rule and conditions of applying, each with all its fields."""
    return {
        "rates": [_rate(rate) for rate in tariff.rates],
        "waivers": [_waiver(waiver) for waiver in tariff.waivers],
        "refunds": {
            "steps": [dict(vars(step)) for step in tariff.refunds.steps],
            "always": sorted(tariff.refunds.always),
            "rule": tariff.refunds.rule,
            "always_rule": tariff.refunds.always_rule,
            "sample": tariff.refunds.sample,
        },
        "pay": dict(vars(tariff.pay)),
        "applying": _applying(tariff.applying),
    }


def fields(value: Any, prefix: str = "") -> list[tuple[str, str]]:
    """The same as the fields of a form: `rates.0.days` once for each day; what is false or empty sends nothing."""
    if isinstance(value, dict):
        return [one for name, inner in value.items() for one in fields(inner, f"{prefix}.{name}" if prefix else name)]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [one for n, inner in enumerate(value) for one in fields(inner, f"{prefix}.{n}")]
    if isinstance(value, list):
        return [(prefix, str(inner)) for inner in value]
    if value is True:
        return [(prefix, "1")]
    return [] if value is False or value == "" or value is None else [(prefix, str(value))]


def _applying(rules: Applying) -> dict[str, Any]:
    limits = {name: dict(vars(rules.limit(name))) for name in LIMITS}
    window: dict[str, Any] = {"kind": "", "opens": 0, "closes": 0, "free": [], "rule": "", "sample": False}
    if rules.window:
        window = {**vars(rules.window), "free": sorted(rules.window.free)}
    return {"window": window, **limits}


def _rate(rate: Rate) -> dict[str, Any]:
    season, band = rate.when.season or ("", ""), rate.when.band or ("", "")
    return {
        "kind": rate.kind, "amount": rate.amount, "per": rate.per, "of": rate.of, "label": rate.label.zh,
        "label_en": rate.label.en, "rule": rate.rule, "sample": rate.sample,
        **{name: sorted(getattr(rate.when, name)) for name in SETS},
        "season_from": season[0], "season_until": season[1], "band_from": band[0], "band_until": band[1],
    }  # fmt: skip


def _waiver(waiver: Waiver) -> dict[str, Any]:
    return {
        "classes": sorted(waiver.classes), "events": sorted(waiver.events), "weeks": waiver.weeks, "percent": waiver.percent,
        "amount": waiver.amount, "on": sorted(waiver.on), "deposit": waiver.deposit, "label": waiver.label.zh,
        "label_en": waiver.label.en, "rule": waiver.rule, "sample": waiver.sample,
    }  # fmt: skip
