"""Where the data that comes with the program lies: form definitions and templates.

Owns the one rule for finding it: beside the code in a checkout, inside the package in an installed wheel.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from generator.errors import FormNotFound, TemplateNotFound

DataName = Literal["schemas", "templates"]


def data_dir(name: DataName) -> Path:
    """The folder of the shipped ``schemas`` or ``templates``.

    Raises FormNotFound or TemplateNotFound when the installation lacks the folder.
    """
    package = Path(__file__).resolve().parent
    # The packaged folder exists only in a wheel; a checkout's sibling of an installed package would be
    # some unrelated folder of site-packages, so the packaged one goes first.
    for candidate in (package / "_data" / name, package.parent / name):
        if candidate.is_dir():
            return candidate
    missing = FormNotFound if name == "schemas" else TemplateNotFound
    raise missing(f"找不到程序自带的 {name} 文件夹。", hint="安装不完整，请重新安装康档。")
