"""What whoever runs the machine can do at its keyboard: let the first administrator in."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from common.db import Database
from common.errors import Problem
from common.settings import Settings
from services.portal import people
from services.portal.passwords import Keeper


def add_admin(settings: Settings, username: str) -> int:
    """Make an administrator and print the one-time password, which is asked to be changed at the first sign-in.

    Returns the exit code: 0, or 1 with the reason printed.
    """
    database = Database(settings.database_url)
    keeper = Keeper(settings.password_policy)

    def add(session: Session) -> tuple[str, str]:
        person, password = people.add_admin(session, datetime.now(UTC), keeper, username)
        return person.username, password

    try:
        name, password = database.transact(add)
    except Problem as refused:
        for words in [each.words for each in refused.errors] or [refused.words]:
            print(f"{words.zh} · {words.en}")
        return 1
    finally:
        database.dispose()
    print(f"已新增系統管理者 {name} · administrator {name} added")
    print(f"一次性密碼 · one-time password: {password}")
    print(f"登入後請立即更換 · sign in and change it: {settings.public_url}/sign-in")
    return 0
