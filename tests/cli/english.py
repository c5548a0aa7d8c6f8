"""Whether a sentence reached a person in English: two foreign words together, or a system's own word."""

from __future__ import annotations

import re

_TYPED = re.compile(
    r"kangdang(?: [a-z]+)*"  # a command to type
    r"|--?[a-z][a-z-]*(?:[= ][A-Za-z_./*…-]+)?"  # an option
    r"|[“\"'‘][^”\"'’]*[”\"'’]"  # what is quoted
    r"|（[^（）]*）|〔[^〔〕]*〕"  # places and clauses
    r"|[\w./\\*~-]*[./\\_~=][\w./\\*~-]*"  # names of files and fields
)
_TWO = re.compile(r"[A-Za-z]{2,}(?:['’][a-z]+)? +[A-Za-z]{2,}[A-Za-z' ]*")
_SYSTEM = re.compile(r"\b(?:Error|Errno|Traceback|Exception|Permission|Usage|Try|None|invalid|expected)\b")


def english(text: str) -> set[str]:
    """What of it is English and nothing to type."""
    plain = _TYPED.sub("、", text)
    return {found[0].strip() for found in (*_TWO.finditer(plain), *_SYSTEM.finditer(plain))}
