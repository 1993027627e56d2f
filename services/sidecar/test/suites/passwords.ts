import { describe, expect } from 'vitest';
import { test } from '../sidecar-test.ts';
import { password } from '../test-domain.ts';

const newPassword = 'New pass word 2';

export const passwordTests = () =>
  describe('with an injected password', () => {
    test('lives through a rotation on its TGT until its task is replaced, and so does not lock the account', async ({
      directory,
      start,
    }) => {
      const user = await directory.user('rotated');
      const environment = { TICKET_LIFETIME: '20', TGT_LIFETIME: '125', RENEW_AT: '0.05' };
      const old = await start({ name: 'rotated', user, environment });
      await old.state('healthy');
      await directory.domain.setPassword(user, newPassword);

      expect((await old.state('degraded')).lastError).toMatchObject({ code: 'password-refused' });
      expect(await old.next('tgt.renewed')).toMatchObject({ because: 'password-refused' });
      await old.next('ticket.published');
      expect((await old.health()).exitCode).toBe(0);
      expect(old.events.filter(({ event }) => event === 'password.refused')).toHaveLength(1);
      await old.stop();

      const replaced = await start({ name: 'replaced', user, password: newPassword, environment });
      expect(await replaced.state('healthy')).toMatchObject({ lastError: null });
    });

    test('that is wrong is tried once, not again by a restarted sidecar, and by operators within the budget', async ({
      directory,
      start,
    }) => {
      const user = await directory.user('wrong');
      const attempts = () => directory.attribute(user, 'badPwdCount');
      const options = { name: 'wrong', user, password: 'not the password' };
      for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
        const running = await start(options);
        expect((await running.state('unhealthy')).lastError?.code).toBe('password-refused');
        await running.next('ticket.renewal-failed', ({ failures }) => failures === 2);
        await running.stop(signal);
      }
      expect(await attempts()).toBe('1');

      const running = await start(options);
      await running.next('password.withheld');
      for (const count of ['2', '3']) {
        running.signal('SIGHUP');
        await running.next('password.refused');
        expect(await attempts()).toBe(count);
      }
      running.signal('SIGHUP');
      const { until } = await running.next('password.withheld', (event) => event.origin === 'injected');
      expect(Date.parse(until as string)).toBeGreaterThan(Date.now() + 60_000);
      expect(await attempts()).toBe('3');
      await running.stop();

      const mended = await start({ ...options, password });
      expect(await mended.state('healthy')).toMatchObject({ lastError: null });
    });

    test('that the directory learns later is tried again by itself', async ({ directory, start }) => {
      const user = await directory.user('early');
      const environment = { PASSWORD_ATTEMPTS_WINDOW: '3' };
      const running = await start({ name: 'early', user, password: newPassword, environment });
      expect((await running.state('unhealthy')).lastError?.code).toBe('password-refused');
      await directory.domain.setPassword(user, newPassword);
      await running.next('password.withheld');
      await running.state('healthy');
    });
  });
