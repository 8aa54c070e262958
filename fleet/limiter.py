"""So many tries within a while from one address, counted in this process: enough to stop guessing, cheap to keep."""

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta

from common.errors import TooMany

MOST_KEYS = 10_000


class Limiter:
    """`most` tries per key within `within`."""

    def __init__(self, most: int, within: timedelta):
        self._most, self._within = most, within
        self._tries: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, key: str, now: datetime) -> None:
        """Count a try. Raises TooMany beyond the limit."""
        with self._lock:
            tries = self._tries.setdefault(key, deque())
            self._tries.move_to_end(key)
            while tries and tries[0] <= now - self._within:
                tries.popleft()
            if len(tries) >= self._most:
                raise TooMany
            tries.append(now)
            if len(self._tries) > MOST_KEYS:
                self._tries.popitem(last=False)


SURVEY_TRIES = Limiter(60, timedelta(minutes=10))
"""Answers from one address: a hall full of passengers behind one router gets through, a guesser does not."""
