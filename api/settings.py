"""What an operator sets: environment variables that begin with JUJUBE_, or command-line options over them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.generator import EMBEDDED
from rag.runtime import cores

ACTIVE = "active"
"""The generator that is whichever version is active."""


class Settings(BaseSettings):
    """Frozen once read."""

    model_config = SettingsConfigDict(env_prefix="JUJUBE_", frozen=True, extra="ignore")

    home: Path = Field(default_factory=lambda: Path.home() / ".jujube")
    """Folder in which everything lives: collections and models."""
    collection: str = Field(default="default", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    """Name of the collection: letters, digits, dot, dash, underscore."""
    generator: str = "embedded"
    """ "embedded" (the active version, where there is one), "active" (a version, always),
    "openai-community/gpt2-medium", any Hugging Face causal LM, or a folder."""
    runtime: Literal["auto", "packed", "torch", "onnx", "onnx-int8"] = "auto"
    """What computes the generator; "auto": what is quickest on this machine."""
    embedder: str = "auto"
    """ "auto" (the collection's own; "e5-minilm" for a new one), "e5-minilm", "e5-small", "minilm", "use",
    "embedded" (MiniLM and USE), a hub id, or a folder."""
    reranker: str = ""
    """A cross-encoder that looks at the best passages again: a hub id or a folder; empty: none."""
    span_reader: Literal["embedded", ""] = "embedded"
    """A small encoder that gives a second opinion on each answer; empty: none."""
    extractor: str = "embedded"
    """ "embedded" (spaCy and LAC) or "patterns"."""
    host: str = "127.0.0.1"
    hosts: str = ""
    """Names, separated by commas, under which a server on 127.0.0.1 answers too, such as a proxy's."""
    port: int = Field(default=8321, ge=1, le=65535)
    passages: int = Field(default=3, ge=1, le=20)
    """Passages that the generator reads for an answer."""
    titles: bool = True
    """Whether it reads each under its document's title and its headings."""
    threshold: float | None = Field(default=None, ge=0, le=1)
    """Confidence from which an answer is given; unset: the value calibrated for the embedded reader."""
    threads: int | None = Field(default=None, ge=1)
    """Threads for the models; unset: one a core."""
    slots: int | None = Field(default=None, ge=1)
    """Questions that compute at the same time, with equal parts of the threads; unset: one with all threads,
    or as many as wait, where the runtime is "packed"; else 1."""
    queue: int = Field(default=64, ge=0)
    """Questions that may wait for a slot; one more is answered 503."""
    max_file_mb: int = Field(default=100, ge=1)
    """Largest file that is indexed, in MiB."""
    max_upload_mb: int = Field(default=200, ge=1)
    """Largest HTTP request body, in MiB."""
    jobs: int = Field(default=1, ge=1)
    """Trainings that run at the same time; the others wait."""
    job_threads: int | None = Field(default=None, ge=1)
    """Threads of a training; unset: half of the cores, so that questions go on."""

    @field_validator("home")
    @classmethod
    def _expanded(cls, home: Path) -> Path:
        return home.expanduser()

    @property
    def workers(self) -> int:
        """Processes that look for names while much is indexed: one a core, four at most."""
        return min(self.threads or os.cpu_count() or 1, 4)

    @property
    def training_threads(self) -> int:
        return self.job_threads or max(1, cores() // 2)

    @property
    def follows(self) -> bool:
        """Whether questions are answered by the version that is active, and by the next one after it."""
        return self.generator in (EMBEDDED, ACTIVE)

    @property
    def jobs_path(self) -> Path:
        return self.home / "jobs"

    @property
    def files_path(self) -> Path:
        return self.home / "files"

    @property
    def store_path(self) -> Path:
        return self.home / "collections" / f"{self.collection}.db"

    @property
    def models_path(self) -> Path:
        return self.home / "models"
