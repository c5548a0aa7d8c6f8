"""Which passwords are refused, and with which sentence.  All of them are invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives.errors import InputRefused, PasswordRefused
from archives.keys.password import PasswordOwner, check_password, normal_login, password_bytes, spelled

OWNER = PasswordOwner("liuyang", "青松社区康复服务站（样例）")


@pytest.mark.parametrize(
    "good",
    [
        "窗外的雨下了三天三夜",
        "竹林铁轨棉花糖车",
        "correct horse battery staple",
        "Xk7#mQ2!vR9p",
        "yuzhou feichuan luobo",
        "灯塔 雨伞 三文鱼 2 只",
        "wo zai 1998 nian kan guo xue",
    ],
)
def test_good_passwords_pass(good: str) -> None:
    check_password(good, OWNER)


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        ("", "密码太短：至少 10 个字符，或 8 个汉字。"),
        ("Xk7#mQ2!v", "密码太短：至少 10 个字符，或 8 个汉字。"),
        ("一二三四五六七", "密码太短：至少 10 个字符，或 8 个汉字。"),
        ("a b c d e f g", "密码太短：至少 10 个字符，或 8 个汉字。"),
        ("x" * 129, "密码太长，最多 128 个字符。"),
        ("good enough\nlines", "密码中有看不见的控制字符。"),
        ("8264917305", "密码不能只有数字和符号。"),
        ("1990-01-01-5566", "密码不能只有数字和符号。"),
        ("１３８００１３８０００", "密码不能只有数字和符号。"),
        ("liuyang-violin-77", "密码中有用户名。"),
        ("LiuYang-violin-77", "密码中有用户名。"),
        ("ＬＩＵＹＡＮＧ-violin-77", "密码中有用户名。"),
        ("gnayuil-violin-77", "密码中有用户名。"),
        ("青松社区康复服务站（样例）加油", "密码中有本站的名称。"),
        ("青松社区康复服务站", "密码中有本站的名称。"),
        ("wanghong19900615", "密码的主要部分是日期、电话或证件号码，容易被猜到。"),
        ("wanghong1990年6月15日", "密码的主要部分是日期、电话或证件号码，容易被猜到。"),
        ("hong13800138000", "密码的主要部分是日期、电话或证件号码，容易被猜到。"),
        ("id110105199001011234", "密码的主要部分是日期、电话或证件号码，容易被猜到。"),
        ("hahahahahahaha", "密码中重复的字符太多。"),
        ("vkmrpvkmrpvkmrp", "密码中重复的字符太多。"),
        ("xkxkmxxkmmxk", "密码中重复的字符太多。"),
        ("abwh412622200501015678", "密码的主要部分是日期、电话或证件号码，容易被猜到。"),
        ("abcdefghijkl", "密码是键盘或字母表上连续的字符，容易被猜到。"),
        ("qwertyuiop12", "密码是键盘或字母表上连续的字符，容易被猜到。"),
        ("poiuytrewq", "密码是键盘或字母表上连续的字符，容易被猜到。"),
        ("1qaz2wsx3edc", "密码是键盘或字母表上连续的字符，容易被猜到。"),
        ("password2026", "密码是常见的密码，或只在常见词前后加了数字和符号。"),
        ("P@ssw0rd!!!!", "密码是常见的密码，或只在常见词前后加了数字和符号。"),
        ("!!!P@ssw0rd!!!", "密码是常见的密码，或只在常见词前后加了数字和符号。"),
        ("woaini1314520", "密码是常见的密码，或只在常见词前后加了数字和符号。"),
        ("Kangdang@2026", "密码是常见的密码，或只在常见词前后加了数字和符号。"),
        ("床前明月光疑是地上霜", "密码是常见的密码，或只在常见词前后加了数字和符号。"),
    ],
)
def test_bad_passwords_are_refused_with_a_reason(bad: str, sentence: str) -> None:
    with pytest.raises(PasswordRefused) as caught:
        check_password(bad, OWNER)
    assert caught.value.message == sentence
    assert caught.value.hint.endswith("。")


@given(st.text(min_size=6, max_size=140))
def test_no_refusal_repeats_the_password(password: str) -> None:
    told = refusal(password)
    assert told is None or (password not in str(told) and told.__cause__ is None)


def refusal(password: str) -> PasswordRefused | None:
    try:
        check_password(password, OWNER)
    except PasswordRefused as told:
        return told
    return None


def test_a_short_login_or_no_station_name_refuses_nothing() -> None:
    check_password("violin-of-bark-77", PasswordOwner("of"))


@pytest.mark.parametrize("typed", ["Zhou", "zhou", "ＺＨＯＵ", " zhou ", "zHOu"])
def test_a_login_has_one_spelling(typed: str) -> None:
    assert normal_login(typed) == "zhou"


@given(st.text(max_size=20))
def test_the_spelling_of_a_login_is_stable(text: str) -> None:
    assert spelled(spelled(text)) == spelled(text)


@pytest.mark.parametrize("typed", ["", "   ", "a b", "x" * 33, "../etc", "a'; --", "a\x00b", "zhou\u202e"])
def test_other_logins_are_refused(typed: str) -> None:
    with pytest.raises(InputRefused):
        normal_login(typed)


def test_logins_may_be_chinese() -> None:
    assert normal_login("周.样例") == "周.样例"


def test_composed_and_decomposed_passwords_are_one_but_capitals_are_not() -> None:
    assert password_bytes("caf\u00e9\u3000bar") == password_bytes("cafe\u0301 bar")
    assert password_bytes("Bar") != password_bytes("bar")
    assert password_bytes("ｂａｒ") != password_bytes("bar")
