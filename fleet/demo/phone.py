"""A trip of the demonstration's driver that is back and waits for its passenger's signature."""

from datetime import timedelta

from fleet.demo.city import ERRANDS
from fleet.demo.trips import City


def add(city: City) -> None:
    """The driver came back from it some hours ago."""
    driver, errand = city.named["driver"], ERRANDS[1]
    trip = city._around(-330, errand, city.named["officer"], 2)
    if city._assign(trip, trip.requested_at + timedelta(hours=3), driver=driver):
        city._drive(trip, signed=False)
