import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startDirectoryDns } from '../../../../local/containers/directory-dns.ts';
import { silentPort } from '../../../../local/testing/silent-port.ts';
import { krbError } from '../impostor-kdc.ts';
import { answerSeconds } from './doctor-process.ts';
import { type DoctorSite, expectFailure } from './doctor-site.ts';

/** Names, ports and clocks. */
export function networkFaults(get: () => DoctorSite): void {
  test('name servers: they find the domain controllers; another one that is silent is a warning', async () => {
    const site = get();
    const { domain, network } = { domain: site.domain, network: site.address.replace(/\.\d+$/, '') };
    const dns = await startDirectoryDns({
      ...{ address: `${network}.53`, domains: [domain.name] },
      ...{ hosts: [domain.hosts], stateDirectory: site.directory },
    });
    try {
      const environment = { DIRECTORY_KDCS: undefined };
      const well = await site.doctor({ environment, resolvConf: `nameserver ${dns.address}\n` });
      expect(well.failures, well.text).toEqual([]);
      expect(well.find('directory-name')?.detail).toContain(`as DNS names them: dc1.${domain.name}`);
      expect(well.find('name-servers')).toMatchObject({ status: 'passed' });

      const beside = `nameserver ${dns.address}\nnameserver ${network}.54\n`;
      const half = await site.doctor({ environment, resolvConf: beside });
      expect(half.failures, half.text).toEqual([]);
      expect(half.find('name-servers')).toMatchObject({
        ...{ status: 'warning', code: 'NAME_SERVER_SILENT', ask: 'network' },
        detail: expect.stringContaining(`${network}.54`),
      });

      const unknown = await site.doctor({
        environment: { ...environment, DIRECTORY_DOMAIN: 'corp.example.org' },
        resolvConf: `nameserver ${dns.address}\n`,
      });
      expect(unknown.failures[0]).toBe('directory-name');
      expect(unknown.find('directory-name')).toMatchObject({ ask: 'network', status: 'failed' });
    } finally {
      await dns.stop();
    }
  });

  test('name servers: none answers', async () => {
    const run = await get().doctor({
      environment: { DIRECTORY_KDCS: undefined },
      resolvConf: `nameserver ${get().address.replace(/\.\d+$/, '')}.54\n`,
    });
    expect(run.failures).toEqual(['directory-name', 'name-servers']);
    expect(run.find('name-servers')).toMatchObject({ code: 'NAME_SERVER_SILENT', ask: 'network' });
    expect(run.find('password')).toMatchObject({ status: 'skipped', detail: 'Needs a domain controller.' });
    expect(run.find('tls-name')?.status).toBe('passed');
  });

  test('name servers: the only one answers with an error', async () => {
    const address = get().address.replace(/\.\d+$/, '.55');
    const server = createSocket('udp4');
    // Return the query as a response with SERVFAIL (RFC 1035, section 4.1.1).
    server.on('message', (query, from) => {
      const answer = Buffer.from(query);
      answer.writeUInt16BE(0x8182, 2);
      server.send(answer, from.port, from.address);
    });
    server.bind(53, address);
    await once(server, 'listening');
    try {
      const run = await get().doctor({
        environment: { DIRECTORY_KDCS: undefined },
        resolvConf: `nameserver ${address}\n`,
      });
      expect(run.failures).toEqual(['directory-name', 'name-servers']);
      expect(run.find('name-servers')).toMatchObject({ code: 'NAME_SERVER_FAILS', ask: 'network' });
    } finally {
      server.close();
    }
  });

  test('controller: DNS names one that has no address', async () => {
    const { domain, address, server, host, directory, doctor } = get();
    const hosts = join(directory, 'only-sql-server');
    await writeFile(hosts, `${server.address} ${host}\n`);
    const dns = await startDirectoryDns({
      ...{ address: address.replace(/\.\d+$/, '.56'), domains: [domain.name] },
      ...{ hosts: [], stateDirectory: directory },
    });
    try {
      const environment = { DIRECTORY_KDCS: undefined, NSS_WRAPPER_HOSTS: hosts };
      const run = await doctor({ environment, resolvConf: `nameserver ${dns.address}\n` });
      expectFailure(run, 'directory-name', {
        ...{
          code: 'CONTROLLER_NOT_FOUND',
          ask: 'network',
          detail: /dc1\.corp\.example\.com does not resolve/,
        },
      });
      expect(run.find('server-name')?.status).toBe('passed');
    } finally {
      await dns.stop();
    }
  });

  test('server name: it does not resolve', async () => {
    const run = await get().doctor({ environment: { SQL_SERVER: `nowhere.${get().domain.name}` } });
    expectFailure(run, 'server-name', { code: 'HOST_NOT_FOUND', ask: 'network', detail: /nowhere/ });
  });

  test('controller: nothing listens on port 88, and one of two is enough', async () => {
    const site = get();
    const closed = site.address.replace(/\.\d+$/, '.99');
    const none = await site.doctor({ environment: { DIRECTORY_KDCS: closed } });
    expectFailure(none, 'controller', { code: 'CONTROLLER_REFUSES', ask: 'directory', detail: /refuses/ });
    const one = await site.doctor({ environment: { DIRECTORY_KDCS: [closed, ...site.domain.kdcs].join() } });
    expect(one.failures, one.text).toEqual([]);
    expect(one.findings.filter(({ check }) => check === 'controller')).toMatchObject([
      { status: 'warning', code: 'CONTROLLER_REFUSES' },
      { status: 'passed' },
    ]);
  });

  test('controller: a firewall drops packets', async () => {
    const silent = await silentPort(get().address.replace(/\.\d+$/, '.98'), 88);
    try {
      const run = await get().doctor({ environment: { DIRECTORY_KDCS: silent.address } });
      expectFailure(run, 'controller', {
        code: 'CONTROLLER_SILENT',
        ask: 'network',
        detail: new RegExp(`no answer in ${answerSeconds} s`),
      });
    } finally {
      silent.stop();
    }
  });

  test.for([
    ['says nothing', '', 'CONTROLLER_ANSWERS_NOTHING'],
    ['speaks HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'CONTROLLER_ANSWERS_NOTHING'],
    ['speaks nonsense of the right length', message(Buffer.from('what')), 'CONTROLLER_FOREIGN'],
    ['serves another domain', message(krbError('OTHER.EXAMPLE.COM', 68)), 'REALM_WRONG'],
  ] as const)('controller: what listens on port 88 %s', async ([, answer, code]) => {
    const address = get().address.replace(/\.\d+$/, '.97');
    const server = createServer((socket) => {
      socket.on('error', () => {});
      if (answer) socket.end(answer);
    });
    server.listen(88, address);
    await once(server, 'listening');
    try {
      const run = await get().doctor({ environment: { DIRECTORY_KDCS: address } });
      expectFailure(run, 'controller', { code, ask: 'directory', detail: /\.97:88/ });
    } finally {
      server.close();
    }
  });

  test.for([
    ['+10m', 'ahead of'],
    ['-10m', 'behind'],
  ] as const)('clock: it goes wrong by %s', async ([clock, how]) => {
    const run = await get().doctor({ clock });
    expect(run.exitCode).toBe(1);
    // By a slow clock, the certificate of the test's server is not valid yet.
    expect(run.failures).toEqual(clock === '+10m' ? ['clock'] : ['clock', 'tls-authority']);
    expect(run.find('clock')).toMatchObject({
      ...{ code: 'CLOCK_SKEW', ask: 'directory' },
      detail: expect.stringMatching(new RegExp(`(59\\d|60\\d) seconds ${how}`)),
    });
  });

  test('a signal ends it immediately, even while it waits', async () => {
    const silent = await silentPort(get().address.replace(/\.\d+$/, '.96'), 88);
    try {
      let killed = false;
      const run = await get().doctor({
        environment: { DIRECTORY_KDCS: silent.address },
        args: ['--timeout', '900'],
        watch: (text, kill) => {
          if (killed || !text.includes('name-servers')) return;
          killed = true;
          kill('SIGINT');
        },
      });
      expect(run.exitCode).toBe(130);
      expect(run.text).toMatch(/Stopped\.\n$/);
    } finally {
      silent.stop();
    }
  });
}

/** A message over TCP (RFC 4120, section 7.2.2). */
function message(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}
