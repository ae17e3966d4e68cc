"""Models as the settings name them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from api.settings import ACTIVE, Settings
from api.slots import Slots
from finetune.registry import Registry
from index.embed import DEFAULT, Embedder, load_embedder
from index.errors import StorageFull
from index.store import Store
from rag.generator import EMBEDDED, Generator, load_counter, load_generator
from rag.runtime import choose
from rag.span_reader import E5SpanReader, SpanReader, likely_backend

_SHIPPED = Path(__file__).resolve().parent.parent / "rag" / "adapters"
ADAPTER = _SHIPPED / "reader-smollm2-135m-lora"
SPAN_READER = _SHIPPED / "span-reader-e5-small"

Say = Callable[[str], None]


def load_generator_of(settings: Settings, say: Say, folder: Path | None = None) -> Generator:
    """The generator that is set, or the one in a version's folder."""
    _set_threads(settings)
    with _making_models(settings, say) as cache:
        return load_generator(
            folder or settings.generator,
            cache=cache,
            adapter=ADAPTER,
            runtime=settings.runtime,
            threads=settings.threads,
        )


def load_span_reader_of(settings: Settings) -> SpanReader | None:
    """The one that ships; None where it is switched off."""
    _set_threads(settings)
    return E5SpanReader(SPAN_READER) if settings.span_reader else None


def span_reader_in_use(settings: Settings, loaded: Sequence[SpanReader | None]) -> str | None:
    """Its name and what computes it, "embedded, packed-bf16"; None where it is switched off."""
    if not settings.span_reader:
        return None
    backend = next((one.backend for one in loaded if one), None) or likely_backend()
    return f"{settings.span_reader}, {backend}"


def slots_of(settings: Settings) -> Slots:
    """Those that are set; else one, but where the threads can be shared among questions."""
    import torch  # a second that listing, counting and removing do without

    shared = choose(settings.runtime) == "packed"
    slots = settings.slots or (None if shared else 1)
    return Slots(slots, settings.queue, settings.threads or torch.get_num_threads())


def load_counter_of(settings: Settings, say: Say) -> Callable[[str], int]:
    """Tokens of a text for the generator, which itself is not needed for indexing."""
    name: str | Path = settings.generator
    if name == ACTIVE:
        version = Registry(settings.models_path).active()
        name = version.folder if version else EMBEDDED
    with _making_models(settings, say) as cache:
        return load_counter(name, cache=cache, adapter=ADAPTER)


@contextmanager
def _making_models(settings: Settings, say: Say) -> Iterator[Path]:
    """Where models are kept that are made from others, and what to say of it."""
    cache = settings.models_path
    if settings.generator == EMBEDDED and not cache.exists():
        say("making the embedded model from its package, once: about 15 s")
    try:
        yield cache
    except OSError as error:
        raise StorageFull(
            f"cannot write the model to {cache}: {error.strerror}. Free some space, or use --home"
        ) from error


def load_embedder_of(settings: Settings, store: Store) -> Embedder:
    """The one that is set; else the collection's own; else the default."""
    recorded = store.embedder
    name = settings.embedder
    if name == "auto":
        name = recorded.name if recorded else DEFAULT
    _set_threads(settings)
    return load_embedder(name)


def _set_threads(settings: Settings) -> None:
    if settings.threads:
        import torch  # a second that listing, counting and removing do without

        torch.set_num_threads(settings.threads)
