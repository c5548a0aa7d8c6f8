"""What somebody may do to a log, and the exact words both verifiers must find for it.

Chains of the untouched log: 0 has 10 events (sealed at 3, 5, 7, 8), 7 has 10 (4, 6, 9), 12 has 5 (3, 5),
30 has 1 that no seal has yet.  An anchor of seal 3 is outside; its thief cannot reach it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archives.log.event import digest_row
from tests.log.station import ACTION, AT, DETAIL, HASH, KEY, OTHER_KEY, SEQ, Station, build


@dataclass(frozen=True)
class Attack:
    """What is done, and the findings and notes it gives; anchors are those of the untouched log."""

    do: Callable[[Station], object]
    findings: tuple[str, ...]
    notes: tuple[str, ...] = ()
    anchors: tuple[int, ...] = (3,)


def change(
    station: Station, chain: int, seq: int, column: int = DETAIL, value: object = '{"pages":99}'
) -> None:
    station.row(chain, seq)[column] = value


def change_and_hash_all(station: Station) -> None:
    change(station, 7, 5)
    station.renumber(7)


def change_and_hash_one(station: Station) -> None:
    change(station, 7, 5)
    prev = station.row(7, 4)[HASH]
    row = station.row(7, 5)
    row[HASH] = digest_row(row, prev)


def drop_and_close_up(station: Station, chain: int, seqs: range) -> None:
    station.drop(chain, seqs)
    station.renumber(chain)


def insert(station: Station) -> None:
    row = list(station.row(7, 2))
    row[AT] = "2026-11-16T09:00:30.000+08:00"
    station.rows.insert(station.rows.index(station.row(7, 3)), row)
    station.renumber(7)


def swap_contents(station: Station) -> None:
    first, second = station.row(7, 2), station.row(7, 3)
    first[2:], second[2:] = second[2:], first[2:]


def swap_rows(station: Station) -> None:
    here = station.rows.index(station.row(7, 2))
    station.rows[here], station.rows[here + 1] = station.rows[here + 1], station.rows[here]


def replace_chain(station: Station) -> None:
    """A whole chain of another log in the place of ours, whole in itself."""
    for row in station.chain(7):
        row[ACTION] = "record.print"
    station.renumber(7)


def transplant(station: Station) -> None:
    """The events of one file given out as those of another."""
    station.drop(12, range(1, 6))
    copies = [[12, *row[1:]] for row in station.chain(7)[:5]]
    station.rows = sorted(station.rows + copies, key=lambda row: (row[0], row[SEQ]))


def duplicate(station: Station) -> None:
    row = station.row(7, 4)
    station.rows.insert(station.rows.index(row), list(row))


def split(station: Station) -> None:
    row = station.row(0, 10)
    station.rows.remove(row)
    station.rows.append(row)


def drop_seals(station: Station, first: int) -> None:
    station.seals = [seal for seal in station.seals if seal.number < first]
    station.heads = [head for head in station.heads if head.seal < first]


def roll_back(station: Station) -> None:
    """The whole database as it was after two days."""
    older = build(sealed=2)
    station.rows = [row for row in older.rows if row[AT] < "2026-11-18"]
    station.seals, station.heads = older.seals, older.heads


def rewrite(station: Station, key: bytes) -> None:
    change_and_hash_all(station)
    station.reseal(key)


def rewrite_cut(station: Station) -> None:
    """With the seal key: the last days cut off everywhere, seals made for what is left."""
    station.drop(7, range(5, 11))
    station.reseal(KEY)


def change_head(station: Station) -> None:
    """The list of a seal made to fit a rewritten chain."""
    change_and_hash_all(station)
    for at, head in enumerate(station.heads):
        if head.chain == 7:
            station.heads[at] = head._replace(hash=station.row(7, head.seq)[HASH])


def head_and_root(station: Station) -> None:
    """The same, and the roots of the seals too; only the signatures cannot be made."""
    change_head(station)
    for number in (1, 2, 3):
        station.replace_seal(number, heads_root=station.relist(number))


def stolen_key_shorter_list(station: Station) -> None:
    """With the seal key: a chain taken out of the newest seal and out of the log."""
    station.drop(12, range(4, 6))
    station.heads = [head for head in station.heads if (head.seal, head.chain) != (4, 12)]
    station.resign(4, KEY, heads_root=station.relist(4), count_events=20)


def wrong_total(station: Station) -> None:
    """With the seal key: a seal whose total does not fit its heads."""
    station.resign(4, KEY, count_events=23)


def add_seal_of_another_key(station: Station) -> None:
    station.resign(4, OTHER_KEY, public_key=public_of(OTHER_KEY))


def public_of(key: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()


def backdate(station: Station) -> None:
    """An event of the last day told as one of the second; whole in its chain."""
    change(station, 7, 10, AT, "2026-11-17T10:00:00.000+08:00")
    station.renumber(7)


def swap_seals(station: Station) -> None:
    station.seals[1], station.seals[2] = station.seals[2], station.seals[1]


def head_back(station: Station) -> None:
    """With the seal key: a seal that says a chain got shorter."""
    station.heads = [
        head._replace(seq=7, hash=station.row(0, 7)[HASH]) if (head.seal, head.chain) == (4, 0) else head
        for head in station.heads
    ]
    station.resign(4, KEY, heads_root=station.relist(4), count_events=21)


CHANGED_5 = "档案 7 的日志第 5 条与校验值不符：这一条或它的前一条被改动。"
ANCHOR_3_DIFFERS = "第 3 号封签与外存凭证不同：封签及其之前的日志可能已被整体改写。"
ANCHOR_3_MISSING = "外存凭证中的第 3 号封签不在日志里：封签及其覆盖的日志可能已被删去。"
REWRITTEN_7 = "档案 7 的日志第 5 至 6 条与第 2 号封签不符：内容被改写、增减或顶替。"
HEADS = "第 {} 号封签所附的各链末条与封签不符：末条清单被改动。"
SIGNATURE = "第 {} 号封签的签名不对：封签被改动。"
LINK = "第 {} 号封签与前一号封签不相接：前一号被改动或替换。"
NEW_KEY = "第 4 号封签换了签名公钥，新公钥未经确认。"

ATTACKS: dict[str, Attack] = {
    # events, without any key
    "one field changed": Attack(lambda s: change(s, 7, 5), (CHANGED_5,)),
    "a time changed": Attack(lambda s: change(s, 7, 5, AT, "2026-11-17T08:00:00.000+08:00"), (CHANGED_5,)),
    "a purpose taken away": Attack(lambda s: change(s, 7, 5, 8, None), (CHANGED_5,)),
    "a number made a text": Attack(lambda s: change(s, 7, 5, 3, "3"), (CHANGED_5,)),
    "a number made a fraction": Attack(lambda s: change(s, 7, 5, 3, 3.0), (CHANGED_5,)),
    "nothing made an empty text": Attack(lambda s: change(s, 7, 5, 9, ""), (CHANGED_5,)),
    "detail with a space more": Attack(lambda s: change(s, 7, 5, DETAIL, '{"pages": 0}'), (CHANGED_5,)),
    "a hash changed": Attack(
        lambda s: change(s, 7, 5, HASH, bytes(32)),
        ("档案 7 的日志第 5 至 6 条与校验值不符：这些条或第 4 条被改动。",),
    ),
    "changed, its hash made anew": Attack(
        change_and_hash_one, ("档案 7 的日志第 6 条与校验值不符：这一条或它的前一条被改动。",)
    ),
    "changed, all later hashes made anew": Attack(change_and_hash_all, (REWRITTEN_7,)),
    "one event removed": Attack(lambda s: s.drop(7, [5]), ("档案 7 的日志中间缺第 5 条。",)),
    "a sealed head removed": Attack(lambda s: s.drop(7, range(4, 8)), ("档案 7 的日志中间缺第 4 至 7 条。",)),
    "removed and closed up": Attack(
        lambda s: drop_and_close_up(s, 7, range(5, 6)),
        (REWRITTEN_7,),
    ),
    "beginning cut off": Attack(lambda s: s.drop(7, range(1, 4)), ("档案 7 的日志开头缺第 1 至 3 条。",)),
    "sealed tail cut off": Attack(
        lambda s: s.drop(7, range(8, 11)), ("档案 7 的日志末尾缺第 8 至 9 条：第 3 号封签时有 9 条。",)
    ),
    "last sealed event cut off": Attack(
        lambda s: s.drop(12, [5]), ("档案 12 的日志末尾缺第 5 条：第 4 号封签时有 5 条。",)
    ),
    "chain removed": Attack(
        lambda s: s.drop(12, range(1, 6)), ("档案 12 的日志整条缺失：第 4 号封签时有 5 条。",)
    ),
    "event inserted": Attack(
        insert, ("档案 7 的日志第 1 至 4 条与第 1 号封签不符：内容被改写、增减或顶替。",)
    ),
    "event twice": Attack(duplicate, ("档案 7 的日志第 4 条重复出现。",)),
    "contents of two exchanged": Attack(
        swap_contents, ("档案 7 的日志第 2 至 4 条与校验值不符：这些条或第 1 条被改动。",)
    ),
    "two out of order": Attack(
        swap_rows, ("档案 7 的日志中间缺第 2 条。", "档案 7 的日志第 2 条排错了位置。")
    ),
    "chain replaced": Attack(
        replace_chain, ("档案 7 的日志第 1 至 4 条与第 1 号封签不符：内容被改写、增减或顶替。",)
    ),
    "events of another file": Attack(
        transplant,
        (
            "档案 12 的日志第 1 至 3 条与校验值不符：这些条被改动。",
            "档案 12 的日志第 1 至 3 条与第 2 号封签不符：内容被改写、增减或顶替。",
            "档案 12 的日志第 4 至 5 条与校验值不符：这些条或第 3 条被改动。",
        ),
    ),
    "chain in two pieces": Attack(split, ("本站日志被分成几段，次序不对。",)),
    "a number that is none": Attack(
        lambda s: change(s, 30, 1, SEQ, "1"), ("档案 30 的日志第 0 条之后有编号无法识别的条目。",)
    ),
    "an event told as older": Attack(
        backdate,
        (),
        ("档案 7 的日志第 10 条写入时已有第 4 号封签，所记时间却早于该封签：可能是补记，或当时时钟不准。",),
    ),
    # seals, without the seal key
    "seal's day changed": Attack(
        lambda s: s.replace_seal(2, day="2026-11-15"), (SIGNATURE.format(2), LINK.format(3)), anchors=(3,)
    ),
    "seal's signature changed": Attack(
        lambda s: s.replace_seal(4, signature=bytes(64)), (SIGNATURE.format(4),)
    ),
    "seal unreadable": Attack(
        lambda s: s.replace_seal(2, day="2026\n"), ("第 2 号封签的内容无法识别。", "缺第 2 号封签。")
    ),
    "seal in the middle removed": Attack(lambda s: s.seals.pop(1), ("缺第 2 号封签。",)),
    "two seals exchanged": Attack(
        swap_seals,
        ("缺第 2 号封签。", "第 2 号封签重复或排错了位置。"),
    ),
    "newest seal removed, its list left": Attack(lambda s: s.seals.pop(), ("缺第 4 号封签。",)),
    "anchored seal removed": Attack(lambda s: drop_seals(s, 3), (ANCHOR_3_MISSING,)),
    "all seals removed": Attack(lambda s: drop_seals(s, 1), (ANCHOR_3_MISSING,)),
    "heads made to fit": Attack(change_head, (HEADS.format(2), HEADS.format(3))),
    "heads and roots made to fit": Attack(
        head_and_root,
        (SIGNATURE.format(2), LINK.format(3), SIGNATURE.format(3), LINK.format(4), ANCHOR_3_DIFFERS),
    ),
    "heads of a seal removed": Attack(lambda s: s.heads.remove(s.heads[0]), (HEADS.format(1),)),
    "whole log rolled back": Attack(roll_back, (ANCHOR_3_MISSING,)),
    "rewritten, sealed with another key": Attack(lambda s: rewrite(s, OTHER_KEY), (ANCHOR_3_DIFFERS,)),
    "newest seal signed with another key": Attack(add_seal_of_another_key, (NEW_KEY,)),
    # with the seal key
    "rewritten, sealed with the stolen key": Attack(lambda s: rewrite(s, KEY), (ANCHOR_3_DIFFERS,)),
    "cut, sealed with the stolen key": Attack(rewrite_cut, (ANCHOR_3_DIFFERS,)),
    "stolen key, a seal says less": Attack(
        head_back, ("第 4 号封签中本站日志的条数没有比前一次增加。",), anchors=(3,)
    ),
    "stolen key, wrong total": Attack(wrong_total, ("第 4 号封签的事件总数与各链末条不符。",)),
    "newest seal made anew with the stolen key": Attack(
        stolen_key_shorter_list,
        ("第 4 号封签与外存凭证不同：封签及其之前的日志可能已被整体改写。",),
        anchors=(3, 4),
    ),
}

UNSEEN: dict[str, Attack] = {
    # What no verifier can see; docs/access-log.md says so.  An anchor of the newest seal shows most of them.
    "unsealed tail cut off": Attack(lambda s: s.drop(7, [10]), ()),
    "unsealed chain removed": Attack(lambda s: s.drop(30, [1]), ()),
    "unsealed event rewritten": Attack(lambda s: (change(s, 7, 10), s.renumber(7)), ()),
    "unanchored seals removed with their events": Attack(
        lambda s: (drop_seals(s, 4), s.drop(0, range(8, 11)), s.drop(12, range(4, 6))), ()
    ),
    "stolen key, newest seal made anew": Attack(stolen_key_shorter_list, ()),
    "rolled back to the anchored state": Attack(roll_back, (), anchors=(2,)),
    "rewritten with the stolen key, nothing outside": Attack(lambda s: rewrite(s, KEY), (), anchors=()),
    "rewritten with another key, nothing outside": Attack(lambda s: rewrite(s, OTHER_KEY), (), anchors=()),
}
