/** Names of encryption types by number, from the IANA registry "Kerberos Encryption Type Numbers" (RFC 3961). */
const names: Readonly<Record<number, string>> = {
  1: 'des-cbc-crc',
  3: 'des-cbc-md5',
  16: 'des3-cbc-sha1',
  17: 'aes128-cts-hmac-sha1-96',
  18: 'aes256-cts-hmac-sha1-96',
  19: 'aes128-cts-hmac-sha256-128',
  20: 'aes256-cts-hmac-sha384-192',
  23: 'arcfour-hmac',
  24: 'arcfour-hmac-exp',
};

/** The type's name; `encryption type <number>` for an unknown one. */
export function encryptionTypeName(number: number): string {
  return names[number] ?? `encryption type ${number}`;
}

/** Whether current domain controllers issue this type only when told to (single DES and RC4). */
export function isWeakEncryption(name: string): boolean {
  return /^(des-|arcfour-)/.test(name);
}
