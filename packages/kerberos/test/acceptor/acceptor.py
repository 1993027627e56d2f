"""MIT Kerberos as acceptor, through python3-gssapi.

Reads one JSON object a line and answers with one. A request names a login by `id`; the first of an id begins one:
{"id": 1, "token": base64, "binding": base64 or null} -> {"token": base64 or null, "complete": true, "client": "...",
"bound": true, "error": null}
"""

import base64
import json
import sys

import gssapi.raw

# gssapi_ext.h: the initiator sent channel bindings, and they match ours.
CHANNEL_BOUND = 2048

contexts = {}


def decoded(text):
    return base64.b64decode(text) if text is not None else None


def encoded(octets):
    return base64.b64encode(octets).decode() if octets else None


def step(request):
    key = request["id"]
    binding = decoded(request["binding"])
    bindings = gssapi.raw.ChannelBindings(application_data=binding) if binding is not None else None
    answer = {"token": None, "complete": False, "client": None, "bound": False, "error": None}
    try:
        result = gssapi.raw.accept_sec_context(
            decoded(request["token"]), context=contexts.pop(key, None), channel_bindings=bindings
        )
    except gssapi.raw.GSSError as error:
        return {**answer, "token": encoded(error.token), "error": str(error)}
    answer["token"] = encoded(result.token)
    if result.more_steps:
        contexts[key] = result.context
        return answer
    client = gssapi.raw.display_name(result.initiator_name, name_type=False).name.decode()
    bound = bool(int(result.flags) & CHANNEL_BOUND)
    return {**answer, "complete": True, "client": client, "bound": bound}


for line in sys.stdin:
    print(json.dumps(step(json.loads(line))), flush=True)
