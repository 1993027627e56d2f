import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { fetchScript } from './script.ts';

const text = "INSERT INTO Artist VALUES (N'Björk')\n";
const sha256 = (octets: string | Buffer) => createHash('sha256').update(octets).digest('hex');
const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** Serves one answer, and returns the address of a script there. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/scripts/chinook.sql?signature=1`;
}

test.each([
  ['UTF-8', Buffer.from(text)],
  ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${text}`)],
  ['UTF-16', Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ['UTF-16 in the other order', Buffer.from(`\uFEFF${text}`, 'utf16le').swap16()],
])('a script in %s is fetched, and named after its file', async (_, octets) => {
  const url = await serve((_request, response) => response.end(octets));
  const found = await fetchScript({ url, sha256: sha256(octets).toUpperCase() });
  expect(found).toEqual({ name: 'chinook.sql', text, sha256: sha256(octets) });
});

test('a script with another hash than configured is refused, and its hash is shown', async () => {
  const url = await serve((_request, response) => response.end(`${text}DROP TABLE Artist`));
  await expect(fetchScript({ url, sha256: sha256(text) })).rejects.toThrow(
    `The script at ${url.replace(/\?.*/, '')} has the SHA-256 ${sha256(`${text}DROP TABLE Artist`)}, not ${sha256(text)}: if the change ` +
      'is intended, put the new hash into the configuration.',
  );
});

test('an error status, a closed port and an unknown host are each reported in one sentence', async () => {
  const forbidden = await serve((_request, response) => response.writeHead(403).end());
  const cut = await serve((request) => request.socket.destroy());
  const closed = cut.replace(/:\d+/, ':9');
  const expected: [string, string][] = [
    [forbidden, 'the answer is 403'],
    [cut, 'other side closed'],
    [closed, 'bad port|ECONNREFUSED'],
    ['https://script.invalid/chinook.sql', 'script.invalid'],
  ];
  for (const [url, cause] of expected) {
    const failure = await fetchScript({ url, sha256: sha256(text) }).catch((error: Error) => error.message);
    expect(failure).toMatch(
      new RegExp(`^The script at \\S+ cannot be fetched \\(.*(${cause}).*\\): give an address`),
    );
    expect(failure).not.toMatch(/\n|signature/);
  }
});

test('a file that is not text is refused', async () => {
  const octets = Buffer.from([0x50, 0x4b, 0x03, 0x04, 0xff, 0xfe, 0x80]);
  const url = await serve((_request, response) => response.end(octets));
  await expect(fetchScript({ url, sha256: sha256(octets) })).rejects.toThrow(
    'The script chinook.sql is neither UTF-8 nor UTF-16: save it as UTF-8.',
  );
});
