"""What is wrong with a collection's file, in words that say what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from index.errors import JujubeError, StorageFull, StoreBusy, StoreDamaged, StoreError


def find_problems(db: Any) -> list[str]:
    """What SQLite and the full-text index find wrong with the file."""
    found = [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
    found += [f"a row of {row[0]} points nowhere" for row in db.execute("PRAGMA foreign_key_check")]
    unindexed = "SELECT count(*) FROM passages WHERE id NOT IN (SELECT rowid FROM words)"
    if count := db.execute(unindexed).fetchone()[0]:
        found.append(f"{count} passages are missing from the full-text index")
    left_over = "SELECT count(*) FROM words WHERE rowid NOT IN (SELECT id FROM passages)"
    if count := db.execute(left_over).fetchone()[0]:
        found.append(f"the full-text index still holds {count} passages that were removed")
    return found


def explained(error: Exception, path: Path) -> JujubeError:
    """What went wrong, in words that say what to do."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return StoreBusy(f"another process is writing to {path}: try again when it is done")
    if "full" in text or "disk I/O" in text:
        return StorageFull(f"no room left on the disk of {path}: free some space and run the command again")
    if "readonly" in text or "unable to open" in text:
        return StorageFull(
            f"cannot write to {path}: check that you own the file and its folder, or use --home"
        )
    if "malformed" in text or "not a database" in text or "encrypted" in text:
        return StoreDamaged(f"{path} is damaged ({text}): restore a backup, or remove it and index again")
    return StoreError(f"{path}: {text}")
