import { defaultEncryptionTypes, encryptionTypeNumber } from '../crypto/encryption-type.ts';
import type { Section } from './parse-krb5-conf.ts';
import { type ServerAddress, serverAddress } from './server-address.ts';

/** What of krb5.conf(5) matters to a client. */
export interface Configuration {
  readonly defaultRealm: string | undefined;
  /** As written, with `%{uid}` and its like. */
  readonly defaultCredentialCacheName: string | undefined;
  /** Whether DNS may name KDCs of a realm that has none here; default true. */
  readonly lookUpKdcsInDns: boolean;
  /** Numbers of the encryption types that may be used, the best first. */
  readonly encryptionTypes: readonly number[];
  /** KDCs of a realm, in order. @throws KerberosError CONFIGURATION_INVALID for a value that names no server */
  kdcs(realm: string): readonly ServerAddress[];
  /** Servers that change passwords in a realm, in order. @throws KerberosError as `kdcs` does */
  passwordServers(realm: string): readonly ServerAddress[];
  /** The realm that a host belongs to as far as `[domain_realm]` says so. */
  realmOfHost(host: string): string | undefined;
}

const kdcPort = 88;
const passwordPort = 464;

export function configurationOf(sections: Section): Configuration {
  const defaults = sectionsNamed(sections, 'libdefaults');
  const setting = (name: string) => firstText(defaults, name);
  const realmSections = sectionsNamed(sections, 'realms');
  const serversOf = (realm: string, relation: string, port: number) =>
    realmSections
      .flatMap((section) => subsections(section[realm]))
      .flatMap((section) => texts(section[relation]))
      .map((text) => serverAddress(text, { relation, realm, port }));
  const hosts = sectionsNamed(sections, 'domain_realm');

  return {
    defaultRealm: setting('default_realm'),
    defaultCredentialCacheName: setting('default_ccache_name'),
    lookUpKdcsInDns: isTrue(setting('dns_lookup_kdc') ?? setting('dns_fallback') ?? 'true'),
    encryptionTypes: permittedTypes(setting('permitted_enctypes') ?? setting('default_tkt_enctypes')),
    kdcs: (realm) => serversOf(realm, 'kdc', kdcPort),
    passwordServers(realm) {
      const named = serversOf(realm, 'kpasswd_server', passwordPort);
      if (named.length > 0) return named;
      // Where none is named it runs beside the administration server, in Active Directory on each domain controller.
      const beside = ['admin_server', 'kdc']
        .map((name) => serversOf(realm, name, passwordPort))
        .find((list) => list.length > 0);
      return (beside ?? []).map((server) => ({ ...server, port: passwordPort }));
    },
    realmOfHost(host) {
      const plain = host.toLowerCase().replace(/\.$/, '');
      if (isNumeric(plain)) return undefined;
      const labels = plain.split('.');
      const names = labels.flatMap((_, at) => {
        const rest = labels.slice(at).join('.');
        return at === 0 ? [rest] : [`.${rest}`, rest];
      });
      for (const name of names) {
        const realm = firstText(hosts, name);
        if (realm) return realm;
      }
      return undefined;
    },
  };
}

/** An address is in no domain, as MIT Kerberos has it, whatever its numbers are. */
function isNumeric(host: string): boolean {
  return host.includes(':') || /^\d*(\.\d*){3}$/.test(host);
}

/** A list of names and families, each added, or removed with a "-", in order; a name that is not known is let be. */
function permittedTypes(list: string | undefined): readonly number[] {
  const permitted = new Set<number>();
  for (const word of (list ?? 'DEFAULT').split(/[ \t\r\n,]+/)) {
    const [, sign, name = ''] = /^([+-]?)(.*)$/s.exec(word) ?? [];
    const family = /^(default|aes)$/i.test(name);
    for (const type of family ? defaultEncryptionTypes : [encryptionTypeNumber(name) ?? []].flat()) {
      if (sign === '-') permitted.delete(type);
      else permitted.add(type);
    }
  }
  return [...permitted];
}

function sectionsNamed(sections: Section, name: string): Section[] {
  return subsections(sections[name]);
}

function subsections(values: readonly (string | Section)[] | undefined): Section[] {
  return (values ?? []).filter((value) => typeof value === 'object');
}

function texts(values: readonly (string | Section)[] | undefined): string[] {
  return (values ?? []).filter((value) => typeof value === 'string');
}

function firstText(sections: readonly Section[], name: string): string | undefined {
  return sections.flatMap((section) => texts(section[name]))[0];
}

/** As MIT Kerberos reads truth. */
function isTrue(word: string): boolean {
  return /^(y|yes|true|t|1|on)$/i.test(word);
}
