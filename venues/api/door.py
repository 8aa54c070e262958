"""The blueprint of venues' JSON interface and who may come through its doors."""

from common.web import Api, has_role
from venues.models import APPLIES, DECIDES

api = Api("venues")

decides = has_role(*DECIDES)
applies = has_role(*APPLIES)
