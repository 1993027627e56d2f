import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { patience } from '../../local/processes/within.ts';

export interface Chromium {
  readonly browser: Browser;
  close(): Promise<void>;
}

/** Starts Debian's Chromium headless, with all its own requests to the internet switched off. */
export async function launchChromium(): Promise<Chromium> {
  const home = await mkdtemp(join(tmpdir(), 'chromium-'));
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium-headless-shell',
    timeout: patience,
    // Files outside its profile (crash reports, font caches) also go into this folder and are removed with it.
    env: { PATH: process.env.PATH ?? '', HOME: home, TMPDIR: home },
    args: [
      // Its sandbox does not start for root, and the tests with a domain run as root.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return {
    browser,
    async close() {
      await browser.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
