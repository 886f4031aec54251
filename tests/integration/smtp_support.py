"""A mail server on loopback that speaks as much of SMTP as a client needs, and keeps what it was sent."""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass(slots=True)
class MailServer:
    """Where it is, what it was sent, and how it answers DATA."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answer: str = "250 taken"


@contextmanager
def mail_server(
    answer: str = "250 taken", security: str = "none", tls: ssl.SSLContext | None = None
) -> Iterator[MailServer]:
    """A server on a free port; without `tls` it knows no STARTTLS."""
    got = MailServer(answer=answer)

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if tls is not None and security == "ssl":
                self._encrypt(tls)
            self._say("220 here")
            while line := self.rfile.readline().decode().strip():
                word = line.split()[0].upper()
                if word == "EHLO" and tls is not None and security == "starttls":
                    self.wfile.write(b"250-here\r\n250 STARTTLS\r\n")
                elif word == "STARTTLS" and tls is not None:
                    self._say("220 go on")
                    self._encrypt(tls)
                elif word == "DATA":
                    self._say("354 go on")
                    got.mails.append(self._read())
                    self._say(got.answer)
                elif word == "RCPT":
                    got.recipients.append(line.partition(":")[2].split()[0].strip("<>"))
                    self._say("250 ok")
                else:
                    self._say("221 bye" if word == "QUIT" else "250 ok")

        def _encrypt(self, context: ssl.SSLContext) -> None:
            self.connection = context.wrap_socket(self.connection, server_side=True)
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

        def _read(self) -> EmailMessage:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line)
            found = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(found, EmailMessage)
            return found

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, *_: object) -> None:
            """A client that does not trust it hangs up."""

    server = Server(("127.0.0.1", 0), Handler)
    got.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield got
    finally:
        server.shutdown()
        server.server_close()
