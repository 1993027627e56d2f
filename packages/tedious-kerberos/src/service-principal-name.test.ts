import { expect, test } from 'vitest';
import { kerberos } from './kerberos/kerberos-authenticator.ts';
import {
  hostBasedServiceName,
  isOutside,
  normalServicePrincipalName,
  servicePrincipalName,
} from './service-principal-name.ts';

test.each([
  ['music-db.corp.example.com', 'MSSQLSvc/music-db.corp.example.com:1433'],
  ['Music-DB.Corp.Example.Com.', 'MSSQLSvc/music-db.corp.example.com:1433'],
  ['music-db', 'MSSQLSvc/music-db:1433'],
  // MIT Kerberos lowercases only ASCII letters, so its tickets are for this name.
  ['M\u00dcSIK-DB.corp.example.com', 'MSSQLSvc/m\u00dcsik-db.corp.example.com:1433'],
])('%s gives %s', (host, spn) => {
  expect(servicePrincipalName({ host, port: 1433 })).toBe(spn);
});

test.each(['10.0.0.7', '::1', 'fe80::1'])('the address %s has no service principal name', (host) => {
  expect(() => servicePrincipalName({ host, port: 1433 })).toThrow(
    expect.objectContaining({ code: 'SPN_UNKNOWN', step: 'ticket', host, port: 1433 }),
  );
});

test.each([
  ['MSSQLSvc/db.corp.example.com:1433', 'MSSQLSvc@db.corp.example.com:1433'],
  ['MSSQLSvc/db.corp.example.com:MUSIC', 'MSSQLSvc@db.corp.example.com:MUSIC'],
  ['MSSQLSvc/db', 'MSSQLSvc@db'],
])('%s is the host-based service %s', (spn, name) => {
  expect(hostBasedServiceName(spn)).toBe(name);
});

test.each([
  ['MSSQLSvc/Music-DB.Corp.Example.Com:1433', 'MSSQLSvc/music-db.corp.example.com:1433'],
  ['MSSQLSvc/DB:MUSIC', 'MSSQLSvc/db:MUSIC'],
  ['MSSQLSvc/db.corp.example.com.:1433', 'MSSQLSvc/db.corp.example.com:1433'],
  ['mssqlsvc/DB', 'mssqlsvc/db'],
  ['MSSQLSvc/M\u00dcSIK-DB:1433', 'MSSQLSvc/m\u00dcsik-db:1433'],
])('%s is asked for as %s', (spn, normal) => {
  expect(normalServicePrincipalName(spn)).toBe(normal);
});

test.each([
  '',
  'MSSQLSvc',
  'MSSQLSvc@db',
  'MSSQLSvc/db@CORP.EXAMPLE.COM',
  'MSSQLSvc/',
  'MSSQLSvc/:1433',
  'MSSQLSvc/.:1433',
  'MSSQLSvc/.',
  'MSSQLSvc/db..:1433',
  'MSSQLSvc/db..corp:1433',
  'MSSQLSvc/.db:1433',
  'MSSQLSvc/db:',
  '/db:1433',
  'MSSQLSvc/db :1433',
])('%j is refused when the authenticator is made', (spn) => {
  expect(() => kerberos({ spn })).toThrow(/must be "service\/host:port" without a realm/);
});

test.each([
  ['MSSQLSvc/db.corp.example.com:1433', false],
  ['MSSQLSvc/DB.Corp.Example.com.:1433', false],
  ['MSSQLSvc/db.child.corp.example.com', false],
  ['MSSQLSvc/db:1433', false],
  ['MSSQLSvc/10.0.0.5:1433', false],
  ['MSSQLSvc/db.corp.example.org:1433', true],
  ['MSSQLSvc/db.notcorp.example.com:1433', true],
  ['MSSQLSvc/corp.example.com.evil.org:MUSIC', true],
])('%s is outside of CORP.EXAMPLE.COM: %s', (spn, outside) => {
  expect(isOutside(spn, 'CORP.EXAMPLE.COM')).toBe(outside);
});
