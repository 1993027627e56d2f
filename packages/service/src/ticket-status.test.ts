import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTicketStatus } from './ticket-status.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ticket-status-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** As the sidecar writes it. */
const ticket = {
  state: 'healthy',
  principal: 'db-user@CORP.EXAMPLE.COM',
  spn: 'MSSQLSvc/music-db.corp.example.com:1433',
  startsAt: '2026-11-24T08:00:00.000Z',
  endsAt: '2026-11-24T18:00:00.000Z',
  encryptionType: 'aes256-cts-hmac-sha1-96',
  generation: 3,
  lastError: null,
};

function status(content: string, now: string) {
  const path = join(folder, 'ticket.json');
  writeFileSync(path, content);
  return readTicketStatus(path, new Date(now));
}

test('a good ticket has its remaining time', async () => {
  expect(await status(JSON.stringify(ticket), '2026-11-24T17:59:00.500Z')).toEqual({
    state: 'good',
    startsAt: new Date(ticket.startsAt),
    endsAt: new Date(ticket.endsAt),
    remainingSeconds: 59,
  });
});

test('a ticket is judged by its end, whatever the state of its renewal', async () => {
  expect(
    await status(JSON.stringify({ ...ticket, state: 'degraded' }), '2026-11-24T09:00:00Z'),
  ).toMatchObject({
    state: 'good',
  });
  expect(await status(JSON.stringify(ticket), '2026-11-24T18:00:00Z')).toMatchObject({
    state: 'expired',
    remainingSeconds: 0,
  });
});

test('no ticket yet', async () => {
  expect(await readTicketStatus(join(folder, 'nothing.json'))).toEqual({ state: 'missing' });
  const starting = { ...ticket, state: 'starting', startsAt: null, endsAt: null };
  expect(await status(JSON.stringify(starting), '2026-11-24T09:00:00Z')).toEqual({ state: 'missing' });
});

test.for(['', '{', '[]', '{"state":"healthy","endsAt":"tomorrow"}', 'null'])(
  'unreadable: %j',
  async (content) => {
    expect(await status(content, '2026-11-24T09:00:00Z')).toEqual({ state: 'unreadable' });
  },
);

test('a folder in place of the file is unreadable, not an error', async () => {
  expect(await readTicketStatus(folder)).toEqual({ state: 'unreadable' });
});
