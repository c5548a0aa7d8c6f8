"""What verification finds, and the one Chinese sentence for each kind.

Sentences name chains, numbers and seals, never a person.  ``tools/verify_log.py`` says the same words without
sharing code; the attack tests compare the two.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found: its kind (a key of SENTENCES), the chain, its first and last event, the seal."""

    kind: str
    chain: Any = None
    """None when the finding is about seals; as it lies in the database when it is no whole number."""
    first: int = 0
    last: int = 0
    seal: int = 0

    @property
    def sentence(self) -> str:
        """The sentence shown to the user, with its full stop."""
        one, many = SENTENCES[self.kind if self.first != 1 else _FROM_START.get(self.kind, self.kind)]
        return (one if self.first == self.last else many).format(
            chain=chain_name(self.chain), a=self.first, b=self.last, before=self.first - 1, n=self.seal
        )


def chain_name(chain: Any) -> str:
    """How a user reads a chain: the station's log, or the log of the file of that id."""
    if type(chain) is not int:
        return "编号无法识别的日志"
    return "本站日志" if chain == 0 else f"档案 {chain} 的日志"


_FROM_START: Final = {"changed": "changed_from_start"}
_CHANGED = "{chain}第 {a} 条与校验值不符：这一条或它的前一条被改动。"
_DIFFERS = "{chain}第 {a} 条与第 {n} 号封签不符：内容被改写或顶替。"

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    # of events
    "changed": (_CHANGED, "{chain}第 {a} 至 {b} 条与校验值不符：这些条或第 {before} 条被改动。"),
    "changed_from_start": (
        "{chain}第 1 条与校验值不符：这一条被改动。",
        "{chain}第 1 至 {b} 条与校验值不符：这些条被改动。",
    ),
    "start_missing": ("{chain}开头缺第 {a} 条。", "{chain}开头缺第 {a} 至 {b} 条。"),
    "gap": ("{chain}中间缺第 {a} 条。", "{chain}中间缺第 {a} 至 {b} 条。"),
    "tail_cut": (
        "{chain}末尾缺第 {a} 条：第 {n} 号封签时有 {b} 条。",
        "{chain}末尾缺第 {a} 至 {b} 条：第 {n} 号封签时有 {b} 条。",
    ),
    "chain_missing": ("{chain}整条缺失：第 {n} 号封签时有 {b} 条。",) * 2,
    "duplicated": ("{chain}第 {a} 条重复出现。", "{chain}第 {a} 至 {b} 条重复出现。"),
    "reordered": ("{chain}第 {a} 条排错了位置。", "{chain}第 {a} 至 {b} 条排错了位置。"),
    "unreadable": ("{chain}第 {a} 条之后有编号无法识别的条目。",) * 2,
    "split": ("{chain}被分成几段，次序不对。",) * 2,
    "head_differs": (_DIFFERS, "{chain}第 {a} 至 {b} 条与第 {n} 号封签不符：内容被改写、增减或顶替。"),
    # of seals
    "seal_missing": ("缺第 {a} 号封签。", "缺第 {a} 至 {b} 号封签。"),
    "seal_order": ("第 {n} 号封签重复或排错了位置。",) * 2,
    "seal_unreadable": ("第 {n} 号封签的内容无法识别。",) * 2,
    "seal_link": ("第 {n} 号封签与前一号封签不相接：前一号被改动或替换。",) * 2,
    "seal_signature": ("第 {n} 号封签的签名不对：封签被改动。",) * 2,
    "seal_key": ("第 {n} 号封签换了签名公钥，新公钥未经确认。",) * 2,
    "seal_heads": ("第 {n} 号封签所附的各链末条与封签不符：末条清单被改动。",) * 2,
    "seal_count": ("第 {n} 号封签的事件总数与各链末条不符。",) * 2,
    "head_back": ("第 {n} 号封签中{chain}的条数没有比前一次增加。",) * 2,
    "anchor_differs": ("第 {n} 号封签与外存凭证不同：封签及其之前的日志可能已被整体改写。",) * 2,
    "anchor_missing": ("外存凭证中的第 {n} 号封签不在日志里：封签及其覆盖的日志可能已被删去。",) * 2,
    # notes: worth a question, no proof of a change
    "backdated": (
        "{chain}第 {a} 条写入时已有第 {n} 号封签，所记时间却早于该封签：可能是补记，或当时时钟不准。",
        "{chain}第 {a} 至 {b} 条写入时已有第 {n} 号封签，所记时间却早于该封签：可能是补记，或当时时钟不准。",
    ),
}


def add(findings: list[Finding], finding: Finding) -> None:
    """Append a finding, or lengthen the last one when it is the same kind and goes on where that ended."""
    if findings:
        last = findings[-1]
        if (last.kind, last.chain, last.seal, last.last + 1) == (
            finding.kind, finding.chain, finding.seal, finding.first,
        ):  # fmt: skip
            findings[-1] = replace(last, last=finding.last)
            return
    findings.append(finding)
