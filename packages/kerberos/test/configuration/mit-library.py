"""Reports how MIT Kerberos' own library reads configuration files and names. Input and output: one JSON object per line."""

import ctypes
import json
import os
import sys

library = ctypes.CDLL("libkrb5.so.3")
library.profile_get_values.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
library.profile_release.argtypes = [ctypes.c_void_p]
library.krb5_free_context.argtypes = [ctypes.c_void_p]
library.krb5_get_permitted_enctypes.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
library.krb5_get_host_realm.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
library.krb5_parse_name.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
library.krb5_unparse_name.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
library.krb5_free_unparsed_name.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
library.krb5_free_principal.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
# Exported, though not part of the public interface: parses the values of "kdc".
library.k5_locate_kdc.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int]


class Data(ctypes.Structure):
    _fields_ = [("magic", ctypes.c_int32), ("length", ctypes.c_uint), ("data", ctypes.c_void_p)]

    def octets(self):
        return ctypes.string_at(self.data, self.length) if self.length else b""


class Principal(ctypes.Structure):
    _fields_ = [
        ("magic", ctypes.c_int32),
        ("realm", Data),
        ("parts", ctypes.POINTER(Data)),
        ("length", ctypes.c_int32),
        ("type", ctypes.c_int32),
    ]


class Server(ctypes.Structure):
    _fields_ = [
        ("hostname", ctypes.c_char_p),
        ("port", ctypes.c_int),
        ("transport", ctypes.c_int),
        ("uri_path", ctypes.c_char_p),
        ("family", ctypes.c_int),
        ("primary", ctypes.c_int),
        ("address_length", ctypes.c_size_t),
        ("address", ctypes.c_char * 128),
    ]


class Servers(ctypes.Structure):
    _fields_ = [("servers", ctypes.POINTER(Server)), ("count", ctypes.c_size_t)]


HTTPS = 3


class NoConfiguration(Exception):
    pass


def check(code):
    if code:
        raise NoConfiguration(code)


def values(paths, names):
    profile = ctypes.c_void_p()
    check(library.profile_init_path(":".join(paths).encode(), ctypes.byref(profile)))
    path = (ctypes.c_char_p * (len(names) + 1))(*[name.encode() for name in names], None)
    found = ctypes.POINTER(ctypes.c_char_p)()
    code = library.profile_get_values(profile, path, ctypes.byref(found))
    answer = []
    while code == 0 and found[len(answer)] is not None:
        answer.append(found[len(answer)].decode())
    library.profile_release(profile)
    return answer


def context(paths):
    os.environ["KRB5_CONFIG"] = ":".join(paths)
    made = ctypes.c_void_p()
    check(library.krb5_init_context(ctypes.byref(made)))
    return made


def encryption_types(paths):
    made = context(paths)
    types = ctypes.POINTER(ctypes.c_int32)()
    code = library.krb5_get_permitted_enctypes(made, ctypes.byref(types))
    answer = []
    while code == 0 and types[len(answer)]:
        answer.append(types[len(answer)])
    library.krb5_free_context(made)
    return answer


def realm_of_host(paths, host):
    made = context(paths)
    realms = ctypes.POINTER(ctypes.c_char_p)()
    check(library.krb5_get_host_realm(made, host.encode(), ctypes.byref(realms)))
    answer = realms[0].decode()
    library.krb5_free_context(made)
    return answer


def servers(paths, realm):
    made = context(paths)
    name = realm.encode()
    data = Data(0, len(name), ctypes.cast(name, ctypes.c_void_p))
    found = Servers()
    check(library.k5_locate_kdc(made, ctypes.byref(data), ctypes.byref(found), 0, 0))
    answer = []
    for server in found.servers[: found.count]:
        host = server.hostname.decode()
        answer.append({"host": host, "port": server.port, "proxy": server.transport == HTTPS})
    library.krb5_free_context(made)
    return answer


def principal(paths, text):
    made = context(paths)
    parsed = ctypes.POINTER(Principal)()
    check(library.krb5_parse_name(made, text.encode(), ctypes.byref(parsed)))
    written = ctypes.c_void_p()
    check(library.krb5_unparse_name(made, parsed, ctypes.byref(written)))
    names = [parsed[0].parts[index].octets() for index in range(parsed[0].length)]
    answer = {
        "realm": parsed[0].realm.octets().hex(),
        "parts": [name.hex() for name in names],
        "written": ctypes.string_at(written).hex(),
    }
    library.krb5_free_unparsed_name(made, written)
    library.krb5_free_principal(made, parsed)
    library.krb5_free_context(made)
    return answer


def answer(question):
    paths = question["paths"]
    try:
        if "serversOf" in question:
            return servers(paths, question["serversOf"])
        if "principal" in question:
            return principal(paths, question["principal"])
        return {
            "values": [values(paths, names) for names in question.get("values", [])],
            "encryptionTypes": encryption_types(paths),
            "realms": [realm_of_host(paths, host) for host in question.get("hosts", [])],
        }
    except NoConfiguration:
        return None


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
