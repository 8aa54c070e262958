"""Check a draw by yourself: python check_draw.py draw.json [the hash that was published before the draw]

Needs Python and the file draw.json from the page of the draw, and nothing of ours. It draws again and says what differs.
"""

import hashlib
import json
import sys


def sha(text):
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def faults(draw, published=""):
    """What is wrong with a draw, in sentences; none when it is right."""
    found = []
    tickets = sorted(draw["tickets"])
    listed = sha("".join(ticket + "\n" for ticket in tickets))
    if len(set(tickets)) != len(tickets):
        found.append("a ticket is listed twice")
    if listed not in (draw["tickets_sha256"],) or (published and published != listed):
        found.append("the list does not match the hash published before the draw: it gives " + listed)
    order = sorted(tickets, key=lambda ticket: sha(f"{draw['seed']}\n{listed}\n{ticket}"))
    if order != draw["order"]:
        found.append("the order is not the one the seed gives")
    places: dict = {}
    waiting: dict = {}
    first = 1
    for one, result in zip(draw["classes"], draw["results"], strict=True):
        mine = [ticket for ticket in order if ticket.rpartition("-")[0] == one["prefix"]]
        selected, waiting[one["prefix"]] = mine[: one["places"]], mine[one["places"] :]
        if selected != result["selected"] or waiting[one["prefix"]] != result["waiting"]:
            found.append(f"selected or waiting of class {one['code']} are not what the order gives")
        places.update(enumerate(selected, start=first))
        first += one["places"]
    for entry in draw["log"]:
        line = waiting[entry["ticket"].rpartition("-")[0]]
        place = next((no for no, holder in places.items() if holder == entry["ticket"]), None)
        if place is None:
            line.remove(entry["ticket"])
        elif entry["passed_to"]:
            if not line or line.pop(0) != entry["passed_to"]:
                found.append(entry["passed_to"] + " moved up out of turn")
            places[place] = entry["passed_to"]
        else:
            del places[place]
    if [[no, places[no]] for no in sorted(places)] != [[one["place_no"], one["ticket"]] for one in draw["holding"]]:
        found.append("who has which place now is not what the order and the log give")
    return found


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        wrong = faults(json.load(file), *sys.argv[2:3])
    print("\n".join(wrong) or "the draw is right")
    sys.exit(bool(wrong))
