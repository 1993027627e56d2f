/**
 * All codes of a {@link LoginError}, each with its hint: the likely cause and what to do.
 * Codes are part of the package's interface. New ones may be added; existing ones are not renamed.
 */
export const hints = {
  NATIVE_MODULE_MISSING:
    'Leave out "native: true", which is needed only for credential caches that are not files, or install the package "kerberos" (npm install kerberos). If npm finds no prebuilt binary, it compiles one, which requires a C++ compiler, make, python3 and the Kerberos headers (Debian: libkrb5-dev). At run time, the Kerberos library is required (Debian: libgssapi-krb5-2).',
  CCACHE_NOT_FOUND:
    'No ticket has been obtained yet, or KRB5CCNAME points to another place. Check KRB5CCNAME, and that the program that obtains the ticket (kinit, k5start, a sidecar) is running.',
  CCACHE_UNREADABLE:
    'This process cannot read the credential cache. If it lacks permission, give its user or group read access (mode 0640 and a shared group); note that kinit creates each new cache with mode 0600. Otherwise, see the error of the file system.',
  CCACHE_CORRUPT:
    'The file is not a credential cache, or was written only partly. Replace it atomically: write a new file in the same folder and rename it into place.',
  CCACHE_UNSUPPORTED:
    'Only credential caches in files can be read (FILE and DIR, versions 3 and 4). Obtain the ticket into a file (kinit -c FILE:/path), or use the Kerberos library of the machine: kerberos({ native: true }), with npm "kerberos" installed.',
  TICKET_EXPIRED:
    'The ticket has expired and was not renewed. Check the program that renews it; a changed password and an unreachable KDC are the usual causes.',
  TICKET_MISSING:
    'The credential cache holds neither a ticket for this service nor a ticket-granting ticket, or belongs to another client than "principal" names. Obtain a ticket for exactly this service principal name and client, or connect to the host that the ticket is for.',
  KDC_UNREACHABLE:
    'No domain controller answered on port 88. Check the route, the security groups and the realm\'s "kdc" entries in krb5.conf (or DNS, if dns_lookup_kdc is on).',
  CLOCK_SKEW:
    'The clocks of this machine, the domain controller and the server differ by more than 5 minutes, or the ticket was obtained while the clock was wrong. Set the time (NTP), then obtain a new ticket.',
  SPN_UNKNOWN:
    'No account has this service principal name. Connect with the name under which the server is registered (on RDS: <instance>.<directory domain>, not the endpoint), with dns_canonicalize_hostname = false in krb5.conf; or register the name: setspn -S <name> <account>.',
  ENCRYPTION_TYPE_UNSUPPORTED:
    "Client, directory and service account share no encryption type. Allow AES on the accounts (msDS-SupportedEncryptionTypes 0x18), reset their passwords so that AES keys exist, and leave krb5.conf's encryption type lists unset.",
  REALM_UNKNOWN:
    'The host is in a realm that the ticket does not reach. Check default_realm, [realms] and [domain_realm] in krb5.conf, and that the directory of the ticket trusts the directory of the server.',
  KRB5_CONFIG_INVALID:
    'Kerberos cannot read its configuration. Check that KRB5_CONFIG names a readable file in the format of krb5.conf.',
  SERVER_NOT_AUTHENTIC:
    'The server did not prove that it holds the key of the service principal name, so it may be another machine. Check what answers at that address. If it is the right server, its key has changed or the name is registered on the wrong account.',
  TICKET_REFUSED:
    'The server could not use the ticket. Either its key is newer than the ticket (after a password change or a failover: obtain a new ticket), or the service principal name is registered on an account other than the one SQL Server runs as. A server with Extended Protection also refuses a login that is not bound to its own TLS channel, for example because a proxy in between terminates TLS.',
  UNTRUSTED_DOMAIN:
    "The server could not use the ticket (18452). The service principal name may be registered on an account other than the one SQL Server runs as, the server's key may be older than the ticket, the server may not be joined to a domain that trusts ours, or it may require Extended Protection: that needs TLS up to version 1.2 all the way to SQL Server, without a proxy that terminates it, and channelBinding left on.",
  LOGIN_REFUSED:
    "The directory accepts the account, but SQL Server has no login for it, or the login is disabled. Create it: CREATE LOGIN [DOMAIN\\user] FROM WINDOWS. The server's error log gives the reason.",
  DATABASE_UNAVAILABLE:
    'The login is valid, but the database does not exist, is not open (offline, in recovery, or active on another server of its availability group), or has no user for the login. Check its name and its state, and create the user there: CREATE USER ... FOR LOGIN ....',
  TLS_NAME_MISMATCH:
    'The certificate is not for the expected name. Set tls.name to the name in the certificate (on RDS: the endpoint name); do not use trustServerCertificate.',
  TLS_NOT_TRUSTED:
    'The certificate was not issued by a trusted authority, or is not valid at this time. Set tls.ca to the certificates of the right authority (on RDS: the RDS CA bundle of the region).',
  ENCRYPTION_REFUSED:
    'Client and server do not agree on encryption. Keep "encrypt" on, and enable encryption on the server.',
  HOST_NOT_FOUND:
    'The name does not resolve. Check its spelling and the resolver: a directory name needs DNS servers (or a forwarding rule) that know the directory.',
  INSTANCE_NOT_FOUND:
    'SQL Server Browser (UDP 1434) did not answer, or did not report the port of the named instance. Check that it is running and reachable, or give the port instead.',
  CONNECTION_FAILED:
    'Nothing accepted the connection. Check host, port, routes and security groups, and that the server is running.',
  CONNECTION_LOST:
    'The server or the network closed the connection during the login. Trying again is safe. If it happens each time, "encrypt" may not be as the server expects it (true, or "strict" for TDS 8), or the server is not SQL Server.',
  TIMEOUT:
    'The step named in the error took too long. Likely causes: for step "ticket", a domain controller is slow or unreachable; for "connect", a firewall drops packets; for "login", the server is busy.',
  CANCELED: 'The caller closed the connection or aborted its signal.',
  PROTOCOL_ERROR:
    'The answer is not a TDS login response. Check that SQL Server is listening there, and that "encrypt" is as it expects (true, or "strict" for TDS 8).',
  OPTION_INVALID:
    'An option of the connection cannot be used, and nothing was sent: an address that this machine does not have ("localAddress"), a "connector" that returns no socket, or an invalid TLS option. See the cause.',
  INTERNAL_ERROR:
    "This is a bug in this package or the result of a Node.js version before 22.12, and not the server's fault. See the cause.",
  AUTHENTICATOR_FAILED: 'The authenticator given to the connection threw an error. See the cause.',
  GSS_FAILED: 'GSSAPI reported an error that has no specific code here. See its major and minor text.',
  SERVER_ERROR:
    "The server refused the login for the reason given in its message. See also the error's server number and state.",
} as const satisfies Record<string, string>;

/** Stable codes for everything that can go wrong between `connect` and the first query. */
export type LoginErrorCode = keyof typeof hints;
