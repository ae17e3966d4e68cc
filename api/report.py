"""What became of documents that were given."""

from __future__ import annotations

from dataclasses import dataclass, field

from index.errors import InputError, JujubeError
from index.readers.records import Failure


@dataclass(slots=True)
class AddReport:
    """What became of the documents that were given."""

    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    passages: int = 0
    revision: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def indexed(self) -> int:
        """How many of them are in the collection now."""
        return self.added + self.replaced + self.unchanged


def unless_alone(given: int, report: AddReport) -> AddReport:
    """The report, or the error itself where all that was given is one thing that cannot be indexed."""
    if given == 1 and not report.indexed and report.failures:
        raise _error(report.failures[0])
    return report


def _error(failure: Failure) -> JujubeError:
    """A failure as the error it was made of."""
    kinds: list[type[JujubeError]] = [InputError]
    for kind in kinds:  # grows while it is walked
        if kind.code == failure.code:
            return kind(failure.reason)
        kinds += kind.__subclasses__()
    return InputError(failure.reason)
