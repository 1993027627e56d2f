import type { Read } from './der/read.ts';
import { listOf, readInt32, readString, structure } from './der/values.ts';
import * as der from './der/write.ts';
import { malformed } from './errors/kerberos-error.ts';

/** Name types (RFC 4120, section 6.2). They are hints and are ignored when names are compared. */
export const nameType = { principal: 1, serviceInstance: 2, serviceHost: 3 } as const;

/** PrincipalName (RFC 4120, section 5.2.2) as octets, so that names are preserved exactly. */
export interface PrincipalName {
  readonly type: number;
  readonly parts: readonly Buffer[];
}

/** Characters. A KDC would send no message with a longer name, and parsing one takes time. */
const longestName = 65_536;

/** A name in a realm. */
export interface Principal {
  readonly realm: Buffer;
  readonly name: PrincipalName;
}

/**
 * Reads `user@REALM` or `service/host:port@REALM`. As in MIT Kerberos, a backslash quotes the next character, except in
 * `\n`, `\t`, `\b` and `\0`.
 *
 * @param realm used if the text has none
 * @throws KerberosError MESSAGE_MALFORMED without a name or a realm, or longer than 65536 characters
 */
export function parsePrincipal(text: string, realm?: string | Buffer): Principal {
  if (text.length > longestName) {
    throw malformed(
      `A text of ${text.length} characters is not the name of a principal: ${longestName} is the maximum`,
    );
  }
  const [, name = '', written] = /^((?:[^\\@]|\\.)*)(?:@((?:[^\\@/]|\\.)*))?$/su.exec(text) ?? [];
  const parts = [...name.matchAll(/(?:^|\/)((?:[^\\/]|\\.)*)/gsu)].map(([, part = '']) => plain(part));
  const where = written === undefined ? realm : plain(written);
  if (parts.includes('')) throw malformed(`"${text}" is not the name of a principal`);
  if (where === undefined || where.length === 0) throw malformed(`"${text}" names no realm`);
  const type = parts.length > 1 ? nameType.serviceInstance : nameType.principal;
  return {
    realm: Buffer.from(where as string),
    name: { type, parts: parts.map((part) => Buffer.from(part)) },
  };
}

/** For messages, and as input of {@link parsePrincipal}. */
export function formatPrincipal({ realm, name }: Principal): string {
  return `${formatName(name)}@${escaped(realm)}`;
}

export function formatName({ parts }: PrincipalName): string {
  return parts.map(escaped).join('/');
}

function plain(text: string): string {
  return text.replace(/\\(.)/gsu, (_, quoted) => escapes.get(quoted) ?? quoted);
}

function escaped(octets: Buffer): string {
  return octets
    .toString()
    .replace(/[\\/@\n\t\b\0]/g, (character) => `\\${letters.get(character) ?? character}`);
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['b', '\b'],
  ['0', '\0'],
]);
const letters: ReadonlyMap<string, string> = new Map(
  [...escapes].map(([letter, character]) => [character, letter]),
);

/** Compares octet by octet, as the other side does; the type of a name is ignored (RFC 4120, section 6.2). */
export function sameName(a: PrincipalName, b: PrincipalName): boolean {
  return a.parts.length === b.parts.length && a.parts.every((part, at) => part.equals(b.parts[at] as Buffer));
}

export function samePrincipal(a: Principal, b: Principal): boolean {
  return a.realm.equals(b.realm) && sameName(a.name, b.name);
}

/** Active Directory returns names in the directory's case, whatever the case in the request. */
export function sameButForCase(a: Principal, b: Principal): boolean {
  const [one, other] = [a, b].map((principal) => formatPrincipal(principal).toLowerCase());
  return one === other;
}

export function encodeName({ type, parts }: PrincipalName): Buffer {
  return der.fields({ 0: der.integer(type), 1: der.sequenceOf(parts.map(der.generalString)) });
}

export const readName: Read<PrincipalName> = structure((fields) => ({
  type: fields.required(0, readInt32),
  parts: fields.required(1, listOf(readString)),
}));

/**
 * The ticket-granting service of a realm. @param issuer the realm that issues the ticket for it; default: the realm
 * itself
 */
export function ticketGrantingService(realm: Buffer, issuer: Buffer = realm): Principal {
  return { realm: issuer, name: { type: nameType.serviceInstance, parts: [Buffer.from('krbtgt'), realm] } };
}

/** The realm whose ticket-granting service this name is, or undefined. */
export function grantedRealm({ parts }: PrincipalName): Buffer | undefined {
  return parts.length === 2 && parts[0]?.equals(Buffer.from('krbtgt')) ? parts[1] : undefined;
}
