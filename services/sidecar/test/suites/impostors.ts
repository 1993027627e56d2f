import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { type ImpostorKdc, type ImpostorOptions, startImpostorKdc } from '../impostor-kdc.ts';
import { test as base } from '../sidecar-test.ts';

/** `impostor` is placed in front of the real domain controller, at its own address. */
const test = base.extend('impostor', ({ directory }, { onCleanup }) => {
  const { network, domain } = directory;
  const started: ImpostorKdc[] = [];
  onCleanup(() => {
    for (const impostor of started) {
      impostor.close();
    }
  });
  return async (host: number, answer: ImpostorOptions['answer']) => {
    const address = network.address(host);
    const behind = domain.kdcs[0] as string;
    const impostor = await startImpostorKdc({ address, realm: domain.realm, behind, answer });
    started.push(impostor);
    return Object.assign(impostor, { address });
  };
});

export const impostorTests = () =>
  describe('when somebody answers in the place of the domain controller', () => {
    test('and refuses both passwords, it tries again after a pause, within its budget', async ({
      directory,
      impostor,
      start,
    }) => {
      const user = await directory.user('forged');
      const kdc = await impostor(96, 'refusal');
      const running = await start({
        ...{ name: 'forged', user, nextPassword: 'New pass word 2' },
        environment: { DIRECTORY_KDCS: kdc.address, PASSWORD_RETRY_SECONDS: '5' },
      });
      await running.next('password.refused', ({ key }) => key === 'password');
      await running.next('password.refused', ({ key }) => key === 'nextPassword');
      kdc.beHonest();
      await running.next('password.withheld');
      await running.next('tgt.obtained', ({ key }) => key === 'password');
      await running.state('healthy');
      expect(running.events.filter(({ event }) => event === 'password.refused')).toHaveLength(2);
    });

    test('and keeps refusing, it stops trying before an account would be locked', async ({
      directory,
      impostor,
      start,
    }) => {
      const user = await directory.user('forged-on');
      const kdc = await impostor(95, 'refusal');
      const running = await start({
        ...{ name: 'forged-on', user, nextPassword: 'New pass word 2' },
        environment: { DIRECTORY_KDCS: kdc.address, PASSWORD_RETRY_SECONDS: '1' },
      });
      for (let refusal = 1; refusal <= 3; refusal++) {
        await running.next('password.refused');
      }
      const { until } = await running.next('password.withheld', ({ key }) => key === 'nextPassword');
      expect(Date.parse(until as string)).toBeGreaterThan(Date.now() + 1_700_000);
      await running.next('ticket.renewal-failed');
      expect(running.events.filter(({ event }) => event === 'password.refused')).toHaveLength(3);
    });

    test('with an answer that may be a refusal, it counts as one, and the answer is shown', async ({
      directory,
      impostor,
      start,
    }) => {
      const user = await directory.user('unclear');
      const kdc = await impostor(92, 'unclear');
      const running = await start({
        name: 'unclear',
        user,
        environment: { DIRECTORY_KDCS: kdc.address, PASSWORD_RETRY_SECONDS: '1' },
      });
      for (let attempt = 1; attempt <= 3; attempt++) {
        await running.next('password.unclear', ({ explanation }) => /Generic error/.test(`${explanation}`));
      }
      const { until } = await running.next('password.withheld', (event) => isLater(event.until, 1_700_000));
      expect(isLater(until, 1_700_000)).toBe(true);
      const { code, explanation } = await running.next('ticket.renewal-failed');
      expect(code).toBe('unexpected');
      expect(explanation).toMatch(/so that the account is not locked; .* said: kinit: Generic error/);
      expect(kdc.guesses).toBe(3);
      kdc.beHonest();
      running.signal('SIGHUP');
      await running.next('password.withheld');
    });

    test('and requests a timestamp encrypted with RC4, it sends none, and says why', async ({
      directory,
      impostor,
      start,
    }) => {
      const user = await directory.user('downgraded');
      const kdc = await impostor(94, 'rc4');
      const running = await start({ name: 'downgraded', user, environment: { DIRECTORY_KDCS: kdc.address } });
      expect((await running.state('unhealthy')).lastError?.code).toBe('encryption-unsupported');
      expect(kdc.guesses).toBe(0);
      kdc.beHonest();
      await running.state('healthy');
      await running.stop();
      // It is the configuration that prevents the use of the password's RC4 hash.
      const weak = await impostor(93, 'rc4');
      const environment = { DIRECTORY_KDCS: weak.address, ENCRYPTION_TYPES: 'aes-and-rc4' };
      const lenient = await start({ name: 'lenient', user, environment });
      await lenient.state('unhealthy');
      expect(weak.guesses).toBeGreaterThan(0);
    });

    test("and has put another krb5.conf into the shared folder, the sidecar's tools do not read it", async ({
      directory,
      start,
    }) => {
      const user = await directory.user('swapped');
      const running = await start({ name: 'swapped', user });
      await running.state('healthy');
      const published = join(running.shared, 'krb5.conf');
      const right = await readFile(published, 'utf8');
      expect(await readFile(join(running.privateDirectory, 'krb5.conf'), 'utf8')).toBe(right);
      await writeFile(published, right.replaceAll(directory.domain.realm, 'ELSEWHERE.EXAMPLE.COM'));
      running.signal('SIGHUP');
      await running.next('tgt.obtained');
      expect(running.text).not.toContain('renewal-failed');
    });
  });

function isLater(time: unknown, milliseconds: number): boolean {
  return Date.parse(time as string) > Date.now() + milliseconds;
}
