import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type SecureVersion, type TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { issueCertificate } from '../../../../local/testing/tds-server/certificate.ts';
import { channelBindingOf } from './channel-binding.ts';

const certificate = await issueCertificate('localhost');

/** Inspects both ends of a TLS connection, then of a second one that resumes the session. */
async function twice(maxVersion: SecureVersion, look: (client: TLSSocket, server: TLSSocket) => void) {
  const accepted: TLSSocket[] = [];
  const listener = createServer({ ...certificate, maxVersion }, (socket) => {
    accepted.push(socket);
    socket.on('error', () => {});
    socket.write('x');
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  let session: Buffer | undefined;
  for (let time = 0; time < 2; time += 1) {
    const { port } = listener.address() as AddressInfo;
    const client = connect({ port, ca: certificate.ca, servername: 'localhost', session });
    await once(client, 'data');
    session = client.getSession();
    look(client, accepted[time] as TLSSocket);
    client.destroy();
  }
  listener.close();
}

test("TLS 1.2: the first Finished message, which is the server's if a session is resumed", async () => {
  const resumed: boolean[] = [];
  const bindings = new Set<string>();
  await twice('TLSv1.2', (client, server) => {
    resumed.push(client.isSessionReused());
    const first = client.isSessionReused() ? server.getFinished() : server.getPeerFinished();
    expect(channelBindingOf(client)).toEqual(Buffer.concat([Buffer.from('tls-unique:'), first as Buffer]));
    bindings.add(String(channelBindingOf(client)?.toString('hex')));
  });
  expect(resumed).toEqual([false, true]);
  expect(bindings.size).toBe(2);
});

test('TLS 1.3 has none, and neither has a connection without TLS', async () => {
  await twice('TLSv1.3', (client) => {
    expect(client.getProtocol()).toBe('TLSv1.3');
    expect(channelBindingOf(client)).toBeUndefined();
  });
  expect(channelBindingOf(undefined)).toBeUndefined();
});
