import { webPaths } from '@packages/contracts';
import type { Slot } from './task.ts';

/** Whether the web service that listens there can serve; no answer within ten seconds counts as no. */
export async function isReady({ address, port }: Pick<Slot, 'address' | 'port'>): Promise<boolean> {
  try {
    const response = await fetch(`http://${address}:${port}${webPaths.ready}`, {
      signal: AbortSignal.timeout(10_000),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
