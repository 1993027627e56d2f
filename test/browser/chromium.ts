import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { patience } from '../../local/processes/within.ts';

export interface Chromium {
  readonly browser: Browser;
  close(): Promise<void>;
}

/** Debian's Chromium without its windows and menus, with all that it would ask the internet for switched off. */
export async function launchChromium(): Promise<Chromium> {
  const home = await mkdtemp(join(tmpdir(), 'chromium-'));
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium-headless-shell',
    timeout: patience,
    // What it keeps apart from its profile (crash reports, font caches) goes with it too.
    env: { PATH: process.env.PATH ?? '', HOME: home, TMPDIR: home },
    args: [
      // Its sandbox does not start for root, as which the tests of a domain run.
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
