/**
 * Key usage numbers: each kind of message is encrypted with its own keys (RFC 4120, section 7.5.1; RFC 4121, section
 * 2).
 */
export const keyUsage = {
  encryptedTimestamp: 1,
  asReply: 3,
  tgsRequestChecksum: 6,
  tgsRequestAuthenticator: 7,
  tgsReplySessionKey: 8,
  tgsReplySubkey: 9,
  apRequestAuthenticator: 11,
  apReply: 12,
  privateMessage: 13,
  acceptorSign: 23,
  initiatorSign: 25,
} as const;
