"""What a page without a readable code may be: a suggestion from the words on it, for a person to judge.

    words + what the station prints ─ suggest ─► Suggestion ─ candidates (the archive) ─► at most 3 files

Owns how words become a suggestion.  It files nothing and has no way to: its result is a form, a number, a
name and file ids.  Number and name are for the eyes of the person at the queue; logs get file ids alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from math import log
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from archives.archive import Unit
from archives.errors import NotFound
from archives.items.documents import print_named
from archives.people.files import find_file
from archives.people.search import search
from generator.errors import GeneratorError
from generator.identity.code import PageCode, decode
from generator.reading.words import HEAD_AND_FOOT, TextEngine, Words, read_words

if TYPE_CHECKING:
    from generator.reading.page_image import Grey
    from generator.render import PrintOptions

Why = Literal["print", "number and name", "number", "name"]
MOST: Final = 3

_TITLE_SHARE: Final = 0.3
"""A title only counts where the page says so much of the form against the likeliest: lists name forms."""
_TITLE_LINES: Final = 8
"""A title stands among the first lines of a page."""
_OURS: Final = (12, 0.18)
"""A page with a number of ours must say at least so many pairs of characters, and of these, weighed, so much
must be the form's print; answers are the rest."""
_ANYBODYS: Final = (30, 0.3)
"""The same of a page without: it may be anybody's."""
_SURE_SHARE: Final = 0.5
_LEAD: Final = 1.8
_NEAR: Final = 0.8
_ALIKE: Final = 0.6

_DIGITS: Final = str.maketrans("OQDILZSB", "00011258")
_CODE_LOOKS: Final = str.maketrans("OILU", "011V")
"""Letters that no print id holds, as what they look like."""
_NUMBER: Final = re.compile(
    r"(?<![A-Z0-9])([SG56][QA04])-?([0-9OQDILZSB]{4})-?([0-9OQDILZSB]{4,6})(?![0-9A-Z])"
)
_REF: Final = re.compile(
    r"(?<![A-Z0-9])([A-Z0-9]{2,6}-[A-Z]{2}[·.・•-][A-Z]{2}-\d{4}-(?:Y|D3|D10|D30)-\d{4})(?!\d)"
)
_CODE: Final = re.compile(r"[A-Z0-9]{3}\*([A-Z0-9]{10})\*([0-9OIL]{2})\*([0-9OIL]{2})\*([A-Z0-9]{4})")
_LABELLED: Final = re.compile(r"(?:申请|个案|服务)编号|档号")
_NAME: Final = re.compile(
    r"姓\s?名\s?:\s?([\u3400-\u9fff·]{2,12}?(?:\([\u3400-\u9fff]{2,4}\))?)"
    r"(?=\s|$|第\d|[^\u3400-\u9fff·(]|性别|年龄|出生|身份|民族|联系|电话|申请|个案|档号|评估|填写|负责)"
)
_LONE_NAME: Final = re.compile(r"[\u3400-\u9fff·]{2,8}(?:\([\u3400-\u9fff]{2,4}\))?\Z")
_HAN: Final = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class KnownForm:
    """A form as it is printed blank: its title, and every line of print on it."""

    form_id: str
    title: str
    lines: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Known:
    """What words are compared with: the forms; the station's people and page keys where they are at hand."""

    forms: tuple[KnownForm, ...]
    names: Collection[str] = field(default=(), repr=False)
    keys: Sequence[bytes] = field(default=(), repr=False)

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """How much a pair of characters tells: those on every form tell nothing."""
        count = Counter(pair for pairs in self.pairs.values() for pair in pairs)
        total = len(self.forms) + 1
        return {pair: log(total / forms) for pair, forms in count.items()}

    @cached_property
    def printed(self) -> frozenset[str]:
        """Every line of print, characters only."""
        return frozenset(_han(line) for form in self.forms for line in form.lines)

    @cached_property
    def pairs(self) -> Mapping[str, frozenset[str]]:
        """By form: the pairs of characters printed next to each other."""
        return {form.form_id: frozenset(_pairs(form.lines)) for form in self.forms}


class FormGuess(NamedTuple):
    """A form the page may be of, and how likely (0 to 1)."""

    form_id: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a page may be; parts may be missing, but never forms, number and code at once.

    ``forms`` has several where their print is alike.  ``code`` was read from the small print beside a lost
    symbol and holds its check.  ``number`` and ``name`` are as read: for eyes only.
    """

    forms: tuple[FormGuess, ...]
    number: str | None = field(repr=False)
    name: str | None = field(repr=False)
    page: int | None = None
    pages: int | None = None
    code: PageCode | None = field(repr=False, default=None)

    @property
    def form_id(self) -> str | None:
        """The form, where there is one only."""
        return self.forms[0].form_id if len(self.forms) == 1 else None


def suggest(words: Sequence[Words], known: Known) -> Suggestion | None:
    """What these words say; None where they name neither a form of ours nor a number of ours."""
    lines = [_plain(one.text) for one in words]
    page, pages = _page(lines)
    number = _number(lines)
    code = next(_codes(lines, known.keys), None)
    least = _ANYBODYS if number is None and code is None else _OURS
    forms = _forms(lines, known, titled=page in (None, 1), least=least)
    if not forms and number is None and code is None:
        return None
    return Suggestion(forms, number, _name(lines, known), page, pages, code)


class Look(NamedTuple):
    """What was suggested for a picture, and the quarter turns clockwise that set it upright."""

    suggestion: Suggestion | None
    turn: int


def look(picture: Grey | bytes, known: Known, engine: TextEngine | None = None) -> Look:
    """Read head and foot of a page (150 dpi), and the rest where they do not tell the form.

    Raises TextEngineMissing, ScanUnusable.
    """
    read = read_words(picture, engine, parts=HEAD_AND_FOOT)
    found = suggest(read.words, known)
    if found is None or found.form_id is None:
        read = read_words(picture, engine)
        found = suggest(read.words, known)
    return Look(found, read.turn)


def candidates(unit: Unit, found: Suggestion) -> tuple[tuple[int, Why], ...]:
    """Files the page may belong to, likeliest first, at most three, each with why.

    What is looked up goes on the log as counts; nothing of the page does.
    """
    by_print = _of_print(unit, found)
    by_number = _of_number(unit, found)
    by_name = [hit.file for hit in search(unit, found.name, most=MOST + 1)] if found.name else []
    why: dict[int, Why] = {}
    for file in by_print:
        why[file] = "print"
    for file in by_number:
        why.setdefault(file, "number and name" if file in by_name else "number")
    for file in by_name:
        why.setdefault(file, "name")
    return tuple(why.items())[:MOST]


@lru_cache(maxsize=1)
def known_forms() -> tuple[KnownForm, ...]:
    """Every form of the catalogue as it is printed blank, laid out once a process (half a second)."""
    from generator.forms.catalogue import list_forms
    from generator.render import PrintOptions

    options = PrintOptions()
    return tuple(
        KnownForm(form.id, form.title, tuple(_printed_lines(form.id, options))) for form in list_forms()
    )


def _printed_lines(form_id: str, options: PrintOptions) -> Iterator[str]:
    from datetime import UTC, datetime

    from generator.render import PrintIdentity, form_kit, lay_out
    from generator.typeset.fonts import bundled_fonts

    identity = PrintIdentity("0" * 10, datetime(2000, 1, 1, tzinfo=UTC))
    for page in lay_out(form_kit(form_id), {}, options, identity, bundled_fonts()).pages:
        levels: dict[tuple[int | None, int], list[str]] = {}
        for span in sorted(page.spans, key=lambda span: (span.y, span.x)):
            levels.setdefault((span.cell, round(span.y)), []).append(span.text)
        yield from ("".join(texts) for texts in levels.values())


def _plain(text: str) -> str:
    """As one types: half-width, upper case, one kind of dash."""
    return re.sub(r"[‐-―−一](?=[0-9OQDILZSB]{4})", "-", unicodedata.normalize("NFKC", text).upper())


def _han(text: str) -> str:
    return "".join(_HAN.findall(unicodedata.normalize("NFKC", text)))


def _pairs(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        told = _han(line)
        yield from (told[at : at + 2] for at in range(len(told) - 1))


def _forms(
    lines: Sequence[str], known: Known, *, titled: bool, least: tuple[int, float]
) -> tuple[FormGuess, ...]:
    """The likeliest form by its title and by its print; several where their print is the same; often none."""
    shares = _shares(lines, known)
    if not shares:
        return ()
    most = max(shares.values())
    titles = _titles(lines[:_TITLE_LINES], known.forms) if titled else {}
    for form, ratio in titles.items():
        if shares[form] > 0 and shares[form] >= _TITLE_SHARE * most:
            return (FormGuess(form, round(ratio, 3)),)
    ranked = sorted(shares.items(), key=lambda item: -item[1])
    best, second = ranked[0], ranked[1] if len(ranked) > 1 else ("", 0.0)
    if len(set(_pairs(lines))) < least[0] or best[1] < least[1]:
        return ()
    if best[1] >= _LEAD * second[1]:
        return (FormGuess(best[0], round(best[1], 3)),)
    if best[1] < _SURE_SHARE:
        return ()
    near = [(form, share) for form, share in ranked[:MOST] if share >= _NEAR * best[1]]
    return tuple(FormGuess(form, round(share / len(near), 3)) for form, share in near)


def _shares(lines: Sequence[str], known: Known) -> dict[str, float]:
    """By form: how much of what the page says, weighed, is printed on that form."""
    seen = set(_pairs(lines))
    rare = log(len(known.forms) + 1)
    total = sum(known.weights.get(pair, rare) for pair in seen) or 1.0
    return {
        form: sum(known.weights[pair] for pair in seen & pairs) / total for form, pairs in known.pairs.items()
    }


def _titles(lines: Sequence[str], forms: Sequence[KnownForm]) -> dict[str, float]:
    """Forms whose title is a line, but for one character at most; the nearest only."""
    told = [line for line in (_han(line) for line in lines) if line]
    alike = {}
    for form in forms:
        title = _han(form.title)
        best = max((_alike(title, line) for line in told), default=0.0)
        if best * len(title) > len(title) - 1.5:
            alike[form.form_id] = best
    return {form: ratio for form, ratio in alike.items() if ratio == max(alike.values())}


def _alike(one: str, other: str) -> float:
    if abs(len(one) - len(other)) > 0.4 * len(one):
        return 0.0
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= _ALIKE else 0.0


def _number(lines: Sequence[str]) -> str | None:
    """The number that is called so, else the only one: a list of other people's numbers is no page's own."""
    found = [
        (number, bool(_LABELLED.search(line) or _LABELLED.fullmatch(before.replace(" ", ""))))
        for before, line in zip(("", *lines), lines, strict=False)
        for number in _numbers(line)
    ]
    labelled = [number for number, named in found if named]
    every = {number for number, _ in found}
    return labelled[0] if labelled else every.pop() if len(every) == 1 else None


def _numbers(line: str) -> Iterator[str]:
    """申请编号, 个案编号 and 档号 in one line, as the archive writes them."""
    close = line.replace(" ", "")
    for found in _REF.finditer(close):
        yield re.sub(r"(?<=-[A-Z]{2})[.・•-](?=[A-Z]{2}-)", "·", found[1])
    for found in _NUMBER.finditer(close):
        prefix = "SQ" if found[1][0] in "S5" or found[1][1] == "Q" else "GA"
        yield f"{prefix}-{found[2].translate(_DIGITS)}-{found[3].translate(_DIGITS)}"


def _codes(lines: Sequence[str], keys: Sequence[bytes]) -> Iterator[PageCode]:
    """Page codes in small print whose check holds under one of the station's keys."""
    for line in lines if keys else ():
        for found in _CODE.finditer(line.replace(" ", "")):
            print_id, page, pages, check = (part.translate(_CODE_LOOKS) for part in found.groups())
            try:
                yield decode(f"KD1*{print_id}*{page}*{pages}*{check}", keys)
            except GeneratorError:
                continue


def _page(lines: Sequence[str]) -> tuple[int | None, int | None]:
    for line in reversed(lines):
        found = re.search(r"第(\d{1,2})页.{0,2}共(\d{1,2})页", line.replace(" ", ""))
        if found and 1 <= int(found[1]) <= int(found[2]):
            return int(found[1]), int(found[2])
    return None, None


def _name(lines: Sequence[str], known: Known) -> str | None:
    """The name behind 姓名, as the archive spells it where it knows one alike; else a known name here."""
    read = next(_names(lines, known), None)
    if read is not None:
        near = max(known.names, key=lambda name: _alike(_han(name), _han(read)), default=None)
        return near if near is not None and _alike(_han(near), _han(read)) >= _ALIKE else read
    whole = "\n".join(lines)
    here = [name for name in known.names if len(name) >= 2 and unicodedata.normalize("NFKC", name) in whole]
    return here[0] if len(here) == 1 else None


def _names(lines: Sequence[str], known: Known) -> Iterator[str]:
    """What stands behind 姓名： in a line, or beside a cell that says 姓名 and is no print of ours."""
    for line, beside in zip(lines, (*lines[1:], ""), strict=True):
        for found in _NAME.finditer(line):
            yield found[1]
        told = beside.replace(" ", "")
        if line.replace(" ", "") == "姓名" and _LONE_NAME.match(told) and _han(told) not in known.printed:
            yield told


def _of_print(unit: Unit, found: Suggestion) -> list[int]:
    printed = print_named(unit, found.code.print_id) if found.code is not None else None
    return [printed.file] if printed is not None else []


def _of_number(unit: Unit, found: Suggestion) -> list[int]:
    if found.number is None:
        return []
    try:
        return [find_file(unit, found.number).id]
    except NotFound:
        return []
