import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { vi } from 'vitest';
import { type Listening, tcpServer } from '../../../../local/testing/message-servers.ts';
import { type MitKdcs, startMitKdcs } from '../../../../local/testing/mit-kdc.ts';
import { createKdcOrder } from '../../src/kerberos/kdc-order.ts';
import { createKerberosTools, type KerberosTools } from '../../src/kerberos/kerberos-tools.ts';
import { renderKrb5Conf } from '../../src/kerberos/krb5-conf.ts';
import { replaceFile } from '../../src/publication/replace-file.ts';
import { krbError } from '../impostor-kdc.ts';

export const realm = 'CORP.EXAMPLE.COM';
export const password = 'The right word';
export const host = 'music-db.corp.example.com';

export interface ToolsOptions {
  readonly kdcs?: readonly string[];
  /** The tools' environment; they are looked up in its `PATH`. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly privateDirectory?: string;
  readonly renewableLifetime?: number;
}

/** The sidecar's tools, in a private folder. */
export interface PlacedTools extends KerberosTools {
  readonly tgtFile: string;
}

/** One MIT KDC for all failures, and fake KDCs that answer with anything. */
export interface FailureSite {
  readonly kdc: string;
  readonly kadmin: (command: string) => Promise<string>;
  tools(options?: ToolsOptions): Promise<PlacedTools>;
  /** Tools that have signed in as the user `reader`, at the real KDC. */
  signedIn(options?: ToolsOptions): Promise<PlacedTools>;
  /** A KDC that answers every request with this error of RFC 4120, section 7.5.9. */
  refusing(code: number, data?: Buffer): Promise<string>;
  /** A KDC that accepts connections and does not answer. */
  mute(): Promise<string>;
  /** A new folder, on a file system that is full, read-only, or normal. */
  folder(kind: 'full' | 'read-only' | 'usual'): Promise<string>;
  dispose(): Promise<void>;
}

export async function startFailureSite(): Promise<FailureSite> {
  const directory = await mkdtemp(join(tmpdir(), 'failures-'));
  const kdcs: MitKdcs = await startMitKdcs([{ name: realm, settings: ['max_renewable_life = 1d'] }]);
  const listening: Listening[] = [];
  const mounted: string[] = [];

  async function listen(server: Promise<Listening>): Promise<string> {
    const started = await server;
    listening.push(started);
    return `${started.host}:${started.port}`;
  }

  const site: FailureSite = {
    kdc: kdcs.address(realm),
    kadmin: (command) => kdcs.kadmin(realm, command),
    async tools(options = {}) {
      const privateDirectory = options.privateDirectory ?? (await site.folder('usual'));
      const krb5Conf = join(await site.folder('usual'), 'krb5.conf');
      const conf = (listed: readonly string[]) =>
        renderKrb5Conf({
          ...{ domain: realm.toLowerCase(), realm, kdcs: listed, server: { host, realm } },
          ...{ serverKdcs: [], encryptionTypes: 'aes' },
        });
      const listed = options.kdcs ?? [site.kdc];
      await writeFile(krb5Conf, conf(listed));
      const kdcOrder = createKdcOrder(listed, (order) => replaceFile(krb5Conf, conf(order), { mode: 0o600 }));
      // The tools copy their environment when they are created.
      for (const [name, value] of Object.entries(options.environment ?? {})) vi.stubEnv(name, value);
      const tools = createKerberosTools({
        ...{ krb5Conf, kdcOrder, privateDirectory, realm },
        ...{ ticketLifetime: 60, tgtLifetime: 300, renewableLifetime: options.renewableLifetime ?? 600 },
      });
      vi.unstubAllEnvs();
      return { ...tools, tgtFile: join(privateDirectory, 'tgt') };
    },
    async signedIn(options = {}) {
      const privateDirectory = options.privateDirectory ?? (await site.folder('usual'));
      await (await site.tools({ privateDirectory })).obtainTgt('reader', password);
      return site.tools({ ...options, privateDirectory });
    },
    refusing: (code, data) =>
      listen(
        tcpServer((_, socket) => {
          const error = krbError(realm, code, data);
          const length = Buffer.alloc(4);
          length.writeUInt32BE(error.length);
          // Close the connection, because MIT's client waits for more from an unavailable domain controller as long as
          // it is open.
          socket.end(Buffer.concat([length, error]));
          return undefined;
        }),
      ),
    mute: () => listen(tcpServer(() => undefined)),
    async folder(kind) {
      const folder = await mkdtemp(join(directory, `${kind}-`));
      if (kind === 'usual') return folder;
      await execa('mount', ['-t', 'tmpfs', '-o', 'size=16k,mode=755', 'tmpfs', folder]);
      mounted.push(folder);
      if (kind === 'full') {
        await writeFile(join(folder, 'filler'), Buffer.alloc(100_000)).catch(() => {});
      } else {
        await execa('mount', ['-o', 'remount,ro', folder]);
      }
      return folder;
    },
    async dispose() {
      await Promise.all(listening.map((server) => server.stop()));
      await Promise.all(mounted.map((folder) => execa('umount', ['-l', folder])));
      await kdcs.dispose();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return site;
}

/** A folder for `PATH` whose kinit runs without a working DNS server, and affects nothing else. */
export async function withoutResolver(site: FailureSite): Promise<string> {
  const folder = await site.folder('usual');
  const { stdout: kinit } = await execa('sh', ['-c', 'command -v kinit']);
  await writeFile(join(folder, 'resolv.conf'), 'nameserver 127.81.255.254\n');
  const script = `mount --bind ${folder}/resolv.conf /etc/resolv.conf && exec ${kinit} "$@"`;
  await writeFile(join(folder, 'kinit'), `#!/bin/sh\nexec unshare -m sh -c '${script}' sh "$@"\n`);
  await chmod(join(folder, 'kinit'), 0o755);
  return `${folder}:${process.env.PATH}`;
}
