import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { publishKeytab } from './given-sql-server.ts';

test('a keytab is written to the existing file that the server can read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'given-sql-server-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [keytab, place] = [join(folder, 'site.keytab'), join(folder, 'server.keytab')];
  writeFileSync(keytab, 'keys', { mode: 0o600 });
  writeFileSync(place, 'older and longer keys', { mode: 0o640 });
  const mode = statSync(place).mode;
  await publishKeytab(keytab, place);
  expect({ text: readFileSync(place, 'utf8'), mode: statSync(place).mode }).toEqual({ text: 'keys', mode });
});
