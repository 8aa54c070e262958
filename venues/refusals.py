"""What several parts of venues refuse in the same way; each says why in its own words."""

from common.errors import Conflict
from common.words import Words


class NotNow(Conflict):
    """The thing is in another state than this step needs, or its time has not come or is past."""

    words = Words("現在的狀態不能做這一步。", "This step cannot be taken in its present state.")
