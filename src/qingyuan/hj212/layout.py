"""The structure of a data section without its values, learnt once and recognised in every later frame.

A device says the same things in the same order all its life. Where a section has a known structure only its values
need looking at; anything unknown or odd is left to the careful reading, which gives the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from operator import itemgetter

FLAG, DEVICE_FLAG = "Flag", "EFlag"
NUMERIC_SUBS = frozenset(
    (
        *("Rtd", "Min", "Avg", "Max", "Cou", "ZsRtd", "ZsMin", "ZsAvg", "ZsMax"),
        *("Data", "DayData", "NightData", "RS", "RT", "SampleRd", "StandardValue"),
    )
)
KNOWN_SUBS = NUMERIC_SUBS | {
    FLAG,
    DEVICE_FLAG,
    "Info",
    "SN",
    "SampleTime",
    "CompleteTime",
    "SampleType",
    "ResultType",
    "BeginTime",
    "EndTime",
}
ABSURD_DIGITS = 14  # the widest type of annex B is N13
_MOST_LAYOUTS = 4096
_DATA_TIME = "DataTime"
_PAIR = r"[a-z][0-9a-z]{5}-(?:Flag=[A-Z]|(?!Flag=|EFlag=|Info=)[A-Z][A-Za-z]++=-?[0-9]{1,13}+(?:\.[0-9]++)?+)"
_PLAIN = re.compile(rf"DataTime=[0-9]{{14}}(?:;{_PAIR}(?:[,;]{_PAIR})*+)?")
_TO_COMMAS = bytes.maketrans(b"=;", b",,")
_NO_SEPARATOR = bytes(set(range(256)) - set(b"=;,"))
_OFTEN, _MOST_SPEAKERS = 8, 20_000
_ONE_FLAG, _ONE_NUMBER = "([NFMSDCTB])", r"(-?[0-9]{1,13}+(?:\.[0-9]++)?+)"
_NUMBERS = re.compile(r"(?:-?[0-9]{1,13}+(?:\.[0-9]++)?+,)*+")
_COMMON_FLAGS = frozenset("NFMSDCTB")

Pick = Callable[[Sequence[str]], tuple[str, ...]]


class Layout:
    """Which sub-items of which factors stand in a section, in order.

    slots: (factor code, sub-item) of every value behind DataTime; numbers, flags: those of the slots that hold
    numbers and data flags; skeleton: its separators; pattern: matches sections of this structure and takes their
    values out, None until it was met often enough to be worth making. is_plain: learnt from a frame, nothing else in
    it, no slot twice.
    """

    __slots__ = (
        "flags",
        "is_plain",
        "is_usual",
        "keys",
        "met",
        "numbers",
        "pattern",
        "pick_flags",
        "pick_numbers",
        "ranged",
        "skeleton",
        "slots",
    )

    def __init__(self, keys: Sequence[str], skeleton: bytes = b"") -> None:
        slots = []
        for key in keys:
            code, _, sub = key.partition("-")
            slots.append((code, sub))
        self.slots: tuple[tuple[str, str], ...] = tuple(slots)
        self.skeleton = skeleton
        self.keys = ["DataTime", *keys]
        self.met = 0
        self.pattern: re.Pattern[str] | None = None
        self.ranged: tuple[int, ...] | None = None  # slots whose values the rule tables limit; filled when first asked
        self.is_usual = False  # whether names and ranges need no look; filled with `ranged`
        at_numbers = [n for n, (_, sub) in enumerate(slots) if sub in NUMERIC_SUBS]
        at_flags = [n for n, (_, sub) in enumerate(slots) if sub == FLAG]
        self.numbers = tuple(slots[n] for n in at_numbers)
        self.flags = tuple(slots[n][0] for n in at_flags)
        self.pick_numbers, self.pick_flags = _picker(at_numbers), _picker(at_flags)
        is_told = len(at_numbers) + len(at_flags) == len(slots) == len(set(slots))
        self.is_plain = bool(skeleton) and is_told and self._keeps_factors_apart()

    def _keeps_factors_apart(self) -> bool:
        """Whether commas stand only between sub-items of one factor."""
        codes = [code for code, _ in self.slots]
        separators = self.skeleton[3::2].decode("ascii")
        return all(one == ";" or a == b for one, a, b in zip(separators, codes, codes[1:], strict=False))

    def items(self, texts: Sequence[str]) -> dict[str, dict[str, str]]:
        """Factor code → sub-item → printed text."""
        found: dict[str, dict[str, str]] = {}
        last, subs = "", {}
        for (code, sub), text in zip(self.slots, texts, strict=True):
            if code != last:
                last, subs = code, found.setdefault(code, {})
            subs[sub] = text
        return found


def _pattern(layout: Layout) -> re.Pattern[str]:
    """Keys and separators as they are, values in groups: numbers, and the flags that all editions have."""
    parts = [r"DataTime=([0-9]{14})"]
    for separator, (code, sub) in zip(layout.skeleton[1::2].decode("ascii"), layout.slots, strict=True):
        parts.append(re.escape(f"{separator}{code}-{sub}=") + (_ONE_FLAG if sub == FLAG else _ONE_NUMBER))
    return re.compile("".join(parts))


def _picker(places: list[int]) -> Pick:
    if not places:
        return lambda texts: ()
    if len(places) == 1:
        (place,) = places
        return lambda texts: (texts[place],)
    return itemgetter(*places)


_known: dict[tuple[str, ...], Layout] = {}
_spoken: dict[tuple[str, str], Layout] = {}
_latest: dict[bytes, Layout] = {}
"""The structure met last with these separators: asked first, because comparing is quicker than looking up."""


def _layout_of(keys: list[str], skeleton: bytes, content: bytes) -> Layout | None:
    """The layout of a section if it is plain; it is then known."""
    known = _known.get(tuple(keys))
    if known is not None and known.skeleton == skeleton:
        _latest[skeleton] = known
        return known
    if known is not None or not _PLAIN.fullmatch(content.decode("ascii")):
        return None
    layout = Layout(keys[1:], skeleton)
    if not layout.is_plain:
        return None
    if len(_known) >= _MOST_LAYOUTS:
        _known.clear()  # only a flood of made-up structures comes this far
        _latest.clear()
        _spoken.clear()
    _known[tuple(keys)] = _latest[skeleton] = layout
    return layout


class Section:
    """The values of a layout: printed texts of its slots, its numbers (None: no number) and flags in their order."""

    __slots__ = ("data_time", "flags", "layout", "texts", "values")

    def __init__(
        self,
        layout: Layout,
        data_time: str,
        texts: Sequence[str],
        values: Sequence[float | None],
        flags: tuple[str, ...],
    ) -> None:
        self.layout, self.data_time, self.texts, self.values, self.flags = layout, data_time, texts, values, flags


def number_of(text: str) -> float:
    """A plain printed number; ValueError for any other text, also for an absurdly long number."""
    if not _NUMBERS.fullmatch(f"{text},"):
        raise ValueError(text)
    return float(text)


def read_plainly(content: bytes, speaker: tuple[str, str] = ("", "")) -> Section | None:
    """A section without anything odd in it; None if it needs the careful reading.

    speaker: device and command; the structure that these used last is tried first.
    """
    if not content.isascii():
        return None
    spoken = _spoken.get(speaker)
    if spoken is not None and spoken.pattern is not None:
        found = spoken.pattern.fullmatch(content.decode("ascii"))
        if found is not None:
            data_time, *texts = found.groups()
            values = list(map(float, spoken.pick_numbers(texts)))
            return Section(spoken, data_time, texts, values, spoken.pick_flags(texts))
    section = _split(content)
    if section is not None:
        _note(section.layout, speaker)
    return section


def _note(layout: Layout, speaker: tuple[str, str]) -> None:
    """Remember who used a structure; make its pattern once it was met often, so that made-up ones cost nothing."""
    if len(_spoken) >= _MOST_SPEAKERS:
        _spoken.clear()
    _spoken[speaker] = layout
    layout.met += 1
    if layout.met >= _OFTEN and layout.pattern is None:
        layout.pattern = _pattern(layout)


def _split(content: bytes) -> Section | None:
    """A plain section of any structure, taken apart at its separators."""
    parts = content.translate(_TO_COMMAS).decode("ascii").split(",")
    keys = parts[::2]
    skeleton = content.translate(None, _NO_SEPARATOR)
    layout = _latest.get(skeleton)
    if layout is None or layout.keys != keys:
        layout = _layout_of(keys, skeleton, content)
        if layout is None:
            return None
    texts = parts[3::2]
    flags = layout.pick_flags(texts)
    printed = layout.pick_numbers(texts)
    if not _COMMON_FLAGS.issuperset(flags) or not _NUMBERS.fullmatch(",".join((*printed, ""))):
        return None
    return Section(layout, parts[1], texts, list(map(float, printed)), flags)
