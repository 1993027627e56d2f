import { readFile, rm, writeFile } from 'node:fs/promises';
import type { PublishedFile } from './published-file.ts';
import type { TicketStatus } from './ticket-status.ts';

/**
 * Room for the status, whatever the block size. It is released on a full disk, so that the state can still be reported.
 */
const reserveBytes = 16_384;

/** `ticket.json` in the shared folder. */
export interface StatusFile {
  write(status: TicketStatus): Promise<void>;
  /** The generation that an earlier run reached; 0 if there was none. */
  generation(): Promise<number>;
}

/** @param reserve the file that holds the reserved space, on the same file system as the status */
export function createStatusFile(file: PublishedFile, reserve: string): StatusFile {
  let reserved = false;

  async function keepReserve(): Promise<void> {
    try {
      await writeFile(reserve, Buffer.alloc(reserveBytes, '\n'), { mode: 0o600 });
      reserved = true;
    } catch {
      // A partial reserve would take the last free blocks and be useless.
      await rm(reserve, { force: true });
    }
  }

  return {
    async write(status) {
      const content = Buffer.from(`${JSON.stringify(status)}\n`);
      try {
        await file.publish(content);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') {
          throw error;
        }
        await rm(reserve, { force: true });
        reserved = false;
        await file.publish(content);
        return;
      }
      if (!reserved) {
        await keepReserve();
      }
    },
    async generation() {
      try {
        const { generation } = JSON.parse(await readFile(file.path, 'utf8')) as TicketStatus;
        return Number.isInteger(generation) ? generation : 0;
      } catch {
        return 0;
      }
    },
  };
}
