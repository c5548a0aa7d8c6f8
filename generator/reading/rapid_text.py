"""The engine we use: RapidOCR with the PP-OCR models that lie inside its package, on onnxruntime.

Owns everything that knows RapidOCR.  It is an extra (``ocr``); nothing is fetched: the models are named by
their files, so the package's own way of downloading missing ones is never taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import TextEngineMissing

if TYPE_CHECKING:
    from generator.reading.page_image import Grey
    from generator.reading.words import Corners, TextEngine

_FIND_SIDE = 960
"""Dots of the longer side while lines are sought: finds what full size finds in a quarter of the time."""


def available() -> bool:
    """Whether the extra is installed; loads nothing."""
    from importlib.util import find_spec

    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


@lru_cache(maxsize=1)
def open_engine() -> TextEngine:
    """The engine of this process, loaded once.  Raises TextEngineMissing."""
    if not available():
        raise TextEngineMissing("没有安装文字识别组件：不能按文字提示该页属于谁。")
    import onnxruntime
    import rapidocr

    # Windows builds report to their maker unless told not to.
    onnxruntime.disable_telemetry_events()
    models = Path(rapidocr.__file__).parent / "models"
    return _Rapid(
        {
            "Det.model_path": _model(models, "det"),
            "Cls.model_path": _model(models, "cls"),
            "Rec.model_path": _model(models, "rec"),
            "Det.limit_type": "max",
            "Det.limit_side_len": _FIND_SIDE,
            "Global.log_level": "critical",
            "Global.text_score": 0.0,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _model(folder: Path, task: str) -> str:
    found = sorted(folder.glob(f"*_{task}_*.onnx"))
    if len(found) != 1:
        raise TextEngineMissing("文字识别组件不完整：缺少随附的识别模型。")
    return str(found[0])


class _Rapid:
    """RapidOCR as a TextEngine."""

    def __init__(self, params: dict[str, Any]) -> None:
        from importlib.metadata import version

        from rapidocr import RapidOCR

        # What it answers depends on what it is asked: its types say only that it is one of four.
        self._engine: Any = RapidOCR(params=params)
        self.name = f"RapidOCR {version('rapidocr')}"

    def find(self, picture: Grey) -> Sequence[Corners]:
        found = self._engine(_colour(picture), use_det=True, use_cls=False, use_rec=False)
        if getattr(found, "boxes", None) is None:
            return ()
        return [((a, b), (c, d), (e, f), (g, h)) for (a, b), (c, d), (e, f), (g, h) in found.boxes.tolist()]

    def upside_down(self, line: Grey) -> bool:
        found = self._engine(_colour(line), use_det=False, use_cls=True, use_rec=False)
        return any(label == "180" for label, _ in found.cls_res or ())

    def read(self, line: Grey) -> tuple[str, float]:
        found = self._engine(_colour(line), use_det=False, use_cls=False, use_rec=True)
        if not getattr(found, "txts", None):
            return "", 0.0
        return str(found.txts[0]), round(float(found.scores[0]), 3)


def _colour(grey: Grey) -> Any:
    import numpy as np

    return np.repeat(grey[:, :, None], 3, axis=2)
