/**
 * All codes of a {@link LoginError}, each with its hint: the likely cause and what to do.
 * Codes are part of the package's interface. New ones may be added; existing ones are not renamed.
 */
export const hints = {
  NATIVE_MODULE_MISSING:
    'Leave out "native: true", which only credential caches outside of files need; or install the package "kerberos" (npm install kerberos). Where npm finds no prebuilt binary it compiles one: that needs a C++ compiler, make, python3 and the Kerberos headers (Debian: libkrb5-dev). At run time the Kerberos library is needed (Debian: libgssapi-krb5-2).',
  CCACHE_NOT_FOUND:
    'No ticket has been obtained yet, or KRB5CCNAME names another place. Check KRB5CCNAME, and that whatever obtains the ticket (kinit, k5start, a sidecar) is running.',
  CCACHE_UNREADABLE:
    'This process cannot read the credential cache. If it may not, give its user or group read access (0640 and a shared group): a cache replaced by kinit is 0600 again. Else the file system says why.',
  CCACHE_CORRUPT:
    'The credential cache is not one, or was written only in part. Replace it as a whole: write a new file beside it and rename it into place.',
  CCACHE_UNSUPPORTED:
    'Only credential caches in files can be read (FILE and DIR, versions 3 and 4). Obtain the ticket into a file (kinit -c FILE:/path), or use the Kerberos library of the machine: kerberos({ native: true }) with npm "kerberos" installed.',
  TICKET_EXPIRED:
    'The ticket has ended and nobody has renewed it. Look at whatever renews it: a changed password and an unreachable KDC are the usual causes.',
  TICKET_MISSING:
    'The credential cache holds neither a ticket for this service nor a ticket-granting ticket, or it is of another client than "principal" asks for. Obtain one for exactly this service principal name and client, or connect to the host the ticket was made for.',
  KDC_UNREACHABLE:
    'No domain controller answered on port 88. Check the route, security groups and the realm\'s "kdc" entries in krb5.conf (or DNS, if dns_lookup_kdc is on).',
  CLOCK_SKEW:
    'The clocks of this machine, the domain controller and the server differ by more than 5 minutes, or the ticket was obtained with a wrong clock. Set the time (NTP), then obtain a new ticket.',
  SPN_UNKNOWN:
    'No account has this service principal name. Connect by the name the server is registered under (on RDS: <instance>.<directory domain>, not the endpoint), with dns_canonicalize_hostname = false in krb5.conf; or register the name: setspn -S <name> <account>.',
  ENCRYPTION_TYPE_UNSUPPORTED:
    "Client, directory and service account share no encryption type. Allow AES on the accounts (msDS-SupportedEncryptionTypes 0x18), set their passwords anew so that AES keys exist, and leave krb5.conf's encryption type lists unset.",
  REALM_UNKNOWN:
    'The host is in a realm that the ticket cannot reach. Check default_realm, [realms] and [domain_realm] in krb5.conf, and that the directory of the ticket trusts the directory of the server.',
  KRB5_CONFIG_INVALID:
    'Kerberos cannot read its configuration. Check that KRB5_CONFIG names a readable file in the format of krb5.conf.',
  SERVER_NOT_AUTHENTIC:
    'The server did not prove that it holds the key of the service principal name, so it may be another machine. Check what answers on that address; if it is the right server, its key was changed or the name is registered on the wrong account.',
  TICKET_REFUSED:
    'The server could not make use of the ticket. Its key is newer than the ticket (a changed password, a failover: obtain a new ticket), or the service principal name is registered on another account than the one SQL Server runs as. A server with Extended Protection also refuses a login that is not bound to its own TLS channel: something between us and it may end TLS.',
  UNTRUSTED_DOMAIN:
    "The server could not make use of the ticket (18452). The service principal name may be registered on another account than the one SQL Server runs as, the server's key may be older than the ticket, the server is not joined to a domain that trusts ours, or it demands Extended Protection: that needs TLS up to version 1.2 from us to SQL Server itself, with nothing between that ends it, and channelBinding left on.",
  LOGIN_REFUSED:
    "The directory knows us, but SQL Server has no login for the account or its login is disabled. Create it: CREATE LOGIN [DOMAIN\\user] FROM WINDOWS. The server's error log tells the reason behind the state.",
  DATABASE_UNAVAILABLE:
    'The login is good, but the database does not exist, is not open (offline, in recovery, or at home on another server of its availability group), or the login has no user in it. Check its name, its state, and CREATE USER ... FOR LOGIN ... there.',
  TLS_NAME_MISMATCH:
    'The certificate is for another name than the one expected. Set tls.name to the name in the certificate (on RDS: the endpoint name), not trustServerCertificate.',
  TLS_NOT_TRUSTED:
    'The certificate was not issued by a known authority, or is out of date. Give the bundle of the right authority in tls.ca (on RDS: the RDS CA bundle of the region).',
  ENCRYPTION_REFUSED:
    'Client and server do not agree on encryption. Keep "encrypt" on and enable it on the server.',
  HOST_NOT_FOUND:
    'The name does not resolve. Check its spelling and the resolver: a directory name needs DNS servers (or a forwarding rule) that know the directory.',
  INSTANCE_NOT_FOUND:
    'SQL Server Browser (UDP 1434) did not answer, or did not tell the port of the named instance. Check that it runs and is reachable, or give the port instead.',
  CONNECTION_FAILED:
    'Nothing accepted the connection. Check host, port, routes and security groups, and that the server is up.',
  CONNECTION_LOST:
    'The server or the network closed the connection during the login. Trying again is safe. If it happens each time, "encrypt" may not be as the server expects it (true, or "strict" for TDS 8), or something else listens there.',
  TIMEOUT:
    'The step named in the error did not end in time. For step "ticket" a domain controller is slow or unreachable; for "connect" a firewall drops packets; for "login" the server is busy.',
  CANCELED: 'The caller closed the connection or aborted its signal.',
  PROTOCOL_ERROR:
    'The answer is not a TDS login response. Check that SQL Server is what listens there, and with "encrypt" the way it expects (true, or "strict" for TDS 8).',
  OPTION_INVALID:
    'An option of the connection cannot be used, and nothing was sent: an address that is not one of this machine ("localAddress"), a "connector" that gives no socket, or what TLS is made of. The cause names it.',
  INTERNAL_ERROR:
    "This is a fault of this package, or of a version of Node.js before 22.12, and not the server's: see the cause.",
  AUTHENTICATOR_FAILED: 'The authenticator given to the connection threw an error of its own: see the cause.',
  GSS_FAILED: 'GSSAPI gave an error that has no code of its own: see the major and minor text.',
  SERVER_ERROR:
    "The server refused the login for the reason it gives: see the error's server number and state.",
} as const satisfies Record<string, string>;

/** Stable codes for everything that can go wrong between `connect` and the first query. */
export type LoginErrorCode = keyof typeof hints;
