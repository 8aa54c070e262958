"""Fleet's pages: asking for a car, following it, approving, dispatching, driving, charging."""

from fleet.pages import approvals, asking, charging, dispatching, driver, trips
from fleet.pages.door import pages

__all__ = ["approvals", "asking", "charging", "dispatching", "driver", "pages", "trips"]
