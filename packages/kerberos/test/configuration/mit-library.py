"""Answers what MIT Kerberos' own library makes of configuration files: a JSON object a line, in and out."""

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


def answer(question):
    paths = question["paths"]
    try:
        return {
            "values": [values(paths, names) for names in question.get("values", [])],
            "encryptionTypes": encryption_types(paths),
            "realms": [realm_of_host(paths, host) for host in question.get("hosts", [])],
        }
    except NoConfiguration:
        return None


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
