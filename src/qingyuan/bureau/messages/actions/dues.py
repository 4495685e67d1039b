"""What comes round in the registers, told ahead to those who answer for it: one message a person, book and day."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.accounts.policies.rights import can
from qingyuan.bureau.book.declaration import Book, Due
from qingyuan.bureau.book.policies import visible
from qingyuan.bureau.book.queries import today
from qingyuan.bureau.book.registry import books
from qingyuan.bureau.messages.actions.sending import post

LOOK_BACK = 7
"""Days that may have gone by without a look; what was told is not told again."""


def remind() -> int:
    """Tell what came within its time since the last look; how many messages were due."""
    due_books = [(book, due) for book in books() for due in book.dues]
    people = list(User.objects.filter(is_active=True)) if due_books else []
    return sum(
        _tell(person, book, due, back) for book, due in due_books for person in people for back in range(LOOK_BACK)
    )


def _tell(person: User, book: Book, due: Due, back: int) -> int:
    """One day's rows to one person, if there are any in that person's scope."""
    if not can(person, book.right(due.told)):
        return 0
    day = today() - timedelta(days=back)
    fresh = Q(**{due.field: day + timedelta(days=due.before - due.days)})
    number = visible(person, book).filter(fresh).count()
    if number:
        title = (
            f"{book.name}：{number} 项{due.label}将到期" if due.before else f"{book.name}：{number} 项{due.label}到期"
        )
        post(f"due:{book.code}:{due.name}:{day}", [person], title, link=f"/books/{book.code}/?due.{due.name}=1")
    return int(bool(number))
