import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { containers } from '@packages/contracts';
import { execa } from 'execa';
import { describe, expect } from 'vitest';
import { test as base } from '../sidecar-test.ts';
import { otherSpn, password, spn } from '../test-domain.ts';

/** All tests share one `user`. */
const test = base.extend('user', { scope: 'file' }, ({ directory }) => directory.user('contained'));

export const containmentTests = () =>
  describe('keeps its secrets to itself:', () => {
    /** Runs a command as the web container's user. */
    function asWeb(command: string, parameters: readonly string[], env: NodeJS.ProcessEnv = {}) {
      return execa(command, parameters, {
        uid: containers.web.user.uid,
        gid: containers.web.user.gid,
        env,
        reject: false,
      });
    }

    test('neither the TGT nor the password can be read by the web user, by file or by /proc', async ({
      user,
      start,
    }) => {
      const running = await start({ user, name: 'secrets' });
      await running.state('healthy');
      const tgt = join(running.privateDirectory, 'tgt');
      expect((await readFile(tgt)).length).toBeGreaterThan(0);

      const denied = { exitCode: 1, stdout: '', stderr: expect.stringContaining('Permission denied') };
      for (const path of [tgt, ...['environ', 'mem', 'maps'].map((name) => `/proc/${running.pid}/${name}`)]) {
        expect(await asWeb('cat', [path])).toMatchObject(denied);
      }
      expect((await asWeb('ls', [running.privateDirectory])).stderr).toContain('Permission denied');
      expect((await asWeb('ls', [`/proc/${running.pid}/fd`])).stderr).toContain('Permission denied');
      // The same reads succeed for the sidecar's own user.
      const own = { uid: containers.sidecar.user.uid, gid: containers.sidecar.user.gid };
      expect((await execa('cat', [`/proc/${running.pid}/environ`], own)).stdout).toContain('CREDENTIALS=');

      const cmdline = await asWeb('cat', [`/proc/${running.pid}/cmdline`]);
      expect(cmdline).toMatchObject({ exitCode: 0, stdout: expect.not.stringContaining(password) });
    });

    test('the published cache opens the SQL Server and nothing else', async ({ user, start }) => {
      const running = await start({ user, name: 'cache' });
      await running.state('healthy');
      const env = {
        KRB5_CONFIG: join(running.shared, 'krb5.conf'),
        KRB5CCNAME: `FILE:${join(running.shared, 'krbcache')}`,
        LC_ALL: 'C',
      };
      expect(await asWeb('kvno', [spn], env)).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining(spn),
      });
      for (const service of [otherSpn, 'krbtgt/CORP.EXAMPLE.COM']) {
        const refused = await asWeb('kvno', [service], env);
        expect(refused.exitCode).toBe(1);
        expect(refused.stderr).toContain('Matching credential not found');
      }
      // With a TGT the other service's ticket can be obtained, so it is the cache that prevents it.
      const own = { ...env, KRB5CCNAME: `FILE:${join(running.privateDirectory, 'tgt')}` };
      expect(await execa('kvno', [otherSpn], { env: own })).toMatchObject({ exitCode: 0 });
    });

    test('the password goes to kinit by standard input only, and is written nowhere', async ({
      directory,
      start,
      expect,
    }) => {
      const user = await directory.user('spoken');
      const record = join(directory.directory, 'record');
      const tools = join(directory.directory, 'recording-tools');
      await mkdir(record);
      await chmod(record, 0o777);
      await mkdir(tools);
      for (const tool of ['kinit', 'kvno', 'kdestroy']) {
        const script = `#!/bin/sh\n{ echo "$0 $*"; env; } >> ${record}/$$\nexec /usr/bin/${tool} "$@"\n`;
        await writeFile(join(tools, tool), script, { mode: 0o755 });
      }
      const environment = { PATH: `${tools}:${process.env.PATH}`, LOG_LEVEL: 'debug', METRICS_INTERVAL: '1' };
      const running = await start({ user, name: 'spoken', environment });
      await running.state('healthy');
      await expect.poll(() => running.metrics.length).toBeGreaterThan(1);
      await directory.domain.setPassword(user, 'Another pass word 2');
      running.signal('SIGHUP');
      await running.state('degraded');

      const recorded = await readAll(record);
      expect(recorded).toMatch(/kinit -l .* -- spoken@CORP\.EXAMPLE\.COM/);
      expect(recorded).toMatch(/kvno .* -- MSSQLSvc/);
      expect(recorded).toContain(`KRB5_CONFIG=${running.privateDirectory}/krb5.conf`);
      expect(recorded).not.toContain(`KRB5_CONFIG=${running.shared}`);
      const everything = [
        recorded,
        await readAll(running.shared),
        await readAll(running.privateDirectory),
        running.text,
      ];
      for (const part of ['Pass word*1', 'CREDENTIALS']) {
        expect(everything.join('\n')).not.toContain(part);
      }
    });

    test('a killed sidecar takes over its ticket and TGT after a restart, and signs in no more than it must', async ({
      user,
      start,
    }) => {
      // Lifetimes so long that nothing is due before the end of the test.
      const environment = { TICKET_LIFETIME: '3600', TGT_LIFETIME: '36000' };
      const first = await start({ user, name: 'restart', environment });
      const before = await first.state('healthy');
      await first.stop('SIGKILL');
      const second = await start({ user, name: 'restart', environment });
      await second.next('ticket.adopted');
      expect(await second.state('healthy')).toEqual(before);
      await second.stop();
      expect(second.text).not.toContain('tgt.obtained');
    });
  });

export const endTests = () =>
  describe('when it is told to end', () => {
    test('the TGT is destroyed and the service ticket left on SIGTERM', async ({ user, start }) => {
      const running = await start({ user, name: 'shutdown' });
      await running.state('healthy');
      // The sidecar gives itself 900 ms, and after that exits with 1.
      expect(await running.stop()).toBe(0);
      expect(running.events.at(-1)).toMatchObject({ event: 'sidecar.stopped', signal: 'SIGTERM' });
      expect(await readdir(running.privateDirectory)).toEqual(['krb5.conf']);
      expect((await running.health()).exitCode).toBe(0);
    });

    test('it stops as fast while a domain controller keeps it waiting', async ({
      directory,
      user,
      start,
    }) => {
      const paused = join(directory.directory, 'paused-tools');
      await mkdir(paused);
      await writeFile(join(paused, 'kinit'), '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
      const running = await start({
        user,
        name: 'waiting',
        environment: { PATH: `${paused}:${process.env.PATH}` },
      });
      await running.state('starting');
      expect(await running.stop()).toBe(0);
      expect(running.events.at(-1)?.event).toBe('sidecar.stopped');
    });
  });

async function readAll(folder: string): Promise<string> {
  const files = await readdir(folder);
  return (await Promise.all(files.map((file) => readFile(join(folder, file), 'latin1')))).join('\n');
}
