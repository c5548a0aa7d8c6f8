#!/usr/bin/env python3
# ruff: noqa: T201 - a program for whoever examines a log; printing is what it does
"""Check an exported access log of Kangdang with nothing but Python's standard library.

    python verify_log.py EXPORT [--anchor FILE ...] [--public-key HEX ...]

Shares no code with the program that wrote the log: format, hashes and Ed25519 (RFC 8032, verification only)
are written again here from docs/access-log.md; it is one file so that it can be handed over alone.
Exit 0: nothing found; 1: findings or a damaged export; 2: wrong usage.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

# --- Ed25519 (RFC 8032 section 5.1), points in extended coordinates (X, Y, Z, T) --------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


def plus(first: Point, second: Point) -> Point:
    """The sum of two points; complete, so it also doubles."""
    a = (first[1] - first[0]) * (second[1] - second[0]) % P
    b = (first[1] + first[0]) * (second[1] + second[0]) % P
    c = 2 * D * first[3] * second[3] % P
    d = 2 * first[2] * second[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def decode_point(raw: bytes) -> Point | None:
    """The point of 32 bytes; None when they are not the one encoding of a point on the curve."""
    sign, y = raw[31] >> 7, int.from_bytes(raw, "little") & (2**255 - 1)
    if len(raw) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def encode_point(point: Point) -> bytes:
    """The 32 bytes of a point."""
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def multiples(point: Point) -> list[Point]:
    """0, 1, … 15 times a point."""
    found = [NEUTRAL]
    for _ in range(15):
        found.append(plus(found[-1], point))
    return found


BASE = decode_point((4 * pow(5, -1, P) % P).to_bytes(32, "little")) or NEUTRAL
OF_BASE = multiples(BASE)


def signature_ok(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature is right.

    False also for a key that is no point or of small order, for S not below the order, for wrong lengths.
    """
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key = decode_point(public_key)
    s = int.from_bytes(signature[32:], "little")
    if key is None or s >= ORDER:
        return False
    eightfold = key
    for _ in range(3):
        eightfold = plus(eightfold, eightfold)
    if eightfold[0] % P == 0:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    of_minus_key = multiples((P - key[0], key[1], 1, P - key[3]))
    sum_ = NEUTRAL  # s times the base minus k times the key, four bits of both at a time
    for shift in range(252, -1, -4):
        for _ in range(4):
            sum_ = plus(sum_, sum_)
        sum_ = plus(plus(sum_, OF_BASE[s >> shift & 15]), of_minus_key[k >> shift & 15])
    return encode_point(sum_) == signature[:32]


# --- the export file --------------------------------------------------------------------------------------

FIELDS = 14
MAX_LINE = 1_000_000
HEX = {"h": re.compile("[0-9a-f]{64}"), "H": re.compile("[0-9a-f]{128}")}
NO_HASH = bytes(32)
Line = list[Any]


class Refused(Exception):
    """The export or an anchor cannot be read; the text is the Chinese sentence."""


class Export:
    """An export: seals and heads are read at once, ``events`` streams."""

    def __init__(self, source: BinaryIO) -> None:
        self.source, self.number = source, 0
        head = self.load()
        if type(head) is not dict or (head.get("format"), head.get("version")) != ("kangdang-log", 1):
            raise Refused("这个文件不是康档日志导出文件，或版本不认识。")
        if [type(value) for value in head.values()] != [str, int, str, str]:
            self.refuse()
        self.seals: list[Line] = []
        self.heads: list[Line] = []
        line = self.next()
        while line[:1] == ["seal"]:
            self.seals.append(self.row(line, "isshhihH"))
            line = self.next()
        while line[:1] == ["head"]:
            self.heads.append(self.row(line, "iiih"))
            line = self.next()
        self.line = line

    def events(self) -> Iterator[tuple[Line, bytes]]:
        """(the 14 fields, the hash that stands beside them) in the order of the file."""
        line, count = self.line, 0
        while line[:1] == ["event"]:
            count += 1
            fields, hash_ = self.row(line, "ah")
            if len(fields) != FIELDS or type(fields[0]) is not int:
                self.refuse()
            yield fields, hash_
            line = self.next()
        if line != ["end", len(self.seals), len(self.heads), count] or self.source.read(1):
            self.refuse()

    def refuse(self) -> None:
        """Stop: this line is not one of an export."""
        raise Refused(f"日志导出文件第 {self.number} 行不符合格式，文件不完整或被改动。")

    def load(self) -> Any:
        """The value of the next line."""
        self.number += 1
        raw = self.source.readline(MAX_LINE)
        value = None
        try:
            if raw.endswith(b"\n"):
                value = json.loads(raw.decode(), parse_constant=int)  # NaN and Infinity are no integers
        except (ValueError, RecursionError):
            value = None
        if value is None:
            self.refuse()
        return value

    def next(self) -> Line:
        """The next line, which is an array."""
        line = self.load()
        if type(line) is not list:
            self.refuse()
        return list(line)

    def row(self, line: Line, kinds: str) -> Line:
        """The values behind the first, each of its kind: i number, s text, a array, h hash, H signature."""
        types = {"i": int, "s": str, "a": list, "h": str, "H": str}
        if [type(value) for value in line[1:]] != [types[kind] for kind in kinds]:
            self.refuse()
        values = []
        for kind, value in zip(kinds, line[1:], strict=True):
            if kind in HEX and not HEX[kind].fullmatch(value):
                self.refuse()
            values.append(bytes.fromhex(value) if kind in HEX else value)
        return values


def compact(value: Any) -> bytes:
    """The canonical JSON of arrays, texts, numbers."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


# --- anchors ----------------------------------------------------------------------------------------------

LINE = re.compile(
    r"康档封签 *第? *([0-9]{1,9}) *号? +([0-9]{4}-[0-9]{2}-[0-9]{2}) +((?:[0-9a-f]{8} *){8})"
    r" *签 *([0-9a-f]{8}) *核 *([0-9a-f]{4})",
    re.ASCII,
)


def read_anchors(raw: bytes) -> list[tuple[int, bytes]]:
    """(number, seal hash) of each anchor in a file: one JSON object or printed lines."""
    if len(raw) > 4_000_000:
        raise Refused("外存凭证文件过大。")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("外存凭证文件不是文本文件。") from None
    if text.lstrip().startswith("{"):
        return [anchor_of_json(text)]
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", line)).strip().lower()
        if not plain.startswith("康档封签"):
            continue
        match = LINE.fullmatch(plain)
        if match is None:
            raise Refused(f"外存凭证第 {number} 行不完整。")
        whole = match[3].replace(" ", "")
        stated = f"kangdang-line {int(match[1])} {match[2]} {whole} {match[4]}"
        if hashlib.sha256(stated.encode()).hexdigest()[:4] != match[5]:
            raise Refused(f"外存凭证第 {number} 行有抄写错误。")
        found.append((int(match[1]), bytes.fromhex(whole)))
    if not found:
        raise Refused("文件里没有封签的外存凭证。")
    return found


def anchor_of_json(text: str) -> tuple[int, bytes]:
    """The anchor of a JSON file; its own hash must be that of its own fields."""
    try:
        content = json.loads(text)
        if content["format"] != "kangdang-anchor" or content["version"] != 1:
            raise Refused("外存凭证文件的格式或版本不认识。")
        hexes = [
            bytes.fromhex(content[name])
            for name in ("prev_seal_hash", "heads_root", "public_key", "signature")
        ]
        seal = [
            content["number"],
            content["day"],
            content["made_at"],
            *hexes[:2],
            content["count_events"],
            *hexes[2:],
        ]
        stated = bytes.fromhex(content["seal_hash"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused("外存凭证文件的内容不完整。") from None
    if not seal_readable(seal) or seal_hash(seal) != stated:
        raise Refused("外存凭证文件的内容前后不一致。")
    return seal[0], stated


# --- seals ------------------------------------------------------------------------------------------------
# A seal is [number, day, made_at, hash of the seal before, heads root, count, public key, signature].


def seal_readable(seal: Line) -> bool:
    """Whether the fields have their types and lengths."""
    texts, numbers, hashes = seal[1:3], (seal[0], seal[5]), (seal[3], seal[4], seal[6])
    return (
        all(type(text) is str and text.isprintable() for text in texts)
        and all(type(number) is int and 0 <= number < 2**53 for number in numbers)
        and all(len(value) == 32 for value in hashes)
        and len(seal[7]) == 64
    )


def seal_body(seal: Line) -> bytes:
    """All of a seal but prefix and signature, as it is signed and hashed."""
    return compact([*seal[:3], seal[3].hex(), seal[4].hex(), seal[5], seal[6].hex()])


def seal_hash(seal: Line) -> bytes:
    """What the next seal and every anchor holds."""
    body = b"kangdang-seal-hash-1\nkangdang-seal-1\n" + seal_body(seal)
    return hashlib.sha256(body + seal[7]).digest()


def heads_root(heads: list[Line]) -> bytes:
    """Hash over (chain, number, hash) of all heads of a seal by chain; empty if they have no such form."""
    chains = [head[1] for head in heads]
    if len(set(chains)) < len(chains) or any(
        not (0 <= head[1] < 2**64 and 1 <= head[2] < 2**64) for head in heads
    ):
        return b""
    packed = [head[1].to_bytes(8, "big") + head[2].to_bytes(8, "big") + head[3] for head in sorted(heads)]
    return hashlib.sha256(b"kangdang-heads-1\n" + b"".join(packed)).digest()


# --- the examination --------------------------------------------------------------------------------------

BACKDATED = "写入时已有第 {n} 号封签，所记时间却早于该封签：可能是补记，或当时时钟不准。"
ONE_OR_MANY = {
    "changed": (
        "{chain}第 {a} 条与校验值不符：这一条或它的前一条被改动。",
        "{chain}第 {a} 至 {b} 条与校验值不符：这些条或第 {before} 条被改动。",
    ),
    "changed at start": (
        "{chain}第 {a} 条与校验值不符：这一条被改动。",
        "{chain}第 {a} 至 {b} 条与校验值不符：这些条被改动。",
    ),
    "start": ("{chain}开头缺第 {a} 条。", "{chain}开头缺第 {a} 至 {b} 条。"),
    "gap": ("{chain}中间缺第 {a} 条。", "{chain}中间缺第 {a} 至 {b} 条。"),
    "twice": ("{chain}第 {a} 条重复出现。", "{chain}第 {a} 至 {b} 条重复出现。"),
    "order": ("{chain}第 {a} 条排错了位置。", "{chain}第 {a} 至 {b} 条排错了位置。"),
    "missing": ("缺第 {a} 号封签。", "缺第 {a} 至 {b} 号封签。"),
    "backdated": (
        "提示：{chain}第 {a} 条" + BACKDATED,
        "提示：{chain}第 {a} 至 {b} 条" + BACKDATED,
    ),
}


def chain_name(chain: int) -> str:
    """How a reader knows a chain."""
    return "本站日志" if chain == 0 else f"档案 {chain} 的日志"


class Said:
    """Sentences; neighbours of one kind become one with a range."""

    def __init__(self) -> None:
        self.found: list[str | Line] = []

    def at(self, kind: str, first: int, last: int, *, chain: int = -1, seal: int = 0) -> None:
        """Say something of numbers first to last."""
        before = self.found[-1] if self.found else ""
        if type(before) is list and before[:3] == [kind, chain, seal] and before[4] + 1 == first:
            before[4] = last
        else:
            self.found.append([kind, chain, seal, first, last])

    def say(self, sentence: str) -> None:
        """Say a whole sentence."""
        self.found.append(sentence)

    def sentences(self) -> list[str]:
        """All of them in order."""
        return [one if type(one) is str else self.spelt(*one) for one in self.found]

    @staticmethod
    def spelt(kind: str, chain: int, seal: int, first: int, last: int) -> str:
        """The sentence of a range."""
        if kind == "changed" and first == 1:
            kind = "changed at start"
        words = ONE_OR_MANY[kind][0 if first == last else 1]
        return words.format(chain=chain_name(chain), a=first, b=last, before=first - 1, n=seal)


def detail_of(fields: Line) -> dict[str, Any]:
    """What an event tells beside its fields; nothing when that is no JSON object."""
    try:
        told = json.loads(fields[12])
    except (TypeError, ValueError, RecursionError):
        return {}
    return told if type(told) is dict else {}


class Examination:
    """One export against its own hashes and seals, and the seals against anchors and keys from outside."""

    def __init__(self, export: Export, anchors: list[tuple[int, bytes]], keys: list[bytes]) -> None:
        self.export, self.anchors, self.keys = export, sorted(set(anchors)), keys
        self.findings, self.notes = Said(), Said()
        self.good: dict[int, Line] = {}
        self.last: Line | None = None
        self.unsure: set[int] = set()  # seals of days nobody confirmed or that were found wrong
        self.whole = True  # no seal so far is missing or lost its heads: counts and days can be compared
        # chain → what seals say of it: [seal, number, hash, the seal before or None]
        self.sealed: dict[int, list[Line]] = {}
        self.events, self.chains, self.began = 0, 0, ""

    def run(self) -> list[str]:
        """All sentences, in the order seals, anchors, events, chains that are not there, conclusion."""
        self.read_seals()
        covered = self.read_anchors()
        self.read_events()
        for chain in sorted(self.sealed):
            seal, number = self.sealed[chain][-1][:2]
            self.findings.say(f"{chain_name(chain)}整条缺失：第 {seal} 号封签时有 {number} 条。")
        return self.conclusion(covered)

    def read_seals(self) -> None:
        """Each seal: its place, link, signature, key, heads and count."""
        lists: dict[int, list[Line]] = {}
        for head in self.export.heads:
            lists.setdefault(head[0], []).append(head)
        anchored_to = max((number for number, _ in self.anchors), default=0)
        for place, seal in enumerate(self.export.seals, 1):
            number = seal[0]
            before = self.last[0] if self.last else 0
            if not seal_readable(seal):
                self.findings.say(f"第 {place} 号封签的内容无法识别。")
                self.whole = False
            elif number <= before:
                self.findings.say(f"第 {number} 号封签重复或排错了位置。")
            else:
                self.read_seal(seal, before, anchored=number <= anchored_to)
                self.read_heads(seal, lists.pop(number, []))
                self.good[number] = self.last = seal
        for number in sorted(number for number in lists if number > (self.last[0] if self.last else 0)):
            self.findings.at("missing", number, number)

    def read_seal(self, seal: Line, before: int, *, anchored: bool) -> None:
        """Place, link, signature and key of one seal."""
        number = seal[0]
        if number > before + 1:
            self.findings.at("missing", before + 1, number - 1)
            self.whole = False
        elif seal[3] != (seal_hash(self.last) if self.last else NO_HASH):
            self.findings.say(f"第 {number} 号封签与前一号封签不相接：前一号被改动或替换。")
        known = self.keys or ([self.last[6]] if self.last and not anchored else [seal[6]])
        if not signature_ok(seal[6], b"kangdang-seal-1\n" + seal_body(seal), seal[7]):
            self.findings.say(f"第 {number} 号封签的签名不对：封签被改动。")
        elif seal[6] not in known:
            self.findings.say(f"第 {number} 号封签换了签名公钥，新公钥未经确认。")

    def read_heads(self, seal: Line, heads: list[Line]) -> None:
        """The list of heads of one seal."""
        if heads_root(heads) != seal[4]:
            self.findings.say(f"第 {seal[0]} 号封签所附的各链末条与封签不符：末条清单被改动。")
            self.whole = False
            return
        count = self.last[5] if self.last else 0
        for _, chain, number, hash_ in sorted(heads):
            known = self.sealed.setdefault(chain, [])
            before = known[-1][1] if known else 0
            if number <= before:
                self.findings.say(f"第 {seal[0]} 号封签中{chain_name(chain)}的条数没有比前一次增加。")
                self.whole = False
                continue
            count += number - before
            known.append([seal[0], number, hash_, self.last if self.whole else None])
        if self.whole and count != seal[5]:
            self.findings.say(f"第 {seal[0]} 号封签的事件总数与各链末条不符。")

    def read_anchors(self) -> Line | None:
        """The newest seal that an anchor proves."""
        covered = None
        for number, outside in self.anchors:
            seal = self.good.get(number)
            if seal is None:
                self.findings.say(
                    f"外存凭证中的第 {number} 号封签不在日志里：封签及其覆盖的日志可能已被删去。"
                )
            elif seal_hash(seal) != outside:
                self.findings.say(f"第 {number} 号封签与外存凭证不同：封签及其之前的日志可能已被整体改写。")
            else:
                covered = seal
        return covered

    def floor(self) -> Line | None:
        """The newest seal: what no seal has yet was written after it."""
        return self.last if self.whole else None

    def hear(self, fields: Line) -> None:
        """An event of the station's chain, which comes first: it may tell of seals with wrong days."""
        action, told = fields[6], detail_of(fields)
        if action == "log.seal" and told.get("clock") == "unconfirmed":
            named = re.fullmatch("seal:([0-9]{1,15})", str(fields[7]), re.ASCII)
            self.unsure |= {int(named[1])} if named else set()
        elif action in ("clock.confirm", "clock.return") and type(told.get("seal")) is int:
            right = str(told.get("reading", "9"))[:10]
            self.unsure |= {n for n, seal in self.good.items() if n <= told["seal"] and seal[1] > right}

    def standing(self, seal: Line) -> Line | None:
        """The newest seal up to this one whose day can be compared with."""
        number = seal[0]
        # Ends: a smaller number each time, down to none.
        while number > 0 and (number in self.unsure or number not in self.good):
            number -= 1
        return self.good.get(number)

    def read_events(self) -> None:
        """All events, chain after chain."""
        chain: Chain | None = None
        done: set[int] = set()
        for fields, stored in self.export.events():
            self.events += 1
            if chain is None or chain.id != fields[0]:
                if chain:
                    chain.end()
                chain = Chain(self, fields[0], repeated=fields[0] in done)
                done.add(fields[0])
            chain.read(fields, stored)
        if chain:
            chain.end()
        self.chains = len(done)

    def conclusion(self, covered: Line | None) -> list[str]:
        """Count, findings, notes, what is anchored and what is not."""
        found = self.findings.sentences()
        lines = [
            f"共核对 {self.chains} 条日志、{self.events} 个事件、{len(self.export.seals)} 个封签。",
            *found,
        ]
        lines += [*self.notes.sentences(), f"发现 {len(found)} 处问题。" if found else "没有发现改动。"]
        if covered:
            lines.append(f"至第 {covered[0]} 号封签（{covered[1]}，共 {covered[5]} 个事件）为止有外存凭证。")
        unsealed = max(0, self.events - (self.last[5] if self.last else 0))
        if unsealed or (self.last and self.last is not covered):
            first = next(iter(self.good.values()), [""] * 3)
            since = covered[2] if covered else self.began or first[2]
            rest = max(0, self.events - (covered[5] if covered else 0))
            lines.append(f"自 {since} 起尚未锚定：{rest} 个事件，其中 {unsealed} 个尚未封签。")
        return lines


class Chain:
    """One chain as its events go by."""

    def __init__(self, whole: Examination, chain: int, *, repeated: bool) -> None:
        self.whole, self.id, self.repeated = whole, chain, repeated
        self.sealed = [] if repeated else whole.sealed.pop(chain, [])
        self.passed, self.covered, self.rewritten = 0, 0, False
        self.last, self.hash = 0, NO_HASH
        if repeated:
            whole.findings.say(f"{chain_name(chain)}被分成几段，次序不对。")

    def read(self, fields: Line, stored: bytes) -> None:
        """The next event."""
        number, said = fields[1], self.whole.findings
        if self.repeated:
            return
        if type(number) is not int:
            said.say(f"{chain_name(self.id)}第 {self.last} 条之后有编号无法识别的条目。")
            return
        if number <= self.last:
            said.at("twice" if number == self.last else "order", number, number, chain=self.id)
            return
        if number > self.last + 1:
            said.at("gap" if self.last else "start", self.last + 1, number - 1, chain=self.id)
        elif not self.fits(fields, stored):
            said.at("changed", number, number, chain=self.id)
        if not self.last:
            self.whole.began = min(filter(None, (self.whole.began, str(fields[2]))), default="")
        self.last, self.hash = number, stored
        if self.id == 0:
            self.whole.hear(fields)
        self.against_seals(fields, stored)

    def fits(self, fields: Line, stored: bytes) -> bool:
        """Whether the hash beside an event is that of the event behind the one before."""
        try:
            return hashlib.sha256(b"kangdang-event-1\n" + self.hash + compact(fields)).digest() == stored
        except ValueError:  # infinite numbers, halves of characters
            return False

    def against_seals(self, fields: Line, stored: bytes) -> None:
        """Compare with the seal that names this event; note one that claims to be older than it can be."""
        number, at = fields[1], str(fields[2])
        while self.passed < len(self.sealed) and self.sealed[self.passed][1] < number:
            self.passed += 1
        due: Line = (
            self.sealed[self.passed] if self.passed < len(self.sealed) else [0, 0, b"", self.whole.floor()]
        )
        floor = self.whole.standing(due[3]) if due[3] and not self.rewritten else None
        if floor and at < floor[1] and detail_of(fields).get("clock") != "unconfirmed":
            self.whole.notes.at("backdated", number, number, chain=self.id, seal=floor[0])
        if due[1] != number:
            return
        if stored == due[2]:
            self.covered = number
        elif not self.rewritten:
            self.rewritten = True
            first = self.covered + 1
            which = f"第 {number} 条" if first == number else f"第 {first} 至 {number} 条"
            how = "改写或顶替" if first == number else "改写、增减或顶替"
            self.whole.findings.say(f"{chain_name(self.id)}{which}与第 {due[0]} 号封签不符：内容被{how}。")

    def end(self) -> None:
        """The chain is over; a seal may know of more."""
        seal, number = self.sealed[-1][:2] if self.sealed else (0, 0)
        if number > self.last:
            if not self.last:
                self.whole.findings.say(f"{chain_name(self.id)}整条缺失：第 {seal} 号封签时有 {number} 条。")
                return
            which = f"第 {number} 条" if number == self.last + 1 else f"第 {self.last + 1} 至 {number} 条"
            self.whole.findings.say(f"{chain_name(self.id)}末尾缺{which}：第 {seal} 号封签时有 {number} 条。")


# --- the command ------------------------------------------------------------------------------------------


def public_key(text: str) -> bytes:
    """A public key typed in: 64 hexadecimal digits."""
    raw = bytes.fromhex(text)
    if len(raw) != 32:
        raise ValueError("a public key has 32 bytes")
    return raw


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="verify_log.py", description="独立核对康档导出的访问日志。")
    parser.add_argument("export", metavar="EXPORT", type=Path, help="日志导出文件")
    parser.add_argument(
        "--anchor", metavar="FILE", type=Path, action="append", default=[], help="外存凭证，可多次给出"
    )
    parser.add_argument(
        "--public-key", metavar="HEX", type=public_key, action="append", default=[], help="认可的公钥"
    )
    given = parser.parse_args(arguments)
    try:
        anchors = [anchor for path in given.anchor for anchor in read_anchors(path.read_bytes())]
    except (OSError, Refused) as problem:
        print(problem if isinstance(problem, Refused) else "外存凭证文件无法读取。", file=sys.stderr)
        return 2
    try:
        with given.export.open("rb") as source:
            examination = Examination(Export(source), anchors, given.public_key)
            for line in examination.run():
                print(line)
    except OSError:
        print("日志导出文件无法读取。", file=sys.stderr)
        return 2
    except Refused as problem:
        print(problem, "核对没有完成，不能当作通过。", sep="")
        return 1
    return 1 if examination.findings.found else 0


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
