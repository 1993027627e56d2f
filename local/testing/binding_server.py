"""A TDS server that does nothing but the login, of another make throughout: Python's TLS, and MIT Kerberos through
python3-gssapi. As SQL Server with Extended Protection "Required", it refuses a login that is not bound to its TLS channel.

Takes one JSON argument: {"address", "certificate", "key": files, "strict": bool, "demand": bool, "tls13": bool}.
Prints {"port": n}, then a line for each login: {"client", "bound", "error"}.
"""

import json
import socket
import ssl
import struct
import sys
import threading

import gssapi.raw

# gssapi_ext.h: the initiator sent channel bindings, and they are ours.
CHANNEL_BOUND = 2048
PRELOGIN, RESPONSE, LOGIN7 = 0x12, 0x04, 0x10

settings = json.loads(sys.argv[1])


def say(line):
    print(json.dumps(line), flush=True)


def tls_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(settings["certificate"], settings["key"])
    if not settings["tls13"]:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["tds/8.0"])
    return context


class Plain:
    """Octets of a socket, or of a TLS socket around TDS."""

    def __init__(self, connection):
        self.connection = connection

    def read(self, count):
        found = b""
        while len(found) < count:
            more = self.connection.recv(count - len(found))
            if not more:
                raise EOFError
            found += more
        return found

    def write(self, octets):
        self.connection.sendall(octets)


class Within:
    """TLS within TDS: the handshake in PRELOGIN messages, then records on the connection itself."""

    def __init__(self, plain):
        self.plain = plain
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = tls_context().wrap_bio(self.incoming, self.outgoing, server_side=True)
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                if self.outgoing.pending:
                    send(self.plain, PRELOGIN, self.outgoing.read())
                self.incoming.write(receive(self.plain)[1])
        send(self.plain, PRELOGIN, self.outgoing.read())

    def read(self, count):
        found = b""
        while len(found) < count:
            try:
                found += self.tls.read(count - len(found))
            except ssl.SSLWantReadError:
                more = self.plain.connection.recv(65536)
                if not more:
                    raise EOFError from None
                self.incoming.write(more)
        return found

    def write(self, octets):
        self.tls.write(octets)
        self.plain.write(self.outgoing.read())


def receive(stream):
    """One message, put together of its packets: type and body."""
    body = b""
    while True:
        kind, status, length = struct.unpack(">BBH4x", stream.read(8))
        body += stream.read(length - 8)
        if status & 1:
            return kind, body


def send(stream, kind, body):
    stream.write(struct.pack(">BBHHBB", kind, 1, len(body) + 8, 0, 1, 0) + body)


def text(value, width):
    return struct.pack("<" + width, len(value)) + value.encode("utf-16-le")


def token(kind, body):
    return bytes([kind]) + struct.pack("<H", len(body)) + body


def done(status):
    return b"\xfd" + struct.pack("<H", status) + bytes(10)


def accept(sspi, binding):
    """-> (answer, what to say of the login)"""
    bindings = gssapi.raw.ChannelBindings(application_data=binding) if binding else None
    try:
        result = gssapi.raw.accept_sec_context(sspi, channel_bindings=bindings)
    except gssapi.raw.GSSError as error:
        return None, {"client": None, "bound": False, "error": str(error)}
    client = gssapi.raw.display_name(result.initiator_name, name_type=False).name.decode()
    bound = bool(int(result.flags) & CHANNEL_BOUND)
    accepted = bound or not settings["demand"]
    return result.token if accepted else None, {"client": client, "bound": bound, "error": None}


def serve(connection):
    try:
        tls = tls_context().wrap_socket(connection, server_side=True) if settings["strict"] else None
        stream = Plain(tls or connection)
        receive(stream)
        encryption = 3 if settings["certificate"] and not settings["strict"] else 2
        send(stream, RESPONSE, bytes([0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF, 16, 0, 0, 0, 0, 0, encryption]))
        if encryption == 3:
            stream = Within(stream)
            tls = stream.tls
        unique = tls.get_channel_binding("tls-unique") if tls and tls.version() != "TLSv1.3" else None
        while True:
            kind, body = receive(stream)
            if kind != LOGIN7:
                send(stream, RESPONSE, done(0))
                continue
            offset, length = struct.unpack_from("<HH", body, 78)
            answer, said = accept(body[offset : offset + length], unique and b"tls-unique:" + unique)
            say(said)
            if answer:
                name = "Binding Server"
                ack = b"\x01" + b"\x74\x00\x00\x04" + text(name, "B") + bytes([16, 0, 0, 0])
                send(stream, RESPONSE, token(0xED, answer) + token(0xAD, ack) + done(0))
            else:
                message = "Login failed. The login is from an untrusted domain and cannot be used."
                fields = struct.pack("<iBB", 18452, 1, 14) + text(message, "H") + text("binding", "B") + text("", "B") + bytes(4)
                send(stream, RESPONSE, token(0xAA, fields) + done(2))
    except (EOFError, OSError):
        pass
    finally:
        connection.close()


listener = socket.create_server((settings["address"], 0))
say({"port": listener.getsockname()[1]})
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
