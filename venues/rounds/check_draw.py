"""Check a draw by yourself: python check_draw.py draw.json [a hash that was published before the draw]

Needs Python and the file draw.json from the page of the draw, and nothing of ours. It draws again and says what differs.
The hash is that of the list, or the one over list, places, source and moment together.
"""

import hashlib
import json
import sys

ANNOUNCED = ("tickets_sha256", "classes", "seed_source", "seed_known_at", "algorithm")


def sha(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def faults(draw, published=""):
    """What is wrong with a draw, in sentences; none when it is right."""
    try:
        return list(differences(draw, published))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as problem:
        return [f"the file is not whole: {type(problem).__name__} {problem}"]


def differences(draw, published):
    tickets = sorted(draw["tickets"])
    listed = sha("".join(ticket + "\n" for ticket in tickets))
    told = {name: draw[name] for name in ANNOUNCED}
    announced = sha(json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
    if len(set(tickets)) != len(tickets):
        yield "a ticket is listed twice"
    if listed != draw["tickets_sha256"]:
        yield "the list does not match the hash published before the draw: it gives " + listed
    if announced != draw["announced_sha256"]:
        yield "places, source or moment do not match the hash published before the draw: they give " + announced
    if published and published not in (listed, announced):
        yield "the hash you noted is neither the list’s nor that over list, places, source and moment"
    if draw["drawn_at"] < draw["seed_known_at"]:
        yield "it was drawn before the seed could be known"
    order = sorted(tickets, key=lambda ticket: sha(f"{draw['seed']}\n{listed}\n{ticket}"))
    if order != draw["order"]:
        yield "the order is not the one the seed gives"
    places: dict = {}
    waiting: dict = {}
    first = 1
    for one, result in zip(draw["classes"], draw["results"], strict=True):
        mine = [ticket for ticket in order if ticket.rpartition("-")[0] == one["prefix"]]
        selected, waiting[one["prefix"]] = mine[: one["places"]], mine[one["places"] :]
        if selected != result["selected"] or waiting[one["prefix"]] != result["waiting"]:
            yield f"selected or waiting of class {one['code']} are not what the order gives"
        places.update(enumerate(selected, start=first))
        first += one["places"]
    for entry in draw["log"]:
        line = waiting[entry["ticket"].rpartition("-")[0]]
        place = next((no for no, holder in places.items() if holder == entry["ticket"]), None)
        if place is None:
            line.remove(entry["ticket"])
        elif entry["passed_to"]:
            if not line or line.pop(0) != entry["passed_to"]:
                yield entry["passed_to"] + " moved up out of turn"
            places[place] = entry["passed_to"]
        else:
            if line and entry["at"][:10] < draw["term_until"]:
                yield f"place {place} was left empty while {line[0]} waited"
            del places[place]
    if [[no, places[no]] for no in sorted(places)] != [[one["place_no"], one["ticket"]] for one in draw["holding"]]:
        yield "who has which place now is not what the order and the log give"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        wrong = faults(json.load(file), *sys.argv[2:3])
    print("\n".join(wrong) or "the draw is right")
    sys.exit(bool(wrong))
