"""What a booking costs and what a cancellation returns, line by line. Pure: data in, lines out.

A tariff is dated, versioned data (`Tariff.from_data`): rates by slot or hour, each under conditions (part, use, class of
applicant, kind of day, season, slot, hours of the day), waivers, a refund ladder and a pay-by rule. The same tariff,
calendar and wish always give the same quote. Every line names its amount in whole NT$, the rule it rests on, the rounding
where there was one, and whether the value is only a sample (示範) because the city's own figure is not known (S-05, S-20).
"""

from venues.tariffs.applying import NO_CONDITIONS, Applying, Window
from venues.tariffs.calendar import ORDINARY, Calendar
from venues.tariffs.lines import DEPOSIT, FEE, Line, Quote, share
from venues.tariffs.model import Moment, Rate, Tariff, Waiver, When
from venues.tariffs.paying import PayRule, RefundLadder, RefundStep
from venues.tariffs.quoting import quote

__all__ = [
    "DEPOSIT", "FEE", "NO_CONDITIONS", "ORDINARY", "Applying", "Calendar", "Line", "Moment", "PayRule", "Quote", "Rate",
    "RefundLadder", "RefundStep", "Tariff", "Waiver", "When", "Window", "quote", "share",
]  # fmt: skip
