"""Writes a one-way trust between two Samba domains into their databases, as samba-tool(8) would through LSA.

samba-tool needs SMB and RPC on both sides, which the domain controllers of the rehearsal do not offer. The objects are
the same: [MS-ADTS] 6.1.6, a trustedDomain on each side, and the trusting domain's account on the trusted side.
Reads JSON from stdin, so that the shared secret shows in no command line.
"""

import json
import sys
import time

import ldb
import samba
from samba import dsdb
from samba.auth import system_session
from samba.dcerpc import drsblobs, lsa, security
from samba.ndr import ndr_pack
from samba.param import LoadParm
from samba.samdb import SamDB

FOREST_TRANSITIVE = 8
UPLEVEL = 2
AES = 24


def secret_blob(password):
    info = drsblobs.AuthenticationInformation()
    info.LastUpdateTime = samba.unix2nttime(int(time.time()))
    info.AuthType = lsa.TRUST_AUTH_TYPE_CLEAR
    clear = drsblobs.AuthInfoClear()
    octets = list(password.encode("utf-16-le"))
    clear.size = len(octets)
    clear.password = octets
    info.AuthInfo = clear
    array = drsblobs.AuthenticationInformationArray()
    array.count = 1
    array.array = [info]
    blob = drsblobs.trustAuthInOutBlob()
    blob.count = 1
    blob.current = array
    return ndr_pack(blob)


def open_database(configuration):
    parameters = LoadParm()
    parameters.load(configuration)
    return SamDB(url=parameters.samdb_url(), session_info=system_session(parameters), lp=parameters)


def add(database, other, names, direction, password):
    base = database.domain_dn()
    trust = {
        "dn": "CN=%s,CN=System,%s" % (names["name"], base),
        "objectClass": "trustedDomain",
        "trustPartner": names["name"],
        "flatName": names["netbiosName"],
        "securityIdentifier": ndr_pack(security.dom_sid(other.get_domain_sid())),
        "trustType": str(UPLEVEL),
        "trustDirection": str(direction),
        "trustAttributes": str(FOREST_TRANSITIVE),
        "msDS-SupportedEncryptionTypes": str(AES),
    }
    inbound = direction == lsa.LSA_TRUST_DIRECTION_INBOUND
    trust["trustAuthIncoming" if inbound else "trustAuthOutgoing"] = secret_blob(password)
    database.transaction_start()
    try:
        database.add(trust)
        if inbound:
            account = names["netbiosName"] + "$"
            database.add(
                {
                    "dn": "CN=%s,CN=Users,%s" % (account, base),
                    "objectClass": "user",
                    "sAMAccountName": account,
                    "userAccountControl": str(dsdb.UF_INTERDOMAIN_TRUST_ACCOUNT),
                    "clearTextPassword": password.encode("utf-16-le"),
                },
                controls=["local_oid:%s:0" % dsdb.DSDB_CONTROL_PERMIT_INTERDOMAIN_TRUST_UAC_OID],
            )
    except Exception:
        database.transaction_cancel()
        raise
    database.transaction_commit()


asked = json.load(sys.stdin)
trusting, trusted = asked["trusting"], asked["trusted"]
databases = [open_database(side["smbConf"]) for side in (trusting, trusted)]
add(databases[0], databases[1], trusted, lsa.LSA_TRUST_DIRECTION_OUTBOUND, asked["password"])
add(databases[1], databases[0], trusting, lsa.LSA_TRUST_DIRECTION_INBOUND, asked["password"])
