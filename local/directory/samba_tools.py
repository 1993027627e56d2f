"""Does on a domain's database what samba-tool(8), ldbmodify(1) and ldbsearch(1) do, as often as it is asked.

Most of what those take is their start: Python, its modules, the directory's schema. Here that is done once.

Takes the path of smb.conf. Reads requests from stdin, a line of JSON each, and answers in their order: `done` with what was
printed or found, or `failed` with the reason. What it is given shows in no command line. Ends when stdin does.
"""

import io
import json
import os
import runpy
import shutil
import sys

# Samba's libraries print, too: answers go where nothing else does.
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
# samba-tool's commands keep the streams that they have found first.
output, errors = sys.stdout, sys.stderr = io.StringIO(), io.StringIO()

try:
    import ldb
    from samba.auth import system_session
    from samba.param import LoadParm
    from samba.samdb import SamDB
except ImportError as error:
    sys.exit("%s: is python3-samba installed?" % error)

configuration = sys.argv[1]
parameters = LoadParm()
parameters.load(configuration)
database = SamDB(url=parameters.samdb_url(), session_info=system_session(parameters), lp=parameters)


def samba(arguments):
    sys.argv = ["samba-tool", *arguments, "--configfile=" + configuration]
    try:
        runpy.run_path(shutil.which("samba-tool"), run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise RuntimeError(errors.getvalue())
    return output.getvalue()


def modify(ldif):
    database.transaction_start()
    try:
        database.modify_ldif(ldif)
    except BaseException:
        database.transaction_cancel()
        raise
    database.transaction_commit()
    return ""


def search(question):
    found = database.search(
        base=database.domain_dn(), expression=question["filter"], attrs=question["attributes"] or ["*"]
    )
    return "".join(database.write_ldif(entry, ldb.CHANGETYPE_NONE) for entry in found)


commands = {"samba": samba, "modify": modify, "search": search}

for line in sys.stdin:
    for stream in (output, errors):
        stream.seek(0)
        stream.truncate()
    [[name, argument]] = json.loads(line).items()
    try:
        answer = {"done": commands[name](argument)}
    except ldb.LdbError as error:
        answer = {"failed": "ERR: %s" % error.args[1]}
    except Exception as error:
        answer = {"failed": str(error)}
    print(json.dumps(answer), file=answers, flush=True)
