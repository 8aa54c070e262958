"""What an allotment costs: applicants to rooms by rank and wishes, with tenants who ask to move and rooms where some come first.

`make bench-dorms` prints Markdown. Wishes are drawn from a fixed seed. Seconds are of the processor, the median of the
rounds. `APPLICANTS` (10000), `ROOMS` (3000) and `ROUNDS` (3) change the run.
"""

import os
import random
import statistics
import time

from dorms.allocation import ACCESSIBLE, WOMEN, Outcome, Vacant, Wish, allot

APPLICANTS = int(os.environ.get("APPLICANTS", "10000"))
ROOMS = int(os.environ.get("ROOMS", "3000"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
HOUSES = 40
KINDS = {
    "沒有現住戶 · nobody lives there yet": (0.0, False),
    "三成房間的現住戶想換 · tenants of three rooms in ten ask to move": (0.3, False),
    "所有現住戶想換，無空房 · every room has a tenant who asks to move": (1.0, False),
    "三成，並有優先房間 · three in ten, and rooms where some come first": (0.3, True),
}


def problem(tenants: float, firsts: bool) -> tuple[list[Wish], list[Vacant]]:
    """Everybody names one to six houses or rooms; popular houses are named more often."""
    dice = random.Random(1150201)
    rooms = []
    for number in range(ROOMS):
        house, accessible = number % HOUSES, number % 25 == 0
        marked = (ACCESSIBLE,) * accessible + (WOMEN,) * (house % 4 == 0)
        rooms.append(Vacant(str(number), f"house-{house}", accessible, marked if firsts else ()))
    homes = [room.id for room in rooms[ROOMS - int(ROOMS * tenants) :]]
    ranks = dice.sample(range(1, APPLICANTS + 1), len(homes))
    lives_in = dict(zip(ranks, homes, strict=True))
    wishes = []
    for rank in range(1, APPLICANTS + 1):
        named = [
            f"house-{int(dice.random() ** 2 * HOUSES)}" if dice.random() < 0.4 else str(dice.randrange(ROOMS))
            for _ in range(dice.randint(1, 6))
        ]
        first = frozenset(who for who, share in ((ACCESSIBLE, 0.02), (WOMEN, 0.5)) if dice.random() < share)
        told = first if firsts else frozenset()
        wishes.append(Wish(f"{rank}", rank, tuple(dict.fromkeys(named)), dice.random() < 0.7, lives_in.get(rank), told))
    return wishes, rooms


def measured(wishes: list[Wish], rooms: list[Vacant]) -> tuple[float, list[Outcome]]:
    """Median seconds of the processor over the rounds, and the last outcome."""
    seconds, outcomes = [], []
    for _ in range(ROUNDS):
        began = time.process_time()
        outcomes = allot(wishes, rooms)
        seconds.append(time.process_time() - began)
    return statistics.median(seconds), outcomes


def main() -> None:
    print(f"\n{APPLICANTS:,} applicants, {ROOMS:,} rooms, {ROUNDS} rounds, seconds of the processor\n")
    print("| case | seconds | got a room | moved | stayed |\n|---|---|---|---|---|")
    for name, kind in KINDS.items():
        wishes, rooms = problem(*kind)
        seconds, outcomes = measured(wishes, rooms)
        tenants = {wish.code for wish in wishes if wish.lives_in}
        given = sum(outcome.room is not None and not outcome.stays for outcome in outcomes)
        moved = sum(outcome.code in tenants and not outcome.stays for outcome in outcomes)
        print(f"| {name} | {seconds:.2f} | {given:,} | {moved:,} | {len(tenants) - moved:,} |")


if __name__ == "__main__":
    main()
