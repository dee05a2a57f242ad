"""A provider of the test's own on loopback, over real HTTP: its keys change, it breaks off, and it counts who asks."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, RSAKey


def new_key(kid: str, kind: str = "ES256") -> Key:
    known = {"kid": kid, "alg": kind, "use": "sig"}
    return ECKey.generate_key("P-256", known) if kind == "ES256" else RSAKey.generate_key(2048, known)


@dataclass(slots=True)
class Running:
    """The provider while it runs. `asked` are the paths that were asked for; `said` replaces an answer."""

    issuer: str
    keys: list[Key]
    asked: list[str] = field(default_factory=list)
    said: dict[str, bytes] = field(default_factory=dict)
    down: bool = False

    def answer(self, path: str) -> bytes:
        metadata = {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/jwks",
            "token_endpoint": f"{self.issuer}/token",
            "authorization_endpoint": f"{self.issuer}/authorize",
        }
        found = (
            metadata
            if path.endswith("openid-configuration")
            else {"keys": [one.as_dict(private=False) for one in self.keys]}
        )
        return self.said.get(path.rpartition("/")[2], json.dumps(found).encode())

    def token(
        self, at: datetime, *, key: Key | None = None, header: dict[str, Any] | None = None, **claims: Any
    ) -> str:
        """A token for the audience `assay`; a claim of None is left out."""
        key, now = key or self.keys[0], int(at.timestamp())
        usual = {"iss": self.issuer, "sub": "somebody", "aud": "assay", "iat": now, "exp": now + 300, "jti": "a token"}
        said = {name: value for name, value in (usual | claims).items() if value is not None}
        told = {"alg": str(key.alg), "kid": str(key.kid)} | (header or {})
        return jwt.encode(told, said, key, algorithms=[str(key.alg)])


@contextmanager
def running(*keys: Key) -> Iterator[Running]:
    """A provider with these keys."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            body = provider.answer(self.path)
            self.send_response(500 if provider.down else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Running(f"http://127.0.0.1:{server.server_port}", list(keys))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
