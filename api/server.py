"""Listening: one uvicorn process over one Service."""

from __future__ import annotations

import socket
import threading
from types import FrameType

import uvicorn

from api import console
from api.app import create_app
from api.service import Service
from index.errors import PortTaken


def run(service: Service) -> None:
    """Serve until interrupted.

    Raises:
        PortTaken: the address is in use or not ours; known before a model is loaded.
        JujubeError: what loading the models raised; the server has stopped then.
    """
    settings = service.settings
    listener = bind(settings.host, settings.port)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    console.say(f"loading the models, then answering on http://{host}:{settings.port} (docs at /docs)")
    failures: list[BaseException] = []

    def stop(error: BaseException) -> None:
        failures.append(error)
        server.should_exit = True

    config = uvicorn.Config(
        create_app(service, on_failure=stop), log_level="warning", timeout_graceful_shutdown=30
    )
    server = _Server(config)
    server.closing = service.jobs.closing
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        console.say("stopped")
    for error in failures:
        raise error


class _Server(uvicorn.Server):
    """Tells those who follow a job that it is going to stop: it would wait for them."""

    closing: threading.Event

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.closing.set()
        super().handle_exit(sig, frame)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket on (host, port). Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends at once only where the protocol is named; else a kept connection's answer waits 40 ms for
    # the client to acknowledge its headers (Nagle's algorithm against delayed acknowledgements).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what it accepts has it from here
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"cannot listen on {host}:{port}: {error.strerror}. Name another with --port"
        ) from error
    return listener
