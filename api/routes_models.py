"""The routes of the model versions."""

from __future__ import annotations

from fastapi import FastAPI

from api import schemas_models
from api.service import Service
from finetune.registry import Registry


def add_models(app: FastAPI, service: Service) -> None:
    """Add them to the application."""
    registry = Registry(service.settings.models_path)

    @app.get("/v1/models/versions", tags=["models"])
    def versions() -> schemas_models.VersionsOut:
        """Versions that were trained or imported here, which of them answers, and what answered before."""
        return schemas_models.versions_out(registry)

    @app.get("/v1/models/versions/{name}", tags=["models"])
    def version(name: str) -> schemas_models.VersionOut:
        """One version with its card: base, parent, recipe, data, scores, stop tokens, licences."""
        return schemas_models.version_out(registry.show(name))

    @app.post("/v1/models/versions/{name}/activate", tags=["models"])
    def activate(name: str) -> schemas_models.VersionOut:
        """Answer with it from now on, once its files are what its card says.

        Questions that are under way keep the version that they began with.
        """
        return schemas_models.version_out(registry.activate(name))

    @app.post("/v1/models/roll-back", tags=["models"])
    def roll_back() -> schemas_models.RolledBack:
        """Answer again with what answered before the last change: a version, or the base model."""
        return schemas_models.roll_back(registry)
