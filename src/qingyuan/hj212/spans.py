"""Values of many data sections of one structure, found and read by arithmetic on whole columns.

Text is read eight bytes at a time as little-endian words, the last character in the highest byte. A number of at most
eight characters is an integer below 10^8 and a power of ten, both exact in float64, so that their quotient is the same
number that Python reads from the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from qingyuan.hj212.layout import Layout, number_of

Int = npt.NDArray[np.int64]
Word = npt.NDArray[np.uint64]
Bool = npt.NDArray[np.bool_]

PAD = 16
_WORD = 8
_FIRST_YEAR = 1992  # before it Beijing had summer time; such frames are read one by one
_BEIJING_OFFSET = 8 * 3600
_EPOCH = date(1970, 1, 1).toordinal()
_DATA_TIME = b"DataTime="
_TIME_DIGITS = 14
_ZEROS = np.uint64(0x3030303030303030)
_TENS = np.array([float(10**n) for n in range(9)])


def _masks() -> Word:
    """Entry n keeps the n highest bytes of a word."""
    return np.array([((1 << 64) - 1) ^ ((1 << 8 * (_WORD - n)) - 1) for n in range(_WORD + 1)], np.uint64)


_HIGHEST = _masks()


class Numbers(NamedTuple):
    """Numbers of a structure: values float64 [n, k], decimals as printed int8 [n, k], rows that are right bool [n]."""

    values: npt.NDArray[np.float64]
    decimals: npt.NDArray[np.int8]
    are_right: Bool


class _Keys(NamedTuple):
    """What must stand between the values of a structure: sizes of the regions, and words to compare."""

    sizes: Int
    regions: Int
    offsets: Int
    masks: Word
    words: Word
    at_numbers: Int
    at_flags: Int


@dataclass(frozen=True)
class Spans:
    """Where the values stand. buffer: all sections, each closed by a semicolon, padded on both sides.

    begins, ends: of each value, DataTime first, int64 [n, slots + 1]; is_right: rows whose structure is the layout's;
    the others hold positions of no meaning.
    """

    layout: Layout
    buffer: bytes
    begins: Int
    ends: Int
    is_right: Bool

    @classmethod
    def of(cls, layout: Layout, sections: Sequence[bytes]) -> Spans:
        """Find the values of sections that are believed to have the layout."""
        keys = _keys_of(layout)
        slots, count = len(keys.sizes), len(sections)
        buffer = b"".join([b";" * PAD, b";".join(sections), b";" * (PAD + 1)])
        letters = np.frombuffer(buffer, np.uint8)
        sizes = np.fromiter(map(len, sections), np.int64, count) + 1
        starts = PAD + np.cumsum(sizes) - sizes
        part = letters[PAD : PAD + int(sizes.sum())]
        separators = np.flatnonzero((part == ord("=")) | (part == ord(",")) | (part == ord(";"))) + PAD
        bounds = np.searchsorted(separators, np.append(starts, PAD + sizes.sum()))
        is_right: Bool = np.diff(bounds) == 2 * slots
        at = bounds[:-1, None] + np.arange(2 * slots)
        at[~is_right] = np.arange(2 * slots) % len(separators)
        found = separators[at]
        begins, ends = found[:, 0::2] + 1, found[:, 1::2]
        regions = np.concatenate([starts[:, None], ends[:, :-1]], axis=1)
        is_right &= (begins - regions == keys.sizes).all(axis=1)
        words = _words(buffer)[(regions[:, keys.regions] + keys.offsets) * is_right[:, None]]
        is_right &= ((words & keys.masks) == keys.words).all(axis=1)
        return cls(layout, buffer, begins, ends, is_right)

    def only(self, rows: Int) -> Spans:
        """The same for some of the rows."""
        return Spans(self.layout, self.buffer, self.begins[rows], self.ends[rows], self.is_right[rows])

    def texts(self, row: int) -> list[str]:
        """The printed texts of a row, DataTime first."""
        pairs = zip(self.begins[row].tolist(), self.ends[row].tolist(), strict=True)
        return [self.buffer[begin:end].decode("ascii") for begin, end in pairs]

    def numbers(self) -> Numbers:
        """The numbers of every row; one that is no plain number makes its row wrong."""
        places = _keys_of(self.layout).at_numbers
        begins, ends = self.begins[:, places].ravel(), self.ends[:, places].ravel()
        letters = np.frombuffer(self.buffer, np.uint8)
        is_negative = letters[begins] == ord("-")
        sizes = ends - begins - is_negative
        words = _words(self.buffer)[ends - _WORD]
        keep = _HIGHEST[np.clip(sizes, 0, _WORD)]
        words = (words & keep) | (_ZEROS & ~keep)
        values, decimals, is_right = _read(words, sizes)
        values = np.where(is_negative, -values, values)
        is_known = np.repeat(self.is_right, len(places))
        for place in np.flatnonzero(is_known & (sizes > _WORD)).tolist():  # long ones are rare: cumulated amounts
            text = self.buffer[begins[place] : ends[place]].decode("ascii")
            try:
                values[place], is_right[place] = number_of(text), True
            except ValueError:
                is_right[place] = False
            decimals[place] = len(text.partition(".")[2]) if is_right[place] else 0
        shape = self.begins.shape[0], len(places)
        are_right: Bool = np.all(is_right.reshape(shape), axis=1)
        return Numbers(values.reshape(shape), decimals.reshape(shape), are_right)

    def flags(self) -> tuple[npt.NDArray[np.uint8], Bool]:
        """The letters of every row's flags [n, m], and which rows have single letters in all of them."""
        places = _keys_of(self.layout).at_flags
        begins = self.begins[:, places]
        found = np.frombuffer(self.buffer, np.uint8)[begins]
        is_letter = _COMMON[found] & (self.ends[:, places] - begins == 1)
        return found, is_letter.all(axis=1)

    def data_times(self) -> tuple[Int, Bool]:
        """DataTime of every row as seconds since 1970, and which rows have one of fourteen digits."""
        begins = self.begins[:, 0]
        at = np.minimum(begins[:, None] + np.arange(_TIME_DIGITS), len(self.buffer) - 1)
        times, are_right = read_times(np.frombuffer(self.buffer, np.uint8)[at])
        return times, are_right & (self.ends[:, 0] - begins == _TIME_DIGITS)


_COMMON = np.isin(np.arange(256), np.frombuffer(b"NFMSDCTB", np.uint8))


def _read(words: Word, sizes: Int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int8], Bool]:
    """Words of at most eight characters, filled up with zeros in front, as numbers."""
    one, high = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
    marks = words ^ np.uint64(0x2E2E2E2E2E2E2E2E)
    dots = (marks - one) & ~marks & high
    has_dot = dots != 0
    below = np.bitwise_count((dots & (~dots + np.uint64(1))) - np.uint64(1)).astype(np.uint64) & np.uint64(0x38)
    left = words & ((np.uint64(1) << below) - np.uint64(1))
    right = words & ~((np.uint64(1) << below << np.uint64(8)) - np.uint64(1))
    joined = right | left << np.uint64(8) | np.uint64(0x30)
    digits = np.where(has_dot, joined, words) ^ _ZEROS
    is_right = (digits + np.uint64(0x7676767676767676)) & high == 0
    decimals = np.where(has_dot, np.int64(7) - (below >> np.uint64(3)).astype(np.int64), 0)
    is_right &= (sizes >= 1) & (sizes <= _WORD) & (~has_dot | ((decimals >= 1) & (sizes - decimals >= 2)))
    digits = (digits * np.uint64(2561)) >> np.uint64(8)
    digits = ((digits & np.uint64(0x00FF00FF00FF00FF)) * np.uint64(6553601)) >> np.uint64(16)
    digits = ((digits & np.uint64(0x0000FFFF0000FFFF)) * np.uint64(42949672960001)) >> np.uint64(32)
    return digits.astype(np.float64) / _TENS[decimals], decimals.astype(np.int8), is_right


def _words(buffer: bytes) -> Word:
    """The word that begins at each byte."""
    return np.ndarray((len(buffer) - _WORD + 1,), "<u8", buffer, strides=(1,))


@lru_cache(maxsize=4096)
def _keys_of(layout: Layout) -> _Keys:
    separators = [b"", *(bytes([one]) for one in layout.skeleton[1::2])]
    texts = [_DATA_TIME, *(f"{code}-{sub}=".encode("ascii") for code, sub in layout.slots)]
    regions = [separator + text for separator, text in zip(separators, texts, strict=True)]
    pieces = []
    for number, region in enumerate(regions):
        if len(region) < _WORD:
            pieces.append((number, 0, (1 << 8 * len(region)) - 1, int.from_bytes(region, "little")))
            continue
        for offset in {*range(0, len(region) - _WORD, _WORD), len(region) - _WORD}:
            word = int.from_bytes(region[offset : offset + _WORD], "little")
            pieces.append((number, offset, (1 << 64) - 1, word))
    numbers, offsets, masks, words = zip(*pieces, strict=True)
    chosen, flagged = set(layout.numbers), set(layout.flags)
    slots = list(enumerate(layout.slots, start=1))
    return _Keys(
        np.array([len(region) for region in regions], np.int64),
        np.array(numbers, np.int64),
        np.array(offsets, np.int64),
        np.array(masks, np.uint64),
        np.array(words, np.uint64),
        np.array([place for place, slot in slots if slot in chosen], np.int64),
        np.array([place for place, (code, sub) in slots if sub == "Flag" and code in flagged], np.int64),
    )


def read_times(digits: npt.NDArray[np.uint8]) -> tuple[Int, Bool]:
    """Rows of at least fourteen digits yyyyMMddHHmmss as seconds since 1970, and which of them are times.

    Digits beyond the fourteenth must be digits but mean nothing here. Years before 1992 count as wrong: their
    summer times are left to the reading one by one.
    """
    numbers = digits.astype(np.int64) - ord("0")
    are_right = ((numbers >= 0) & (numbers <= 9)).all(axis=1)
    pairs = numbers[:, 0:_TIME_DIGITS:2] * 10 + numbers[:, 1:_TIME_DIGITS:2]
    year, month, day = pairs[:, 0] * 100 + pairs[:, 1], pairs[:, 2], pairs[:, 3]
    hour, minute, second = pairs[:, 4], pairs[:, 5], pairs[:, 6]
    are_right &= (year >= _FIRST_YEAR) & (month >= 1) & (month <= 12) & (hour < 24) & (minute < 60) & (second < 60)
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    safe_month = np.clip(month, 1, 12)
    longest = _MONTH_DAYS[safe_month] + (is_leap & (month == 2))
    are_right &= (day >= 1) & (day <= longest)
    before = year - 1
    ordinal = before * 365 + before // 4 - before // 100 + before // 400
    ordinal += _DAYS_BEFORE[safe_month] + (is_leap & (month > 2)) + day
    return (ordinal - _EPOCH) * 86400 + hour * 3600 + minute * 60 + second - _BEIJING_OFFSET, are_right


_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)
_DAYS_BEFORE = np.cumsum(_MONTH_DAYS) - _MONTH_DAYS
