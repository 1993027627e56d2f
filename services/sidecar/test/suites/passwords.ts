import { describe, expect } from 'vitest';
import { test } from '../sidecar-test.ts';
import { password } from '../test-domain.ts';

const newPassword = 'New pass word 2';
/** With this, a refused password is not retried automatically before the end of a test. */
const untried = { PASSWORD_RETRY_SECONDS: '3600' };

export const passwordTests = () =>
  describe('with an injected password', () => {
    test('and no next password, survives a rotation with its TGT until its task is replaced', async ({
      directory,
      start,
    }) => {
      const user = await directory.user('rotated');
      // A directory does not renew a TGT in its last two minutes: this one is due after ten seconds, which leaves
      // seventy more.
      const environment = { TICKET_LIFETIME: '60', TGT_LIFETIME: '200', RENEW_AT: '0.05' };
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

    test('signs in with the next password when the secret was rotated before its task started, and remembers it', async ({
      directory,
      start,
    }) => {
      const user = await directory.user('next');
      await directory.domain.setPassword(user, newPassword);
      const running = await start({ name: 'next', user, nextPassword: newPassword });
      await running.next('password.refused', ({ key }) => key === 'password');
      await running.next('password.next');
      expect(await running.state('healthy')).toMatchObject({ lastError: null });
      // A correct password has reset the directory's counter.
      expect(await directory.attribute(user, 'badPwdCount')).toBe('0');
      running.skip();
      running.signal('SIGHUP');
      await running.next('tgt.obtained', ({ key }) => key === 'nextPassword');
      await running.next('ticket.published');
      expect(running.events.filter(({ event }) => event === 'password.refused')).toHaveLength(1);
    });

    test('stays healthy when the password is rotated while it runs, and after a restart', async ({
      directory,
      start,
    }) => {
      const user = await directory.user('rotates');
      const environment = { TGT_LIFETIME: '125', RENEW_AT: '0.05' };
      const options = { name: 'rotates', user, nextPassword: newPassword, environment };
      const running = await start(options);
      await running.state('healthy');
      await directory.domain.setPassword(user, newPassword);
      await running.next('password.next');
      await running.next('ticket.published');
      expect((await running.status()).state).toBe('healthy');
      await running.stop();
      const again = await start(options);
      await again.next('password.next');
      expect(await again.status()).toMatchObject({ state: 'healthy', lastError: null });
      expect(running.text + again.text).not.toContain('ticket.renewal-failed');
    });

    test('tries both of a wrong secret once each, not again by a restart, and so does not lock the account', async ({
      directory,
      start,
    }) => {
      const user = await directory.user('both-wrong');
      const options = {
        name: 'both-wrong',
        user,
        password: 'not this',
        nextPassword: 'nor this',
        environment: untried,
      };
      for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
        const running = await start(options);
        const { lastError } = await running.state('unhealthy');
        expect(lastError).toMatchObject({
          code: 'password-refused',
          message: expect.stringContaining('nextPassword of injected'),
        });
        await running.next('ticket.renewal-failed', ({ failures }) => failures === 2);
        await running.stop(signal);
      }
      expect(await directory.attribute(user, 'badPwdCount')).toBe('2');
      // A correction by an operator is tried immediately.
      const mended = await start({ ...options, nextPassword: password });
      await mended.state('healthy');
      expect(await directory.attribute(user, 'badPwdCount')).toBe('0');
    });

    test('that is wrong is tried once, not again by a restarted sidecar, and by operators within the budget', async ({
      directory,
      start,
    }) => {
      const user = await directory.user('wrong');
      const attempts = () => directory.attribute(user, 'badPwdCount');
      const options = { name: 'wrong', user, password: 'not the password', environment: untried };
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

    test('that the directory gets later is retried without help', async ({ directory, start }) => {
      const user = await directory.user('early');
      const environment = { PASSWORD_ATTEMPTS_WINDOW: '8' };
      const running = await start({ name: 'early', user, password: newPassword, environment });
      expect((await running.state('unhealthy')).lastError?.code).toBe('password-refused');
      await directory.domain.setPassword(user, newPassword);
      await running.next('password.withheld');
      await running.state('healthy');
    });
  });
