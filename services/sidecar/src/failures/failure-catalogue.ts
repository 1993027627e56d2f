export interface FailureDescription {
  /** What happened and why, for a person. */
  readonly cause: string;
  /** What to do about it. */
  readonly remedy: string;
  readonly kerberosError?: string;
}

/** Every failure the sidecar can name. The codes are stable: alarms, dashboards and the runbook use them. */
export const failureCatalogue = {
  'kdc-unreachable': {
    cause: 'No domain controller answered.',
    remedy: 'Check that the directory runs, and that DNS and the security groups let port 88 through.',
    kerberosError: 'KRB5_KDC_UNREACH',
  },
  'kdc-name-unresolved': {
    cause: 'The name of a domain controller does not resolve.',
    remedy: 'Check DIRECTORY_KDCS, the DNS records of the domain, and that the DNS servers answer.',
  },
  'clock-skew': {
    cause: "This machine's clock and the domain controller's differ by more than the directory allows.",
    remedy: 'Set the clock; Kerberos allows five minutes.',
    kerberosError: 'KRB_AP_ERR_SKEW',
  },
  'password-refused': {
    cause: 'The domain controller refused the password.',
    remedy:
      "Make the secret and the directory user's password equal again, for example by rotating the secret.",
    kerberosError: 'KRB5KDC_ERR_PREAUTH_FAILED',
  },
  'password-expired': {
    cause: "The directory user's password has expired.",
    remedy: 'Rotate the secret, or let the password of this account never expire.',
    kerberosError: 'KRB5KDC_ERR_KEY_EXP',
  },
  'account-locked': {
    cause: 'The directory user is locked, disabled or expired.',
    remedy: 'Unlock or enable the account in the directory, and find out who uses an old password.',
    kerberosError: 'KRB5KDC_ERR_CLIENT_REVOKED',
  },
  'client-unknown': {
    cause: 'The directory does not know the user.',
    remedy: 'Check "username" in the secret, and DIRECTORY_DOMAIN.',
    kerberosError: 'KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN',
  },
  'server-unknown': {
    cause: 'The directory does not know the service principal name of the SQL Server.',
    remedy: 'Check SQL_SPN: the name in the directory, not the RDS endpoint; list names with "setspn -L".',
    kerberosError: 'KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN',
  },
  'server-refused': {
    cause: 'The directory knows the name of the SQL Server, but issues no ticket for it.',
    remedy:
      'Look at the account that has SQL_SPN: it must be enabled and not expired, and no other account may have the name ' +
      '("setspn -X" lists duplicate names).',
    kerberosError: 'KRB5KDC_ERR_SERVICE_REVOKED',
  },
  'realm-unknown': {
    cause: 'No domain controller is known for the realm, or the known ones serve another realm.',
    remedy:
      'Check DIRECTORY_DOMAIN, DIRECTORY_KDCS and the DNS records _kerberos._tcp of the domain; for a SQL Server in another ' +
      'domain also the realm in SQL_SPN, SQL_REALM_KDCS and the trust.',
    kerberosError: 'KRB5_REALM_UNKNOWN',
  },
  'encryption-unsupported': {
    cause: 'The domain controller and this machine share no encryption type for the account.',
    remedy:
      'Let the account, of the user or of the SQL Server, use AES (msDS-SupportedEncryptionTypes 0x18) and set its ' +
      'password again. If it does use AES, an impostor may be answering for the domain controller. ' +
      'ENCRYPTION_TYPES=aes-and-rc4 allows RC4.',
    kerberosError: 'KRB5KDC_ERR_ETYPE_NOSUPP',
  },
  'policy-refused': {
    cause: "The directory's policy does not allow it.",
    remedy:
      "Look at the user's logon hours and workstations, at authentication policies, and, for a SQL Server behind a trust, " +
      'at its selective authentication.',
    kerberosError: 'KRB5KDC_ERR_POLICY',
  },
  'ticket-expired': {
    cause: 'The ticket-granting ticket is past its end or past its renewal.',
    remedy: 'It is obtained again with the password; no action is needed unless this continues.',
    kerberosError: 'KRB5KRB_AP_ERR_TKT_EXPIRED',
  },
  'tgt-refused': {
    cause: 'The domain controller no longer accepts the ticket-granting ticket.',
    remedy:
      'It is discarded and obtained again with the password; no action is needed unless this continues. It happens when ' +
      "the directory's own key was changed, or the directory was restored.",
    kerberosError: 'KRB5KRB_AP_ERR_BADKEYVER',
  },
  'cache-missing': {
    cause: 'The credential cache is missing.',
    remedy: 'It is made again; find out who removes files from the private or the shared directory.',
    kerberosError: 'KRB5_FCC_NOFILE',
  },
  'cache-corrupt': {
    cause: 'The credential cache is corrupt.',
    remedy: 'It is made again; find out who writes to the private or the shared directory.',
    kerberosError: 'KRB5_CC_FORMAT',
  },
  'no-permission': {
    cause: 'The sidecar may not read or write one of its files.',
    remedy: 'Let the sidecar own its private and its shared directory and be in the group of the latter.',
    kerberosError: 'KRB5_FCC_PERM',
  },
  'disk-full': {
    cause: 'The disk is full, or cannot be written to.',
    remedy: "Free space on the task's ephemeral storage, or give the task more.",
  },
  'secret-unavailable': {
    cause: 'The secret could not be fetched from AWS Secrets Manager.',
    remedy:
      "Check CREDENTIALS_SECRET_ARN, the task role's permission and the network path to Secrets Manager.",
  },
  'secret-malformed': {
    cause: 'The secret does not hold what the sidecar needs.',
    remedy: 'Give it the JSON {"username":"…","password":"…"}.',
  },
  'tool-missing': {
    cause: 'A Kerberos tool is not installed.',
    remedy: "Install MIT's kinit and kvno (Debian: krb5-user).",
  },
  'time-limit': {
    cause: 'A Kerberos tool did not finish in time.',
    remedy: 'Check how fast the domain controllers answer, and that DIRECTORY_KDCS lists live ones first.',
  },
  unexpected: {
    cause: 'An unexpected error happened.',
    remedy: 'It is retried; report it if it continues.',
  },
} satisfies Record<string, FailureDescription>;

export type FailureCode = keyof typeof failureCatalogue;
