"""Writing rows: a change, a verb, a row's sealed data destroyed. Each adds a version and an audit line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from qingyuan.bureau.accounts.models import User
from qingyuan.bureau.audit.actions.record import record
from qingyuan.bureau.base.errors import Invalid, Missing, NotAllowed, WrongState
from qingyuan.bureau.book import policies
from qingyuan.bureau.book.columns import kept_columns, placed
from qingyuan.bureau.book.declaration import Book
from qingyuan.bureau.book.models import RowVersion
from qingyuan.bureau.book.registry import columns_of
from qingyuan.bureau.book.versions import values_of, version
from qingyuan.bureau.kinds.columns import EXTRA, Column
from qingyuan.bureau.kinds.links import Links
from qingyuan.bureau.sealed.actions import destroy, new_subject, note, seal
from qingyuan.bureau.sealed.models import SealedDigest
from qingyuan.bureau.sealed.queries import MASK, digest_of, opened, subject_of

_PLAIN = {"add": "登记", "change": "修改"}


class Conflict(WrongState):
    """Somebody else wrote the row in between. `theirs`: their version; nothing of the second editor's is lost."""

    code = "conflict"

    def __init__(self, theirs: RowVersion | None) -> None:
        self.theirs = theirs
        who = (theirs.actor or "系统") if theirs else "别人"
        super().__init__(f"这一行刚由{who}改过；请对照两个版本，改好后再次保存，您填写的内容没有丢失", "revision")


def read_values(book: Book, given: Mapping[str, Any], links: Links | None = None) -> dict[str, Any]:
    """What people or programs gave, as the model holds it. Raises Invalid for a column that there is not, or a value."""
    columns, links = columns_of(book), links or Links()
    found = {}
    for name, value in placed(book, given).items():
        column = columns.get(name)
        if column is None or not column.is_written or name == book.state:
            names = "、".join(c.name for c in columns.values() if c.is_written and c.name != book.state)
            raise Invalid(f"没有可写的列“{name}”；可写的列：{names}", name)
        text = "" if value is None else str(value)
        if not (column.kind == "sealed" and text == MASK):
            read = value if column.kind == "json" and not isinstance(value, str) else column.read(text, links)
            found[name] = column.plain(read, links) if name.startswith(EXTRA) else read
    return found


def save(
    actor: User | None,
    book: Book,
    values: Mapping[str, Any],
    row: Any = None,
    *,
    revision: int | None = None,
    reason: str = "",
    valid_from: date | None = None,
) -> Any:
    """A new row, or a changed one; the row as it stands afterwards. revision: the one that the editor had before him.

    Raises NotAllowed (also for the area it would move to), Conflict, Invalid. Nothing new writes nothing.
    """
    if book.mirror and actor is not None:
        raise NotAllowed(f"“{book.name}”是{book.mirror}的镜像，在本系统只读；请在上级系统中修改后导入")
    policies.require_for(actor, book, "edit", row)
    with transaction.atomic():
        return _write(actor, book, values, row, revision, reason, valid_from, "add" if row is None else "change")


def act(
    actor: User | None, book: Book, row: Any, name: str, given: Mapping[str, Any], *, revision: int | None = None
) -> Any:
    """Do a verb to a row. Raises NotAllowed, WrongState, Missing, Conflict, Invalid."""
    verb = book.verb(name)
    if verb is None:
        raise Invalid(f"没有动作“{name}”；有：{'、'.join(v.name for v in book.verbs) or '无'}", "verb")
    policies.require_for(actor, book, name, row)
    reason = str(given.get("reason") or "").strip()
    for need in verb.needs:
        if not str(given.get(need) or "").strip():
            label = "原因" if need == "reason" else columns_of(book)[need].label
            raise Missing(f"“{verb.label}”须填写{label}", need)
    with transaction.atomic():
        now = book.rows().select_for_update().get(pk=row.pk)
        state = getattr(now, book.state) if book.state else ""
        if verb.froms and state not in verb.froms:
            words = dict(book.states)
            raise WrongState(
                f"现在是“{words.get(state, state)}”，不能{verb.label}；须先是：{'、'.join(words[s] for s in verb.froms)}"
            )
        values = read_values(book, {need: given[need] for need in verb.needs if need != "reason"})
        if verb.to:
            values[book.state] = verb.to
        done = _write(actor, book, values, now, revision, reason, None, name)
        if verb.action is not None:
            verb.action(actor, done, given)
    return done


def forget_sealed(actor: User | None, book: Book, row: Any, reason: str) -> None:
    """Destroy the key of a row's sealed data: gone from the row, its versions, every backup and the search."""
    policies.require_for(actor, book, "unseal", row)
    tokens = [getattr(row, c.field.attname) for c in _sealed(book)]
    for token in {subject_of(token): token for token in tokens if token}.values():
        destroy(actor, token, reason)


def reveal(actor: User, book: Book, row: Any, reason: str) -> dict[str, str]:
    """The sealed texts of a row by column, for who holds the right; who looked and why is in the audit trail."""
    policies.require_for(actor, book, "unseal", row)
    if not reason.strip():
        raise Missing("请写明查看的原因", "reason")
    record(actor, "book.reveal", f"{book.code}:{row.pk}", f"查看{book.name}“{row}”的封存内容：{reason.strip()[:200]}")
    tokens = {c.name: getattr(row, c.field.attname) for c in _sealed(book)}
    return {name: opened(f"{book.code}.{name}", [token])[token] for name, token in tokens.items() if token}


def _sealed(book: Book) -> list[Column]:
    return [column for column in kept_columns(book).values() if column.kind == "sealed"]


def _write(
    actor: User | None,
    book: Book,
    values: Mapping[str, Any],
    row: Any,
    revision: int | None,
    reason: str,
    valid_from: date | None,
    verb: str,
) -> Any:
    """One row with its version and its audit line, in the transaction of the caller."""
    columns, links = kept_columns(book), Links()
    is_new = row is None
    row = book.model(**book.fixed) if is_new else book.rows().select_for_update().get(pk=row.pk)
    before = {} if is_new else values_of(row, columns, links)
    if not is_new and revision is not None and row.revision != revision:
        raise Conflict(RowVersion.objects.filter(book=book.code, row=row.pk).order_by("-revision").first())
    if is_new and book.new_key is not None and not values.get(book.key[0]):
        taken = book.rows().filter
        values = {**values, book.key[0]: book.new_key(values, lambda key: taken(**{book.key[0]: key}).exists())}
    clear = _put(book, row, values, columns)
    if book.check and (wrong := book.check({**{c.name: getattr(row, c.field.attname) for c in columns.values()}})):
        at, words = next(iter(wrong.items()))
        raise Invalid(words, at)
    try:
        row.full_clean(exclude=[c.name for c in columns.values() if c.kind in ("sealed", "link")])
    except ValidationError as error:
        name, said = next(iter(error.message_dict.items()))
        label = f"“{columns[name].label}”：" if name in columns else ""
        raise Invalid(f"{label}{'；'.join(said)}", "" if name == "__all__" else name) from error
    policies.require_for(actor, book, "edit" if verb in ("add", "change") else verb, row)
    if not is_new and values_of(row, columns, links) == before and not clear:
        return row
    if book.prepare is not None:
        held = {"pk": row.pk, **{name: getattr(row, c.field.attname) for name, c in columns.items()}}
        given = book.prepare(actor, [held], links)()
        for name, column in columns.items():
            setattr(row, column.field.attname, given[name].get(held[name], held[name]) if name in given else held[name])
    row.revision = 1 if is_new else F("revision") + 1
    row.save()
    row.refresh_from_db(fields=["revision"])
    for place, text in clear:
        note(place, [(row.pk, _subject(row, columns), text)])
    made = version(book, row.pk, row.revision, values_of(row, columns, Links()), actor, reason, valid_from)
    made.save()
    declared = book.verb(verb)
    told = f"{declared.label if declared else _PLAIN[verb]}{book.name}“{made.key}”" + (f"：{reason}" if reason else "")
    kind = "verb" if declared else verb
    record(actor, f"book.{kind}", f"{book.code}:{row.pk}", told, {"revision": row.revision, "digest": made.digest})
    if book.settle is not None:
        book.settle(actor)
    return row


def _subject(row: Any, columns: Mapping[str, Column]) -> str:
    tokens = (getattr(row, c.field.attname) or "" for c in columns.values() if c.kind == "sealed")
    return next((subject_of(token) for token in tokens if token), "") or new_subject()


def _put(book: Book, row: Any, values: Mapping[str, Any], columns: Mapping[str, Column]) -> list[tuple[str, str]]:
    """Set the values on the row, sealed ones as tokens under the row's subject; (place, text) of those that changed."""
    subject, clear = _subject(row, columns), []
    for name, value in values.items():
        column = columns.get(name)
        if name.startswith(EXTRA):
            row.extra = {**row.extra, name.removeprefix(EXTRA): value}
        elif column is not None and column.kind == "sealed":
            old = SealedDigest.objects.filter(place=column.place, row=row.pk or 0).values_list("digest", flat=True)
            if (digest_of(column.place, value) if value else None) != next(iter(old), None):
                clear.append((column.place, value))
                setattr(row, name, seal(column.place, {subject: value})[subject] if value else "")
        else:
            setattr(row, column.field.attname if column else name, value)
    return clear
