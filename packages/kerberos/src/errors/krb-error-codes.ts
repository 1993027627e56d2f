/** The meaning of a Kerberos error code: name, likely cause, and remedy. */
export type KrbErrorMeaning = readonly [name: string, cause: string, remedy: string];

const skew = 'set both clocks by NTP, then obtain a new ticket';
const aes =
  'allow AES on the account (msDS-SupportedEncryptionTypes 24 in Active Directory), then set its password anew so that the keys exist';
const replaced =
  "obtain a new ticket; if that does not help, the name is registered on another account, or the service's keytab is older than its password";
const wrong = 'obtain a new ticket; if it stays, something on the way changes or mixes up messages';
const report = 'look into the log of the other side, which names the reason';
const pkinit = 'this client does not log in by certificate: do not demand one for the account';
const fast = 'this client does not armor its requests: do not demand FAST for the account or the domain';

/**
 * All error codes of a KRB-ERROR.
 *
 * @see RFC 4120, section 7.5.9; RFC 4556, section 3.1.3; RFC 6113, section 5; RFC 8636, section 7
 */
export const krbErrors = {
  0: ['KDC_ERR_NONE', 'no error is named', report],
  1: ['KDC_ERR_NAME_EXP', 'the client account has expired', 'extend the account in the directory'],
  2: ['KDC_ERR_SERVICE_EXP', 'the service account has expired', 'extend the account in the directory'],
  3: ['KDC_ERR_BAD_PVNO', 'the KDC does not speak version 5 of Kerberos', 'see what listens on the port'],
  4: ['KDC_ERR_C_OLD_MAST_KVNO', "the client's key is sealed with an old master key", report],
  5: ['KDC_ERR_S_OLD_MAST_KVNO', "the service's key is sealed with an old master key", report],
  6: [
    'KDC_ERR_C_PRINCIPAL_UNKNOWN',
    'the directory does not know the client',
    'correct the user name and the realm, or create the account',
  ],
  7: [
    'KDC_ERR_S_PRINCIPAL_UNKNOWN',
    'no account has the service principal name',
    'connect by the name that is registered, without DNS canonicalisation, or register it: setspn -S <name> <account>',
  ],
  8: [
    'KDC_ERR_PRINCIPAL_NOT_UNIQUE',
    'several accounts have the name',
    'take the name away from all but one account: setspn -X lists them',
  ],
  9: ['KDC_ERR_NULL_KEY', 'the account has no key', 'set its password'],
  10: ['KDC_ERR_CANNOT_POSTDATE', 'tickets for later are not allowed', 'ask for a ticket that begins now'],
  11: [
    'KDC_ERR_NEVER_VALID',
    'the ticket would end before it begins',
    'correct the asked end time and the clock',
  ],
  12: [
    'KDC_ERR_POLICY',
    'a policy of the directory forbids it',
    'look for log-on hours, log-on workstations, or an authentication policy of the account',
  ],
  13: [
    'KDC_ERR_BADOPTION',
    'the KDC cannot grant a wanted option, for example to renew a ticket that is past that',
    'obtain a new ticket with the password',
  ],
  14: ['KDC_ERR_ETYPE_NOSUPP', 'client, KDC and account have no encryption type in common', aes],
  15: ['KDC_ERR_SUMTYPE_NOSUPP', 'the KDC does not know the type of the checksum', aes],
  16: ['KDC_ERR_PADATA_TYPE_NOSUPP', 'the KDC does not know the way of pre-authentication', report],
  17: ['KDC_ERR_TRTYPE_NOSUPP', 'the KDC does not know the type of the transited realms', report],
  18: [
    'KDC_ERR_CLIENT_REVOKED',
    'the account is disabled, locked after wrong passwords, or expired',
    'unlock, enable or extend it in the directory',
  ],
  19: ['KDC_ERR_SERVICE_REVOKED', 'the service account is disabled or locked', 'enable it in the directory'],
  20: [
    'KDC_ERR_TGT_REVOKED',
    'the ticket-granting ticket has been revoked',
    'obtain a new one with the password',
  ],
  21: ['KDC_ERR_CLIENT_NOTYET', 'the account is not valid yet', 'try again later, or correct the account'],
  22: [
    'KDC_ERR_SERVICE_NOTYET',
    'the service account is not valid yet',
    'try again later, or correct the account',
  ],
  23: ['KDC_ERR_KEY_EXPIRED', 'the password has expired, or must be changed', 'change the password'],
  24: ['KDC_ERR_PREAUTH_FAILED', 'the password is wrong', 'correct it; each try counts towards a lockout'],
  25: [
    'KDC_ERR_PREAUTH_REQUIRED',
    'the KDC wants a way of proving the password that this client lacks',
    fast,
  ],
  26: ['KDC_ERR_SERVER_NOMATCH', 'the ticket is for another service than the request', wrong],
  27: [
    'KDC_ERR_MUST_USE_USER2USER',
    'the name is on a user account that takes user-to-user tickets only',
    'register the name on the account that the service runs as',
  ],
  28: ['KDC_ERR_PATH_NOT_ACCEPTED', 'the way between the realms is not trusted', 'correct the trusts'],
  29: ['KDC_ERR_SVC_UNAVAILABLE', 'the KDC cannot serve at the moment', 'try again, or ask another KDC'],
  31: [
    'KRB_AP_ERR_BAD_INTEGRITY',
    'what is sealed cannot be opened: another key, or changed on the way',
    replaced,
  ],
  32: ['KRB_AP_ERR_TKT_EXPIRED', 'the ticket has ended', 'obtain a new ticket'],
  33: ['KRB_AP_ERR_TKT_NYV', 'the ticket is not valid yet', skew],
  34: [
    'KRB_AP_ERR_REPEAT',
    'the request was seen before',
    'send each token once; if it was, somebody replays them',
  ],
  35: ['KRB_AP_ERR_NOT_US', 'the ticket is not for this service', replaced],
  36: ['KRB_AP_ERR_BADMATCH', 'ticket and request name different clients', wrong],
  37: ['KRB_AP_ERR_SKEW', 'the clocks differ by more than five minutes', skew],
  38: [
    'KRB_AP_ERR_BADADDR',
    'the ticket is bound to another network address',
    'obtain one without addresses',
  ],
  39: ['KRB_AP_ERR_BADVERSION', 'the other side speaks another version', 'see what listens on the port'],
  40: ['KRB_AP_ERR_MSG_TYPE', 'the message is of a type that does not fit', 'see what listens on the port'],
  41: ['KRB_AP_ERR_MODIFIED', 'the message was changed, or the key is another', replaced],
  42: ['KRB_AP_ERR_BADORDER', 'messages arrive out of order', wrong],
  44: ['KRB_AP_ERR_BADKEYVER', 'the service has not the key that the ticket was made with', replaced],
  45: ['KRB_AP_ERR_NOKEY', 'the service has no key for the ticket', replaced],
  46: ['KRB_AP_ERR_MUT_FAIL', 'the other side did not prove who it is', 'see what answers there'],
  47: ['KRB_AP_ERR_BADDIRECTION', 'a message came back to its sender', wrong],
  48: ['KRB_AP_ERR_METHOD', 'another way of authentication is wanted', report],
  49: ['KRB_AP_ERR_BADSEQ', 'a sequence number is wrong', wrong],
  50: ['KRB_AP_ERR_INAPP_CKSUM', 'the checksum is of a type that does not fit', aes],
  51: ['KRB_AP_PATH_NOT_ACCEPTED', 'the way between the realms is not trusted', 'correct the trusts'],
  52: ['KRB_ERR_RESPONSE_TOO_BIG', 'the answer is too big for UDP', 'ask by TCP'],
  60: [
    'KRB_ERR_GENERIC',
    'a reason without a code of its own',
    'look into the log of the other side; an acceptor also says this to a wrong channel binding, as somebody between us and it causes',
  ],
  61: ['KRB_ERR_FIELD_TOOLONG', 'a field is too long, or what was sent is no Kerberos message', report],
  62: ['KDC_ERROR_CLIENT_NOT_TRUSTED', "the client's certificate is not trusted", pkinit],
  63: ['KDC_ERROR_KDC_NOT_TRUSTED', "the KDC's certificate is not trusted", pkinit],
  64: ['KDC_ERROR_INVALID_SIG', 'a signature is wrong', pkinit],
  65: ['KDC_ERR_KEY_TOO_WEAK', 'a key is too weak', pkinit],
  66: ['KDC_ERR_CERTIFICATE_MISMATCH', 'the certificate is for another account', pkinit],
  67: ['KRB_AP_ERR_NO_TGT', 'a user-to-user ticket needs a ticket-granting ticket of the other side', report],
  68: [
    'KDC_ERR_WRONG_REALM',
    'the KDC serves another realm than the one asked for',
    'correct the realm, or the KDCs given for it',
  ],
  69: ['KRB_AP_ERR_USER_TO_USER_REQUIRED', 'the service takes user-to-user tickets only', report],
  70: ['KDC_ERR_CANT_VERIFY_CERTIFICATE', 'a certificate cannot be verified', pkinit],
  71: ['KDC_ERR_INVALID_CERTIFICATE', 'a certificate is not valid', pkinit],
  72: ['KDC_ERR_REVOKED_CERTIFICATE', 'a certificate is revoked', pkinit],
  73: ['KDC_ERR_REVOCATION_STATUS_UNKNOWN', 'whether a certificate is revoked is not known', pkinit],
  74: ['KDC_ERR_REVOCATION_STATUS_UNAVAILABLE', 'whether a certificate is revoked cannot be asked', pkinit],
  75: ['KDC_ERR_CLIENT_NAME_MISMATCH', 'the certificate is for another client', pkinit],
  76: ['KDC_ERR_KDC_NAME_MISMATCH', 'the certificate is for another KDC', pkinit],
  77: ['KDC_ERR_INCONSISTENT_KEY_PURPOSE', 'the certificate is for another purpose', pkinit],
  78: ['KDC_ERR_DIGEST_IN_CERT_NOT_ACCEPTED', "the certificate's digest is not accepted", pkinit],
  79: ['KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED', 'a checksum is missing', pkinit],
  80: ['KDC_ERR_DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED', "a signature's digest is not accepted", pkinit],
  81: ['KDC_ERR_PUBLIC_KEY_ENCRYPTION_NOT_SUPPORTED', 'public key encryption is not supported', pkinit],
  90: ['KDC_ERR_PREAUTH_EXPIRED', 'pre-authentication took too long', 'try the login again'],
  91: ['KDC_ERR_MORE_PREAUTH_DATA_REQUIRED', 'pre-authentication has a further step', fast],
  92: ['KDC_ERR_PREAUTH_BAD_AUTHENTICATION_SET', 'the set of pre-authentication ways is not known', fast],
  93: ['KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTIONS', 'an option of FAST is not known', fast],
  100: ['KDC_ERR_NO_ACCEPTABLE_KDF', 'no key derivation in common', pkinit],
} as const satisfies Readonly<Record<number, KrbErrorMeaning>>;

/** Names of the error codes, as the RFCs spell them. */
export type KrbErrorName = (typeof krbErrors)[keyof typeof krbErrors][0];

/** The meaning of a code, including unknown codes. */
export function krbErrorMeaning(code: number): KrbErrorMeaning {
  return (krbErrors as Readonly<Record<number, KrbErrorMeaning>>)[code] ?? unknown;
}

const unknown: KrbErrorMeaning = ['KRB_ERR_UNKNOWN', 'a reason that no document names', report];
