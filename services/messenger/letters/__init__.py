"""The words of each message: which facts are told, to whom, and what it says in both languages."""

from services.messenger.letters.charging import CHARGING
from services.messenger.letters.dorms import DORMS
from services.messenger.letters.fleet import FLEET
from services.messenger.letters.grounds import GROUNDS
from services.messenger.letters.homes import HOMES
from services.messenger.letters.rooms import ROOMS
from services.messenger.letters.rounds import ROUNDS
from services.messenger.letters.shape import Letter, Written, write
from services.messenger.letters.stays import STAYS
from services.messenger.letters.upkeep import UPKEEP
from services.messenger.letters.venues import VENUES

LETTERS: dict[str, tuple[Letter, ...]] = {
    **FLEET,
    **UPKEEP,
    **CHARGING,
    **VENUES,
    **ROOMS,
    **DORMS,
    **STAYS,
    **HOMES,
    **ROUNDS,
    **GROUNDS,
}

__all__ = ["LETTERS", "Letter", "Written", "write"]
