"""What a register declares, in plain data. Words are Chinese; `english` holds their translations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Model, Q, QuerySet

if TYPE_CHECKING:
    from qingyuan.bureau.accounts.models import User
    from qingyuan.bureau.kinds.links import Links

    NewPlaces = Callable[[User | None, str, Sequence[str]], Mapping[str, int]]
    """(who, column, words) -> key of the row made for each word."""
    NewKey = Callable[[Mapping[str, Any], Callable[[str], bool]], str]
    """(values, whether a key is taken) -> the key of a new row."""
    Prepare = Callable[[User | None, Sequence[dict[str, Any]], Links], Callable[[], Mapping[str, Mapping[int, int]]]]
    """(who, rows that are about to be written, by column, links) sets in them what other books give, with stand-ins below 0
    for rows still to be made; gives back what makes them in the transaction: key by stand-in, by column."""
    Settle = Callable[[User | None], None]
    """(who) does what follows from rows that were just written."""
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Computed:
    """A column that is worked out and never written."""

    name: str
    label: str
    value: Callable[[Any], Any]


@dataclass(frozen=True)
class Filter:
    """A named condition of the list; `where` gets today."""

    name: str
    label: str
    where: Callable[[date], Q]


@dataclass(frozen=True)
class Counter:
    """A figure of the book: rows under a condition, by default all; `on` names the date that places a row in a period."""

    name: str
    label: str
    where: Callable[[date], Q] = lambda today: Q(pk__isnull=False)
    on: str = ""


@dataclass(frozen=True)
class Verb:
    """What a person does to a row: from states (all where none is named) to a state.

    needs: columns, or `reason`, that must be given; action: what else happens, in the same transaction.
    """

    name: str
    label: str
    to: str = ""
    froms: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    action: Callable[[User | None, Any, Values], None] | None = None


@dataclass(frozen=True)
class Due:
    """Something that comes round: `days` after the day in `field`, told `before` days ahead to who holds the right of `told`."""

    name: str
    label: str
    field: str
    days: int = 0
    before: int = 0
    told: str = "edit"


@dataclass(frozen=True)
class Layer:
    """How rows stand on the map."""

    lon: str = "lon"
    lat: str = "lat"
    sign: str = "map-pin"
    colour: str = ""


@dataclass(frozen=True)
class Book:
    """One register.

    key: the fields by which a row is known again. columns: of the list, names of fields or Computed. form: fields a person
    or a file may write. headers: other headings, labels: another word than the model's, by field. lies, answers: paths to
    the area where a row lies and to the one that answers for it, which rights follow (where empty, the first); several
    are parted by blanks, the first that leads to an area holds. owners: paths to organisations that see their own rows.
    since, until: fields of the days from and before which a row holds.
    rights: roles by verb, `edit` and `unseal` among them; a verb without a line goes by `edit`, that by `manage_points`.
    mirror: the upper system whose book it is; people do not write it, imports do. layouts: by name, heading of the upper
    platform to column. places: columns whose unknown words `new_places` may make. check: says what is wrong with the
    values of a row, by field. fixed: constants of every row, where books share a table. waits: by column of a link, the one
    that keeps a word which is not registered yet; the row is taken, and the owner of the link's book matches it later.
    again: other sets of columns by which a file's row is known where its key is not given; several that fit are asked,
    never merged. new_key: the key of a new row that brings none, not taken yet. lenient: columns of a file whose wrong
    value is left out with a note, the row taken. prepare, settle: what happens in other tables with each write, before and
    after it.
    """

    code: str
    model: type[Model]
    name: str
    purpose: str = ""
    key: tuple[str, ...] = ("code",)
    again: tuple[tuple[str, ...], ...] = ()
    new_key: NewKey | None = None
    lenient: tuple[str, ...] = ()
    columns: tuple[str | Computed, ...] = ()
    form: tuple[str, ...] = ()
    filters: tuple[str | Filter, ...] = ()
    search: tuple[str, ...] = ("name",)
    order: tuple[str, ...] = ()
    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    lies: str = ""
    answers: str = ""
    owners: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    state: str = ""
    verbs: tuple[Verb, ...] = ()
    dues: tuple[Due, ...] = ()
    counters: tuple[Counter, ...] = ()
    layer: Layer | None = None
    rights: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mirror: str = ""
    layouts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    new_places: NewPlaces | None = None
    check: Callable[[Values], Mapping[str, str]] | None = None
    samples: tuple[Mapping[str, str], ...] = ()
    english: Mapping[str, str] = field(default_factory=dict)
    docs: str = ""
    prepare: Prepare | None = None
    settle: Settle | None = None
    fixed: Mapping[str, Any] = field(default_factory=dict)
    waits: Mapping[str, str] = field(default_factory=dict)

    def rows(self) -> QuerySet[Any]:
        """Every row, whoever asks."""
        return self.model._default_manager.filter(**self.fixed)

    @cached_property
    def area_paths(self) -> tuple[str, ...]:
        """Where the area is found whose people may act on a row; the first path that leads to one holds."""
        return (*self.answers.split(), *self.lies.split())

    def right(self, verb: str) -> str:
        """The capability that a verb takes."""
        if verb in self.rights or verb == "unseal":
            return f"{self.code}.{verb}"
        return f"{self.code}.edit" if "edit" in self.rights else "manage_points"

    def verb(self, name: str) -> Verb | None:
        """The verb of that name."""
        return next((verb for verb in self.verbs if verb.name == name), None)

    @cached_property
    def states(self) -> list[tuple[str, str]]:
        """Code and word of the states."""
        if not self.state:
            return []
        return [(str(code), str(word)) for code, word in self.model._meta.get_field(self.state).flatchoices]  # type: ignore[union-attr]
