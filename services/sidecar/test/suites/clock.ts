import { describe, expect } from 'vitest';
import { acceptContext, initiateContext } from '../security-context.ts';
import { test } from '../sidecar-test.ts';
import { spn } from '../test-domain.ts';

/** The dynamic linker replaces `$LIB`, see ld.so(8). */
const libfaketime = '/usr/$LIB/faketime/libfaketime.so.1';

export const clockTests = () =>
  describe("when the machine's clock is wrong", () => {
    // MIT's client stores the domain controller's time with the ticket and counts from there, also in the web service.
    test.for([
      ['slow', '-10m', 600],
      ['fast', '+10m', -600],
    ] as const)(
      'ten minutes %s: the ticket works, is renewed, and the operator is warned',
      async ([name, off, offset], { directory, start }) => {
        const user = await directory.user(name);
        const fake = { LD_PRELOAD: libfaketime, FAKETIME: off, DONT_FAKE_MONOTONIC: '1' };
        const environment = { TICKET_LIFETIME: '60', RENEW_AT: '0.05' };
        const sidecar = await start({ name, user, environment, preload: fake });
        const { seconds } = await sidecar.next('clock.skewed');
        expect(Math.abs((seconds as number) - offset)).toBeLessThan(30);
        const status = await sidecar.state('healthy');
        const endsAt = Date.parse(status.endsAt ?? '');
        // By the wrong clock, because the web service reads that one.
        expect(Math.abs(endsAt - (Date.now() - offset * 1000 + 60_000))).toBeLessThan(60_000);
        await sidecar.next('ticket.published', ({ endsAt: next }) => Date.parse(next as string) > endsAt);
        const token = await initiateContext(sidecar.shared, spn, {
          ...fake,
          // The addon's own GSSAPI evades preloaded libraries; if GSSAPI is preloaded first, it gets the wrong clock,
          // too.
          LD_PRELOAD: `${libfaketime} libgssapi_krb5.so.2`,
        });
        expect(await acceptContext(directory, spn, directory.keytab, token)).toBe(`${user}@CORP.EXAMPLE.COM`);
      },
    );
  });
