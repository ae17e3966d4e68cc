"""The listening socket."""

from __future__ import annotations

import socket

from api.server import bind


def test_an_answer_is_sent_at_once() -> None:
    """Headers and body are two writes: without it the second waits 40 ms for the first's acknowledgement."""
    with bind("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP  # what asyncio looks at
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
