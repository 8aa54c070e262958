"""Messages in: what the venues service reads of the others. So far the read copies of people, agencies and feeds."""

from common import identity
from common.inbox import Listeners

listeners = Listeners(identity.listeners)
