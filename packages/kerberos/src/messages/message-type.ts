import type { Fields } from '../der/read.ts';
import { readInt32 } from '../der/values.ts';
import { malformed } from '../errors/kerberos-error.ts';

/** Message types, which are also the messages' application tags (RFC 4120, section 7.5.7). */
export const messageType = {
  asRequest: 10,
  asReply: 11,
  tgsRequest: 12,
  tgsReply: 13,
  apRequest: 14,
  apReply: 15,
  private: 21,
  error: 30,
} as const;

/** Application tags of structures inside messages, encrypted or not (RFC 4120, appendix A). */
export const innerTag = {
  ticket: 1,
  authenticator: 2,
  asReplyPart: 25,
  tgsReplyPart: 26,
  apReplyPart: 27,
  privatePart: 28,
} as const;

/** The protocol version in every message. */
export const protocolVersion = 5;

/** Checks the version and type fields that most messages begin with. */
export function expectHeader(fields: Fields, type: number, firstField = 0): void {
  const version = fields.required(firstField, readInt32);
  const found = fields.required(firstField + 1, readInt32);
  if (version !== protocolVersion) throw malformed(`The answer is of version ${version} of Kerberos`);
  if (found !== type) throw malformed(`The answer is a message of type ${found}, not ${type}`);
}
