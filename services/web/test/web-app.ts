import { PassThrough } from 'node:stream';
import type { TicketStatus } from '@packages/service';
import pino from 'pino';
import { createApp } from '../src/app.ts';
import type { MusicDatabase } from '../src/music/music-database.ts';
import { scriptedMusicDatabase } from './scripted-music-database.ts';

export interface ScriptedApp {
  readonly database?: Partial<MusicDatabase>;
  readonly ticket?: TicketStatus;
  readonly draining?: boolean;
  readonly task?: string;
  readonly showLogin?: boolean;
  /** Default: `debug`. */
  readonly logLevel?: string;
}

const hour = 3600;

/** A ticket with most of its ten hours left. */
export const goodTicket: TicketStatus = {
  state: 'good',
  startsAt: new Date(Date.now() - 2 * hour * 1000),
  endsAt: new Date(Date.now() + 8 * hour * 1000),
  remainingSeconds: 8 * hour,
};

/** The app with a scripted database, and the log lines it wrote. */
export function scriptedApp({
  database,
  ticket = goodTicket,
  draining = false,
  task = 'task-1',
  showLogin = false,
  logLevel = 'debug',
}: ScriptedApp = {}) {
  const log: Record<string, unknown>[] = [];
  const stream = new PassThrough();
  stream.on('data', (line: Buffer) => log.push(JSON.parse(line.toString())));
  const app = createApp({
    database: scriptedMusicDatabase(database),
    ticket: async () => ticket,
    logger: pino({ level: logLevel, formatters: { level: (label) => ({ level: label }) } }, stream),
    lifecycle: { draining },
    task,
    readinessTimeoutSeconds: 1,
    showLogin,
  });
  return { app, log };
}
