from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import BrokenModel
from rag.calibration import Calibration
from rag.card import read_card, write_card
from rag.causal import CausalGenerator
from rag.generator import load_generator
from rag.ground import GroundOptions


def test_a_card_brings_its_own() -> None:
    assert Calibration.of({}) == Calibration()
    own = Calibration.of({"calibration": {"bias": 1, "slope": 2.5, "threshold": 0.4}})
    assert own == Calibration(1.0, 2.5, 0.4)
    assert own.confidence(-0.4) == 0.5


@pytest.mark.parametrize(
    "given",
    [7, "high", [], {"bias": "x"}, {"bias": 1, "steepness": 2}, {"bias": float("nan")}, {"threshold": 1.2}],
)
def test_numbers_that_cannot_be_used_are_refused(given: object) -> None:
    with pytest.raises(BrokenModel, match="calibration"):
        Calibration.of({"calibration": given})


@pytest.mark.parametrize("runtime", ["torch", "onnx"])
def test_a_loaded_model_has_that_of_its_card(
    tmp_path: Path, generator: CausalGenerator, runtime: str
) -> None:
    generator.model.save_pretrained(tmp_path)
    generator.tokenizer.save(str(tmp_path / "tokenizer.json"))
    write_card(tmp_path, {**read_card(tmp_path), "stop_ids": list(generator.stop_ids)})
    assert load_generator(tmp_path, runtime=runtime).calibration == Calibration()
    write_card(tmp_path, {**read_card(tmp_path), "calibration": {"bias": 0.5, "slope": 1, "threshold": 0.6}})
    loaded = load_generator(tmp_path, runtime=runtime)
    assert loaded.calibration == Calibration(0.5, 1.0, 0.6)
    assert GroundOptions().least(loaded) == 0.6
    assert GroundOptions(threshold=0.0).least(loaded) == 0.0
