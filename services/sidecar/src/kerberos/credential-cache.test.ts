import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleCache } from '../../test/sample-cache.ts';
import { TicketFailure } from '../failures/ticket-failure.ts';
import { serviceTicketIn } from '../ticket/ticket.ts';
import { parseCredentialCache } from './credential-cache.ts';
import { requestCache, withTicketsOf } from './request-cache.ts';
import { parseServicePrincipal, type ServicePrincipal } from './service-principal.ts';

const start = Date.parse('2026-01-01T00:00:00Z') / 1000;
const spn = 'MSSQLSvc/music-db.corp.example.com:1433';
const tgt = { server: 'krbtgt/CORP.EXAMPLE.COM@CORP.EXAMPLE.COM', startsAt: start, endsAt: start + 36_000 };
const service = {
  server: `${spn}@CORP.EXAMPLE.COM`,
  startsAt: start,
  endsAt: start + 600,
  encryptionType: 23,
  keyVersion: 0x1234_5678,
};
const bytes = sampleCache([tgt, service], -600);

describe('a FILE credential cache', () => {
  test('yields its tickets, their times and types, and the offset of the clock', () => {
    expect(parseCredentialCache(bytes)).toMatchObject({
      principal: 'db-user@CORP.EXAMPLE.COM',
      clockOffset: -600,
      tickets: [
        {
          server: tgt.server,
          endsAt: new Date((start + 36_000) * 1000),
          encryptionType: 'aes256-cts-hmac-sha1-96',
          keyVersion: undefined,
        },
        {
          ...{ server: service.server, startsAt: new Date(start * 1000) },
          ...{ encryptionType: 'arcfour-hmac', keyVersion: 0x1234_5678 },
        },
      ],
    });
  });

  test('cut off anywhere, is a whole cache of fewer tickets or a corrupt one', () => {
    const ends = [sampleCache([]).length, sampleCache([tgt]).length];
    for (let length = 0; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      if (ends.includes(length)) {
        expect(parseCredentialCache(cut).tickets.length).toBeLessThan(2);
      } else if (length > (ends[0] as number)) {
        expect(() => parseCredentialCache(cut), `${length} bytes`).toThrow(TicketFailure);
      }
    }
  });

  test('of any bytes is read or corrupt, and nothing else', () => {
    const noise = fc
      .uint8Array({ maxLength: 400 })
      .map((tail) => Buffer.concat([bytes.subarray(0, 20), tail]));
    const flipped = fc
      .tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }))
      .map(([at, mask]) => Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ mask : byte))));
    fc.assert(
      fc.property(fc.oneof(noise, flipped), (candidate) => {
        try {
          parseCredentialCache(candidate);
        } catch (error) {
          expect(error).toMatchObject({ code: 'cache-corrupt' });
        }
      }),
    );
  });

  test('of an older version is recognized', () => {
    const older = Buffer.from(bytes);
    older[1] = 3;
    expect(() => parseCredentialCache(older)).toThrow('It does not begin with 05 04.');
  });

  test('gives the service ticket by name, as GSSAPI finds it, with times of the local clock', () => {
    const named = (name: string) => parseServicePrincipal(name, 'CORP.EXAMPLE.COM') as ServicePrincipal;
    const ticket = serviceTicketIn(bytes, named('MSSQLSvc/MUSIC-DB.corp.example.com:1433'));
    expect(ticket?.endsAt).toEqual(new Date((start + 600 + 600) * 1000));
    for (const other of ['MSSQLSvc/other.corp.example.com:1433', `${spn}@B.EXAMPLE`]) {
      expect(serviceTicketIn(bytes, named(other))).toBeUndefined();
    }
    // A name in capitals is in the cache, but a client that looks for this server does not find it.
    const capitals = sampleCache([{ ...service, server: service.server.replace('music', 'MUSIC') }]);
    expect(serviceTicketIn(capitals, named(spn))).toBeUndefined();
  });
});

describe('the cache that a service ticket is requested with', () => {
  const ends = (lifetime: number) => {
    // The local clock is 600 s ahead.
    const now = new Date((start + 600) * 1000);
    return parseCredentialCache(requestCache(bytes, now, lifetime)).tickets.map(
      ({ endsAt }) => endsAt.getTime() / 1000,
    );
  };

  test("notes an earlier end for the TGT, by the domain controller's clock, and leaves the given one alone", () => {
    expect(ends(60)).toEqual([start + 60]);
    expect(bytes).toEqual(sampleCache([tgt, service], -600));
  });

  test('notes the real end when that is earlier', () => {
    expect(ends(40_000)).toEqual([tgt.endsAt]);
  });

  test('holds only the TGT, so that kvno does not return an existing ticket', () => {
    const { principal, clockOffset, tickets } = parseCredentialCache(requestCache(bytes, new Date(), 60));
    expect({ principal, clockOffset }).toEqual({ principal: 'db-user@CORP.EXAMPLE.COM', clockOffset: -600 });
    expect(tickets.map(({ server }) => server)).toEqual([tgt.server]);
  });

  test('asks for a ticket that is neither renewable nor forwardable, proxiable or postdatable', () => {
    const flagged = sampleCache([{ ...tgt, flags: 0xffff_ffff }]);
    const request = requestCache(flagged, new Date(), 60);
    const [ticket] = parseCredentialCache(request).tickets;
    expect(request.readUInt32BE(ticket?.position.flags)).toBe(0xab7f_ffff);
  });

  test('takes the tickets of another one', () => {
    const both = withTicketsOf(sampleCache([tgt], -600), sampleCache([service], -600));
    expect(both).toEqual(bytes);
  });
});
