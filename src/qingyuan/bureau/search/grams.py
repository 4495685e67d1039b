"""Texts as the index holds them: pairs of characters, threes of letters, digits and signs, so that any part of a word is found.

A text is kept as lines, one for each value. A line that begins with a tab is a name by its sound: syllables, with all the
readings of a character side by side (`chong/zhong qing`), since which one is meant only the reader knows.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product

_BLANK = str.maketrans(dict.fromkeys("'\"\0", " "))
_SOUND = "\t"
Sound = Sequence[Sequence[str]]


def plain(text: object) -> str:
    """One width, one case, single blanks."""
    folded = unicodedata.normalize("NFKC", "" if text is None else str(text)).casefold()
    return " ".join(folded.translate(_BLANK).split())


def kept(texts: Iterable[object], spoken: Iterable[object] = ()) -> str:
    """Texts as lines, then those that are also found by sound."""
    lines = [plain(text) for text in texts]
    lines += [_SOUND + " ".join("/".join(part) for part in _readings(plain(text))) for text in spoken if text]
    return "\n".join(dict.fromkeys(line for line in lines if line.strip()))


def _readings(text: str) -> Iterator[tuple[str, ...]]:
    if not text.isascii():
        yield from (found for character in text if (found := _said(character)))


@lru_cache(30_000)
def _said(character: str) -> tuple[str, ...]:
    """How a character is read, the commonest way first; a letter or digit as itself, nothing for what is not said."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # the table of phrases takes 45 MB
    from pypinyin import Style, pinyin  # loaded where an index is written only

    found = pinyin(character, style=Style.NORMAL, heteronym=True)[0] if character.strip() else []
    return tuple(dict.fromkeys(part for part in found if part.isascii() and part.isalnum()))


def words(query: str) -> list[str]:
    """What a person looks for: parts that must all be found."""
    return plain(query).split()


def grams(text: str) -> set[str]:
    """Every gram of a kept text."""
    found: set[str] = set()
    for line in text.split("\n"):
        if line.startswith(_SOUND):
            for sound in _sounds(line):
                for at in range(len(sound)):
                    for said in product(*sound[at : at + 3]):
                        found |= _of_word("".join(said))
        else:
            for word in line.split():
                found |= _of_word(word)
    return found


def asked(query: Iterable[str]) -> set[str]:
    """The fewest grams that every text with these words has; none where every word is of one character."""
    return {gram for word in query for gram in _asked(word)}


def holds(text: str, query: Iterable[str]) -> bool:
    """Whether a kept text has all the words, written or by sound."""
    lines = text.split("\n")
    return all(
        any(_sounds_like(line, word) if line.startswith(_SOUND) else word in line for line in lines) for word in query
    )


@lru_cache(50_000)
def _of_word(word: str) -> frozenset[str]:
    threes = (word[at : at + 3] for at in range(len(word) - 2))
    return frozenset({word[at : at + 2] for at in range(len(word) - 1)} | {each for each in threes if each.isascii()})


def _asked(word: str) -> Iterator[str]:
    for at in range(len(word) - 1):
        if _is_three(word, at):
            yield word[at : at + 3]
        elif not (at and _is_three(word, at - 1)):
            yield word[at : at + 2]


def _is_three(word: str, at: int) -> bool:
    return at + 3 <= len(word) and word[at : at + 3].isascii()


def _sounds(line: str) -> tuple[Sound, Sound]:
    """The syllables of a line, and their initials."""
    syllables = [part.split("/") for part in line.removeprefix(_SOUND).split()]
    return syllables, [list(dict.fromkeys(reading[0] for reading in part)) for part in syllables]


def _sounds_like(line: str, word: str) -> bool:
    if not word.isascii():
        return False
    sounds = _sounds(line)
    return any(word in "".join(part[0] for part in sound) for sound in sounds) or any(
        _goes_on(sound, at, reading[start:], word)
        for sound in sounds
        for at, part in enumerate(sound)
        for reading in part
        for start in range(len(reading))
    )


def _goes_on(sound: Sound, at: int, rest: str, word: str) -> bool:
    if rest.startswith(word):
        return True
    return (
        word.startswith(rest)
        and at + 1 < len(sound)
        and any(_goes_on(sound, at + 1, reading, word[len(rest) :]) for reading in sound[at + 1])
    )
