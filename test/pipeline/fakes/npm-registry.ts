import { createHash, createSign, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { serverCertificate } from '../../../local/database/certificates.ts';

export interface Advisory {
  readonly severity: string;
  readonly package: string;
}

/** One published version of a package. */
interface Published {
  readonly version: string;
  readonly integrity: string;
}

/** An entry of a lock file. Entries of other platforms may lack a checksum. */
interface Locked {
  readonly name?: string;
  readonly version?: string;
  readonly integrity?: string;
  readonly inBundle?: boolean;
}

/**
 * An npm registry on loopback with what audits request: advisories, keys, and the packages of a lock file with their
 * signatures. It includes an empty key repository in place of sigstore's, which npm asks first.
 */
export class NpmRegistry {
  /** The advisories about packages. */
  advisories: readonly Advisory[] = [];
  /** The packages that the last audit asked about. */
  asked: Record<string, readonly string[]> = {};
  /** The keys that the registry publishes, or undefined if it has no such page. */
  keys:
    | readonly { readonly keyid: string; readonly key: string; readonly expires: string | null }[]
    | undefined;
  /** Changes the signatures of a package. */
  resign: (name: string, signatures: readonly object[]) => readonly object[] = (_, signatures) => signatures;
  readonly #keyPair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  readonly #published = new Map<string, Published[]>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'npm-registry-'));
  readonly #server = createServer((request, response) => this.#answer(request, response));
  readonly #keysServer = createServer();
  #caFile = '';

  /** @param lockFile the packages of this lock file are published here */
  constructor(lockFile: string) {
    const key = this.#keyPair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    this.keys = [{ keyid: 'SHA256:own', key, expires: null }];
    const { packages } = JSON.parse(readFileSync(lockFile, 'utf8')) as { packages: Record<string, Locked> };
    for (const [path, { name = path.split('node_modules/').at(-1) ?? '', ...entry }] of Object.entries(
      packages,
    )) {
      const {
        version,
        inBundle,
        integrity = `sha512-${createHash('sha512').update(path).digest('base64')}`,
      } = entry;
      if (!version || inBundle || !path.includes('node_modules/')) continue;
      this.#published.set(name, [...(this.#published.get(name) ?? []), { version, integrity }]);
    }
  }

  async start(): Promise<this> {
    await listen(this.#server);
    const host = 'tuf-repo-cdn.sigstore.dev';
    const { key, certificate, caFile } = await serverCertificate(join(this.#folder, 'tls'), host);
    this.#caFile = caFile;
    const root = keysRepository();
    const tls = createTlsServer({ key, cert: certificate }, ({ url = '' }, response) => {
      const body = root.files[url.slice(1)];
      response.writeHead(body ? 200 : 404).end(body);
    });
    // npm reaches sigstore through this proxy, with a CONNECT request for the host.
    this.#keysServer.on('connect', (_: IncomingMessage, socket: Socket) => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      tls.emit('connection', socket);
    });
    await listen(this.#keysServer);
    const cached = join(this.#folder, 'cache', '_tuf', host);
    mkdirSync(cached, { recursive: true });
    writeFileSync(join(cached, 'root.json'), root.root);
    return this;
  }

  /** Environment variables that make npm use this registry and key repository. */
  get environment(): Record<string, string> {
    const port = (server: { address(): unknown }) => (server.address() as AddressInfo | null)?.port ?? 9;
    return {
      npm_config_registry: `http://127.0.0.1:${port(this.#server)}`,
      npm_config_cache: join(this.#folder, 'cache'),
      npm_config_fetch_retries: '0',
      HTTPS_PROXY: `http://127.0.0.1:${port(this.#keysServer)}`,
      NO_PROXY: '127.0.0.1',
      NODE_EXTRA_CA_CERTS: this.#caFile,
    };
  }

  stop(): void {
    for (const server of [this.#server, this.#keysServer]) {
      server.close();
      server.closeAllConnections();
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const { url = '' } = request;
    const answer = (body: unknown) => {
      response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body ?? {}));
    };
    if (url.endsWith('/advisories/bulk')) {
      this.asked = JSON.parse(
        (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8'),
      );
      answer(this.#known());
    } else if (url === '/-/npm/v1/keys') answer(this.keys && { keys: this.keys.map(withKind) });
    else answer(this.#package(decodeURIComponent(url.slice(1))));
  }

  #known() {
    const found = this.advisories.filter((one) => one.package in this.asked);
    return Object.fromEntries(
      found.map((one, index) => [
        one.package,
        [
          {
            id: index + 1,
            url: `https://github.com/advisories/GHSA-aaaa-bbbb-000${index}`,
            title: 'Something can be done that should not',
            severity: one.severity,
            vulnerable_versions: '*',
            cwe: [],
            cvss: { score: 0, vectorString: null },
          },
        ],
      ]),
    );
  }

  #package(name: string) {
    const versions = this.#published.get(name);
    if (!versions) return undefined;
    return {
      name,
      'dist-tags': { latest: versions[0]?.version },
      time: Object.fromEntries(versions.map(({ version }) => [version, '2026-01-01T00:00:00.000Z'])),
      versions: Object.fromEntries(
        versions.map(({ version, integrity }) => [version, this.#version(name, version, integrity)]),
      ),
    };
  }

  #version(name: string, version: string, integrity: string) {
    const text = `${name}@${version}:${integrity}`;
    const sig = createSign('SHA256').update(text).sign(this.#keyPair.privateKey, 'base64');
    const signatures = this.resign(name, [{ keyid: 'SHA256:own', sig }]);
    const tarball = `${this.environment.npm_config_registry}/${name}/-/${version}.tgz`;
    return { name, version, dist: { tarball, integrity, ...(signatures.length > 0 && { signatures }) } };
  }
}

const withKind = (key: object) => ({ ...key, keytype: 'ecdsa-sha2-nistp256', scheme: 'ecdsa-sha2-nistp256' });

async function listen(server: {
  listen(port: number, host: string, done: () => void): unknown;
}): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

/**
 * A repository of The Update Framework without targets, and the root that clients must trust.
 *
 * @see https://theupdateframework.github.io/specification/latest/
 */
function keysRepository() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex');
  const keyid = 'a'.repeat(64);
  const role = { keyids: [keyid], threshold: 1 };
  const file = (_type: string, members: object) => {
    const signed = sorted({
      _type,
      expires: '2999-01-01T00:00:00Z',
      spec_version: '1.0.31',
      version: 1,
      ...members,
    });
    const sig = sign(null, Buffer.from(JSON.stringify(signed)), privateKey).toString('hex');
    return JSON.stringify({ signed, signatures: [{ keyid, sig }] });
  };
  const root = file('root', {
    consistent_snapshot: true,
    keys: { [keyid]: { keytype: 'ed25519', keyval: { public: raw }, scheme: 'ed25519' } },
    roles: { root: role, snapshot: role, targets: role, timestamp: role },
  });
  return {
    root,
    files: {
      'timestamp.json': file('timestamp', { meta: { 'snapshot.json': { version: 1 } } }),
      '1.snapshot.json': file('snapshot', { meta: { 'targets.json': { version: 1 } } }),
      '1.targets.json': file('targets', { targets: {} }),
    } as Readonly<Record<string, string>>,
  };
}

/** A copy with sorted keys, because signatures are made over such texts. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
