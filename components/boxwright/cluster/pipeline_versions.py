"""Pipelines and their versions on the server. Uploading the same content again gives the same version."""

import hashlib
from pathlib import Path

from boxwright import __version__
from boxwright.cluster import compiled
from boxwright.cluster.kfp_types import Pipeline, PipelineVersion
from boxwright.cluster.server import Server, pages


def version_name(file: Path) -> str:
    """Boxwright's version and the first 12 hex digits of the SHA-256 over the compiled graph."""
    return f"{__version__}-{hashlib.sha256(file.read_bytes()).hexdigest()[:12]}"


def upload(server: Server, file: Path) -> PipelineVersion:
    """The version with exactly this content of the pipeline with the graph's name. Creates both if they do not exist."""
    name = compiled.name(file)
    pipeline = server.create(lambda: find(server, name), lambda: _new_pipeline(server, name))
    wanted = version_name(file)

    def look() -> PipelineVersion | None:
        listed = pages(server.client.list_pipeline_versions, "pipeline_versions", pipeline_id=pipeline.pipeline_id)
        return next((version for version in listed if version.display_name == wanted), None)

    def make() -> None:
        server.client.upload_pipeline_version(str(file), wanted, pipeline_id=pipeline.pipeline_id)

    return server.create(look, make)


def find(server: Server, name: str) -> Pipeline | None:
    """The pipeline with this name, or None."""
    listed = pages(server.client.list_pipelines, "pipelines", namespace=server.namespace)
    return next((pipeline for pipeline in listed if pipeline.display_name == name), None)


def _new_pipeline(server: Server, name: str) -> None:
    """Creates a pipeline without versions. kfp.Client can only create one with a version, which would get the pipeline's name."""
    import kfp_server_api

    body = kfp_server_api.V2beta1Pipeline(display_name=name, name=name, namespace=server.namespace)
    kfp_server_api.PipelineServiceApi(server.api).pipeline_service_create_pipeline(body)


def link(server: Server, version: PipelineVersion) -> str:
    """The page of a version in the KFP UI."""
    return f"{server.url}/#/pipelines/details/{version.pipeline_id}/version/{version.pipeline_version_id}"
