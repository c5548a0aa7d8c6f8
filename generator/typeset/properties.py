"""Reads paragraph and run property elements into changes over inherited properties.

Owns the list of properties that are set, that make no visible difference, and that cannot be printed.
Everything not listed is refused: an unknown property could change what is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml.etree import _Element

from generator.typeset import decisions, measures
from generator.typeset.measures import colour, length, number
from generator.typeset.ooxml import VAL, W, is_on, local, unsupported
from generator.typeset.wml import ParaProps, RunProps, TabStop

Changes = dict[str, Any]

_RUN_IGNORED = decisions.tags(decisions.RUN) | {W + "rStyle"}
_RUN_FLAGS = frozenset(
    W + n
    for n in (
        "i",
        "strike",
        "dstrike",
        "caps",
        "smallCaps",
        "vanish",
        "rtl",
        "outline",
        "shadow",
        "emboss",
        "imprint",
    )
)
_PARA_IGNORED = decisions.tags(decisions.PARAGRAPH) | {W + "pStyle", W + "rPr"}
_ALIGN = {
    "left": "left", "start": "left", "center": "center", "right": "right", "end": "right",
    "both": "both",
}  # fmt: skip


def _plain(element: _Element, where: str, allowed: frozenset[str]) -> None:
    value = element.get(VAL)
    if value is not None and value not in allowed:
        raise unsupported(local(element), where, f"={value}")


def _shading(element: _Element, where: str) -> None:
    if element.get(VAL) not in (None, "clear", "nil") or (element.get(W + "fill") or "auto") not in (
        "auto",
        "FFFFFF",
    ):
        raise unsupported(local(element), where)


def _fonts(element: _Element, found: Changes, _: str) -> None:
    latin = element.get(W + "ascii") or element.get(W + "hAnsi")
    east = element.get(W + "eastAsia")
    if latin:
        found["latin"] = latin
    if east:
        found["east"] = east


def _underline(element: _Element, found: Changes, where: str) -> None:
    _plain(element, where, frozenset({"single", "none"}))
    if element.get(W + "color") not in (None, "auto", "000000"):
        raise unsupported("u", where, " color")
    found["underline"] = (element.get(VAL) or "single") == "single"


def _rise(element: _Element, found: Changes, where: str) -> None:
    _plain(element, where, frozenset({"baseline", "superscript", "subscript"}))
    found["rise"] = element.get(VAL) or "baseline"


_RUN_SET: dict[str, Callable[[_Element, Changes, str], None]] = {
    W + "rFonts": _fonts,
    W + "u": _underline,
    W + "vertAlign": _rise,
    W + "sz": lambda e, found, _: found.__setitem__(
        "size", number(e.get(VAL) or "20", measures.SIZE, scale=2)
    ),
    W + "b": lambda e, found, _: found.__setitem__("bold", is_on(e)),
    W + "color": lambda e, found, _: found.__setitem__("color", colour(e.get(VAL))),
    W + "spacing": lambda e, found, _: found.__setitem__("spacing", length(e.get(VAL), measures.GAP)),
    W + "shd": lambda e, _, where: _shading(e, where),
    W + "highlight": lambda e, _, where: _plain(e, where, frozenset({"none"})),
    W + "em": lambda e, _, where: _plain(e, where, frozenset({"none"})),
    W + "bdr": lambda e, _, where: _plain(e, where, frozenset({"none", "nil"})),
    W + "w": lambda e, _, where: _plain(e, where, frozenset({"100"})),
    W + "position": lambda e, _, where: _plain(e, where, frozenset({"0"})),
}


def run_changes(element: _Element | None, where: str) -> Changes:
    """Return the changes a ``w:rPr`` makes to :class:`RunProps`.  Raises TemplateUnsupported."""
    found: Changes = {}
    if element is None:
        return found
    for child in element.iterchildren("*"):
        tag = child.tag
        setter = _RUN_SET.get(tag)
        if setter is not None:
            setter(child, found, where)
        elif tag in _RUN_IGNORED:
            if decisions.refused(child, decisions.RUN):
                raise unsupported(local(child), where)
        elif tag not in _RUN_FLAGS or is_on(child):
            raise unsupported(local(child), where)
    return found


def _spacing(element: _Element, found: Changes, where: str) -> None:
    get = element.get
    for name in ("before", "after"):
        if get(W + name + "Autospacing") in ("1", "true", "on"):
            raise unsupported("spacing", where, f" {name}Autospacing")
        lines, value = get(W + name + "Lines"), get(W + name)
        if value is not None:
            found[name] = length(value, measures.SPACE)
        elif lines not in (None, "0"):
            raise unsupported("spacing", where, f" {name}Lines")
    line = get(W + "line")
    if line is not None:
        rule = get(W + "lineRule") or "auto"
        if rule not in ("auto", "exact", "atLeast"):
            raise unsupported("spacing", where, f" lineRule={rule}")
        found["rule"] = rule
        if rule == "auto":
            found["line"] = number(line, measures.LINES, scale=240)
        else:
            found["line"] = length(line, measures.LINE if rule == "exact" else measures.SPACE)


def _indent(element: _Element, found: Changes, _: str) -> None:
    get = element.get
    for target, names in (("left", ("left", "start")), ("right", ("right", "end"))):
        for name in names:
            if (value := get(W + name)) is not None:
                found[target] = length(value, measures.INDENT)
            if (value := get(W + name + "Chars")) is not None:
                found[target + "_chars"] = number(value, measures.CHARS, scale=100)
    if (value := get(W + "hanging")) is not None:
        found["first"] = -length(value, measures.INDENT)
    elif (value := get(W + "firstLine")) is not None:
        found["first"] = length(value, measures.INDENT)
    if (value := get(W + "hangingChars")) is not None and value != "0":
        found["first_chars"] = -number(value, measures.CHARS, scale=100)
    elif (value := get(W + "firstLineChars")) is not None:
        found["first_chars"] = number(value, measures.CHARS, scale=100)


def _align(element: _Element, found: Changes, where: str) -> None:
    value = element.get(VAL) or "left"
    if value not in _ALIGN:
        raise unsupported("jc", where, f"={value}")
    found["align"] = _ALIGN[value]


def _tabs(element: _Element, found: Changes, where: str) -> None:
    stops = []
    for tab in element.iterchildren(W + "tab"):
        kind = {"start": "left", "end": "right"}.get(tab.get(VAL) or "left", tab.get(VAL) or "left")
        if kind not in ("left", "center", "right", "clear"):
            raise unsupported("tab", where, f"={kind}")
        if tab.get(W + "leader") not in (None, "none"):
            raise unsupported("tab", where, " leader")
        stops.append(TabStop(length(tab.get(W + "pos"), measures.TAB), kind))  # type: ignore[arg-type]
    found["tabs"] = tuple(stops)


_PARA_SET: dict[str, Callable[[_Element, Changes, str], None]] = {
    W + "spacing": _spacing,
    W + "ind": _indent,
    W + "jc": _align,
    W + "tabs": _tabs,
    W + "keepNext": lambda e, found, _: found.__setitem__("keep_next", is_on(e)),
    W + "keepLines": lambda e, found, _: found.__setitem__("keep_lines", is_on(e)),
    W + "pageBreakBefore": lambda e, found, _: found.__setitem__("page_break_before", is_on(e)),
    W + "widowControl": lambda e, found, _: found.__setitem__("widow_control", is_on(e)),
    W + "overflowPunct": lambda e, found, _: found.__setitem__("hanging", is_on(e)),
    W + "snapToGrid": lambda e, found, _: found.__setitem__("snap", is_on(e)),
    W + "autoSpaceDE": lambda e, found, _: found.__setitem__("auto_space", is_on(e)),
    W + "autoSpaceDN": lambda e, found, _: found.__setitem__("auto_space", is_on(e)),
    W + "shd": lambda e, _, where: _shading(e, where),
    W + "contextualSpacing": lambda e, found, _: found.__setitem__("contextual", is_on(e)),
}


def _refuse_para(child: _Element, where: str) -> None:
    name = local(child)
    if name == "numPr":
        number = child.find(W + "numId")
        if number is not None and number.get(VAL) == "0":
            return
    elif name == "pBdr":
        if all(edge.get(VAL) in ("none", "nil") for edge in child.iterchildren("*")):
            return
    elif name == "bidi" and not is_on(child):
        return
    raise unsupported(name, where)


def para_changes(element: _Element | None, where: str) -> Changes:
    """Return the changes a ``w:pPr`` makes to :class:`ParaProps`.  Raises TemplateUnsupported."""
    found: Changes = {}
    if element is None:
        return found
    for child in element.iterchildren("*"):
        setter = _PARA_SET.get(child.tag)
        if setter is not None:
            setter(child, found, where)
        elif child.tag not in _PARA_IGNORED:
            _refuse_para(child, where)
        elif decisions.refused(child, decisions.PARAGRAPH):
            raise unsupported(local(child), where)
    return found


def merge_tabs(inherited: tuple[TabStop, ...], changed: tuple[TabStop, ...]) -> tuple[TabStop, ...]:
    """Tab stops of a style with those of a paragraph laid over them; ``clear`` removes one."""
    stops = {stop.position: stop for stop in (*inherited, *changed)}
    return tuple(stops[p] for p in sorted(stops) if stops[p].kind != "clear")


def apply_para(base: ParaProps, changes: Changes) -> ParaProps:
    """Return ``base`` with ``changes``; tab stops are laid over the inherited ones."""
    if not changes:
        return base
    if "tabs" in changes:
        changes = {**changes, "tabs": merge_tabs(base.tabs, changes["tabs"])}
    return base._replace(**changes)


def apply_run(base: RunProps, changes: Changes) -> RunProps:
    """Return ``base`` with ``changes``."""
    return base._replace(**changes) if changes else base
