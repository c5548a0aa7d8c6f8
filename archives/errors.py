"""The errors of the archive: one class per thing a person can do something about.

Every error has a Chinese sentence (``message``), a cure (``hint``), a process exit code and an HTTP status,
as in ``generator.errors``.  Messages name the *place* (档号, number, field path), never a person or an
answer.

    ArchiveError
    ├── ScheduleInvalid      50
    ├── CalendarInvalid      51
    ├── LogExportInvalid     52
    ├── SealInvalid          53
    ├── ItemUnreadable       54
    ├── VaultDamaged         55
    ├── PasswordRefused      56
    ├── LoginRefused         57
    ├── LoginLocked          58
    ├── SessionEnded         59
    ├── HomeUnusable         60
    ├── StoreUnusable        61
    ├── NotFound             62
    ├── AccessDenied         63
    ├── PurposeNeeded        64
    ├── AlreadyThere         65
    ├── SimilarPersons       66
    ├── StateForbids         67
    ├── InputRefused         68
    ├── SeparationBroken     69
    ├── Held                 71
    ├── DisposalRefused      72
    ├── ListChanged          73
    ├── NotYet               74
    ├── CheckFailed          75
    ├── BackupInvalid        76
    ├── WitnessRefused       77
    ├── DateUnconfirmed      78
    ├── RowMissing           79
    └── ProgramInside        80
"""

from __future__ import annotations

from typing import ClassVar


class ArchiveError(Exception):
    """Root of everything the archive raises on purpose.

    ``message`` says what is wrong and where; ``hint`` says what to do about it.
    """

    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500
    default_hint: ClassVar[str] = "请把这段提示和所用命令发给维护人员。"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint if hint is not None else self.default_hint

    def __str__(self) -> str:
        return f"{self.message}{self.hint}"


class ScheduleInvalid(ArchiveError):
    """A retention schedule is not complete or contradicts itself."""

    exit_code = 50
    http_status = 422
    default_hint = "请改正保管期限表后重新提交。"


class CalendarInvalid(ArchiveError):
    """The station's calendar overlay cannot be read."""

    exit_code = 51
    http_status = 422
    default_hint = "请按“日期,类别,来源”逐行改正 calendar_overrides.csv。"


class LogExportInvalid(ArchiveError):
    """A file given as an exported access log is none, or is cut short."""

    exit_code = 52
    http_status = 422
    default_hint = "请重新导出日志，不要用其他软件打开后再保存。"


class SealInvalid(ArchiveError):
    """A seal or an anchor of the access log cannot be read."""

    exit_code = 53
    http_status = 422
    default_hint = "请使用当初保存的封签文件原件。"


class ItemUnreadable(ArchiveError):
    """An encrypted item cannot be opened: wrong key, changed bytes, unknown suite."""

    exit_code = 54
    default_hint = "请运行 kangdang check，并从备份中核对该件。"


class VaultDamaged(ArchiveError):
    """The file of wrapped master keys cannot be read."""

    exit_code = 55
    default_hint = "请用密钥文件夹中的上一代文件或恢复单恢复。"


class PasswordRefused(ArchiveError):
    """A new password is too weak or not allowed."""

    exit_code = 56
    http_status = 422
    default_hint = "请换一个更长的密码，例如由几个不相干的词组成。"


class LoginRefused(ArchiveError):
    """The login or the password is wrong."""

    exit_code = 57
    http_status = 401
    default_hint = "请检查用户名和密码。"


class LoginLocked(ArchiveError):
    """Too many failed logins; nobody is let in for a while."""

    exit_code = 58
    http_status = 429
    default_hint = "请到时间后再试，或请系统管理员处理。"


class SessionEnded(ArchiveError):
    """Nobody is logged in, or the session timed out."""

    exit_code = 59
    http_status = 401
    default_hint = "请重新运行 kangdang login。"


class HomeUnusable(ArchiveError):
    """The station home is missing, half made, or in a place where it must not be."""

    exit_code = 60
    default_hint = "请换一个只有本站人员能读取的文件夹。"


class StoreUnusable(ArchiveError):
    """The data cannot be read or written: locked, read-only, disk full, other key."""

    exit_code = 61
    http_status = 503
    default_hint = "请检查磁盘空间和文件夹权限后再试；仍不行时运行 kangdang doctor。"


class NotFound(ArchiveError):
    """No such person, file, record, document, list …"""

    exit_code = 62
    http_status = 404
    default_hint = "请检查编号。"


class AccessDenied(ArchiveError):
    """The role or the state of the file does not allow it."""

    exit_code = 63
    http_status = 403
    default_hint = "请由有权限的人员办理。"


class PurposeNeeded(ArchiveError):
    """Opening a file outside one's caseload asks for a purpose."""

    exit_code = 64
    http_status = 403
    default_hint = "请用 --purpose 说明利用目的。"


class AlreadyThere(ArchiveError):
    """It exists already: one person has one file, a number is used once."""

    exit_code = 65
    http_status = 409
    default_hint = "请使用已有的那一份。"


class SimilarPersons(ArchiveError):
    """Without an ID number, persons were found who may be the same."""

    exit_code = 66
    http_status = 409
    default_hint = "请先核对；确为不同的人时加 --another。"

    def __init__(self, message: str, *, candidates: tuple[int, ...] = (), hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.candidates = candidates


class StateForbids(ArchiveError):
    """The thing is in a state in which this cannot be done."""

    exit_code = 67
    http_status = 409
    default_hint = (
        "请先查看它的当前状态：档案用 kangdang file show，文书用 kangdang record list，"
        "扫描件用 kangdang scan status，清册用 kangdang disposal list。"
    )


class InputRefused(ArchiveError):
    """A value given cannot be accepted (characters, length, form)."""

    exit_code = 68
    http_status = 422
    default_hint = "请改正后重新输入。"


class SeparationBroken(ArchiveError):
    """Duties that different natural persons must do would fall to one."""

    exit_code = 69
    http_status = 409
    default_hint = "请由另一位人员办理。"


class Held(ArchiveError):
    """An open hold forbids it."""

    exit_code = 71
    http_status = 409
    default_hint = "请先由提出人解除冻结。"


class DisposalRefused(ArchiveError):
    """The list may not be disposed of: permanent or undated items, items not due."""

    exit_code = 72
    http_status = 409
    default_hint = "请从清册中去掉这些件后重新提出。"


class ListChanged(ArchiveError):
    """The list is not the one that was approved (hash differs)."""

    exit_code = 73
    http_status = 409
    default_hint = "请重新核对清册并重新审批。"


class NotYet(ArchiveError):
    """A waiting period or a date has not passed."""

    exit_code = 74
    http_status = 409
    default_hint = "请到期后再办理。"


class CheckFailed(ArchiveError):
    """The check of the archive itself could not be finished."""

    exit_code = 75
    default_hint = "检查没有完成，不能当作通过；请按提示处理后重新运行 kangdang check。"


class BackupInvalid(ArchiveError):
    """A backup is incomplete, changed, or does not belong to this station."""

    exit_code = 76
    default_hint = "请换用另一份备份，并运行 kangdang backup verify。"


class WitnessRefused(ArchiveError):
    """A witness of a destruction could not be authenticated."""

    exit_code = 77
    http_status = 401
    default_hint = "请监销人本人重新输入凭证。"


class DateUnconfirmed(ArchiveError):
    """Nobody has confirmed today's date, and this would end, destroy or begin something by it."""

    exit_code = 78
    http_status = 409
    default_hint = "请档案员或系统管理员核对今天的日期后运行 kangdang clock confirm；在此之前不销毁、不到期。"


class RowMissing(ArchiveError):
    """A row that another row names is not there: somebody deleted it, or a restore was not whole."""

    exit_code = 79
    default_hint = "请停止办理，运行 kangdang check 查明缺了什么，并从备份核对。"

    def __init__(self, what: str, *, hint: str | None = None) -> None:
        """``what``: the row as a reader knows it, with its number."""
        super().__init__(f"数据库中缺少{what}：被删除，或没有恢复完整。", hint=hint)


class ProgramInside(ArchiveError):
    """A file that is brought in holds a program, and nobody said that it is to be kept all the same."""

    exit_code = 80
    http_status = 422
    default_hint = (
        "请打印后扫描，或重新导出成普通 PDF 再归入；确须原样保存的，加 --with-programs"
        "（收件夹里的文件用 kangdang scan add）。"
    )
