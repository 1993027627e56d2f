import { defaultEncryptionTypes, encryptionTypeNumber } from '../crypto/encryption-type.ts';
import type { Section } from './parse-krb5-conf.ts';
import { type ServerAddress, serverAddress } from './server-address.ts';

/** The settings of krb5.conf(5) that a client needs. */
export interface Configuration {
  readonly defaultRealm: string | undefined;
  /** As written: `%{uid}` and other parameters are not yet expanded. */
  readonly defaultCredentialCacheName: string | undefined;
  /** Whether to look up KDCs in DNS for a realm that lists none here; default true. */
  readonly lookUpKdcsInDns: boolean;
  /** Permitted encryption types by number, best first. */
  readonly encryptionTypes: readonly number[];
  /** KDCs of a realm, in order. @throws KerberosError CONFIGURATION_INVALID for a value that names no server */
  kdcs(realm: string): readonly ServerAddress[];
  /** Password-change servers of a realm, in order. @throws KerberosError as `kdcs` does */
  passwordServers(realm: string): readonly ServerAddress[];
  /** The realm that `[domain_realm]` assigns to a host, if any. */
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
      // Without a `kpasswd_server`, try the administration server, then the KDCs: in Active Directory, every domain
      // controller changes passwords.
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

/** As in MIT Kerberos, an IP address belongs to no domain, even if its numbers are out of range. */
function isNumeric(host: string): boolean {
  return host.includes(':') || /^\d*(\.\d*){3}$/.test(host);
}

/**
 * Reads a list of encryption types and families, each added or (with a leading "-") removed in order. Unknown names are
 * ignored.
 */
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

/** Booleans as MIT Kerberos reads them. */
function isTrue(word: string): boolean {
  return /^(y|yes|true|t|1|on)$/i.test(word);
}
