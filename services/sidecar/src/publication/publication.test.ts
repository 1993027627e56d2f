import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPublishedFile } from './published-file.ts';
import { createStatusFile } from './status-file.ts';
import { type TicketStatus, ticketStatus } from './ticket-status.ts';

const status: TicketStatus = ticketStatus({ state: 'starting', spn: 'MSSQLSvc/a.b:1433', generation: 7 });

describe('a published file', () => {
  let folder: string;
  let path: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'published-'));
    path = join(folder, 'file');
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('is readable for the group, whatever the umask, and leaves no other file', async () => {
    await createPublishedFile(path).publish(Buffer.from('content'));
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect(await readdir(folder)).toEqual(['file']);
  });

  test('is another file each time, so that a reader of the old one reads on', async () => {
    const file = createPublishedFile(path);
    await file.publish(Buffer.from('one'));
    const { ino } = await stat(path);
    await file.publish(Buffer.from('two'));
    expect((await stat(path)).ino).not.toBe(ino);
  });

  test('keeps its old content when the new one cannot be put in place', async () => {
    const file = createPublishedFile(path);
    await file.publish(Buffer.from('one'));
    await mkdir(join(folder, 'file.next'));
    await expect(file.publish(Buffer.from('two'))).rejects.toThrow();
    expect(await readFile(path, 'utf8')).toBe('one');
    expect(await file.damage()).toBeUndefined();
  });

  test('is not damaged before there is one, nor by renewals while it is looked at', async () => {
    const file = createPublishedFile(path);
    expect(await file.damage()).toBeUndefined();
    const contents = Array.from({ length: 50 }, (_, index) => Buffer.alloc(1000, index));
    const looks = contents.flatMap((content) => [file.publish(content), file.damage()]);
    expect((await Promise.all(looks)).filter((damage) => damage)).toEqual([]);
  });

  test('of the status holds the generation for the next run, and room for a full disk', async () => {
    const reserve = join(folder, 'reserve');
    await createStatusFile(createPublishedFile(path), reserve).write(status);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(status);
    expect((await stat(reserve)).size).toBeGreaterThanOrEqual(8192);
    expect(await createStatusFile(createPublishedFile(path), reserve).generation()).toBe(7);
    await rm(path);
    expect(await createStatusFile(createPublishedFile(path), reserve).generation()).toBe(0);
  });
});
