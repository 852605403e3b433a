# environment: data
"""A server of files on the loopback interface, with or without TLS. Its certificate is made for the test and signs itself."""

import contextlib
import datetime
import http.server
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

Handler = http.server.BaseHTTPRequestHandler


class Files:
    """routes: path without query -> answers a GET. asked: (path with query, headers) of each GET, in order."""

    def __init__(self, port: int, scheme: str):
        self.address = f"{scheme}://localhost:{port}"
        self.routes: dict[str, Callable[[Handler], None]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def add(self, path: str, body: bytes, status: int = 200, **headers: str) -> str:
        """Serves a body, with these headers (`_` for `-`). Returns its address."""

        def send(request: Handler) -> None:
            request.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                request.send_header(name.replace("_", "-"), value)
            request.end_headers()
            if request.command == "GET":
                with contextlib.suppress(OSError):  # the client has seen enough
                    request.wfile.write(body)

        self.routes[path] = send
        return self.address + path


@contextlib.contextmanager
def serving(certificate: Path | None = None) -> Iterator[Files]:
    """certificate: a PEM file with key and certificate, for https."""

    class Answer(Handler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if self.command == "GET":
                files.asked.append((self.path, dict(self.headers)))
            route = files.routes.get(path)
            if route:
                return route(self)
            self.send_error(404)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # a client that distrusts the certificate

    with Server(("127.0.0.1", 0), Answer) as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        files = Files(server.server_port, "https" if certificate else "http")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield files
        finally:
            server.shutdown()
            thread.join()


def write_certificate(file: Path) -> Path:
    """A key and a certificate for localhost that signs itself, valid for a day, as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=1))
    made = made.add_extension(names, critical=False).add_extension(x509.BasicConstraints(True, None), critical=True)
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    text = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(text + made.sign(key, hashes.SHA256()).public_bytes(pem))
    return file
