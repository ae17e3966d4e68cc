"""What a model said to the general questions, kept for the next training that begins with it.

The same model, asked the same by the same code, says the same; on two cores it takes minutes to say it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from finetune.general import GeneralQuestion
from finetune.sealed import sum_of, sums
from rag import ground
from rag.card import CARD

_FOLDER = "exams"


def place_of(cache: Path, model: Path, runtime: str, questions: Sequence[GeneralQuestion]) -> Path:
    """The file below `cache` for these questions to this model.

    Another name follows from any other byte of the model, from another way of computing, another question,
    and other code that reads passages.
    """
    card = model / CARD
    code = sorted(Path(ground.__file__).parent.glob("*.py"))
    known = {
        "model": sums(model) | ({CARD: sum_of(card)} if card.is_file() else {}),
        "runtime": runtime,
        "questions": [asdict(question) for question in questions],
        "code": {file.name: sum_of(file) for file in code},
    }
    key = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:24]
    return cache / _FOLDER / f"{key}.jsonl"


def recall(place: Path, file: Path) -> bool:
    """Begin a file of answers with those that are known; one that is there already stays as it is.

    Returns:
        Whether all that will stand in it is new, so that it can be remembered.
    """
    if file.exists():  # from before a kill, and perhaps from before an upgrade
        return False
    if place.is_file():
        shutil.copyfile(place, file)
        return False
    return True


def remember(place: Path, file: Path, name: str) -> None:
    """Keep the answers of the set `name`, which are all there. A full disk is no reason to end a training."""
    lines = file.read_text("utf-8").splitlines(keepends=True)
    own = "".join(line for line in lines if json.loads(line)["set"] == name)
    work = place.with_name(f".making-{os.getpid()}-{place.name}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        work.write_text(own, "utf-8")
        os.replace(work, place)
    except OSError:
        with suppress(OSError):
            work.unlink()
