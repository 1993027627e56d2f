import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { patience } from '../../local/processes/within.ts';
import { type MusicSite, startMusicSite } from '../../services/web/test/music-site.ts';
import { type Chromium, launchChromium } from './chromium.ts';

let music: MusicSite;
let chromium: Chromium;
let url: string;
let context: BrowserContext | undefined;
beforeAll(async () => {
  [music, chromium] = await Promise.all([startMusicSite(), launchChromium()]);
  ({ url } = await music.startWeb({ SHOW_LOGIN: 'true' }));
});
afterEach(async () => {
  await context?.close();
  context = undefined;
});
afterAll(async () => {
  await chromium?.close();
  await music?.dispose();
});

interface Visit {
  readonly page: Page;
  /** Complaints of the browser: errors, and anything that the content security policy blocked. */
  readonly complaints: string[];
}

async function visit(
  path: string,
  options: { width?: number; height?: number; dark?: boolean; scripts?: boolean } = {},
): Promise<Visit> {
  const { width = 1440, height = 900, dark = false, scripts = true } = options;
  context = await chromium.browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    javaScriptEnabled: scripts,
  });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText}`));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== url) complaints.push(`asks elsewhere: ${request.url()}`);
  });
  await page.goto(`${url}${path}`, { waitUntil: 'load' });
  return { page, complaints };
}

async function accessibilityProblems(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
  );
}

const devices = [
  ['phone', { width: 390, height: 844 }],
  ['small phone, dark', { width: 320, height: 568, dark: true }],
  ['tablet', { width: 820, height: 1180 }],
  ['desktop', { width: 1440, height: 900 }],
  ['desktop, dark', { width: 1920, height: 1080, dark: true }],
] as const;

test.for(devices)(
  'on a %s: login and five albums, nothing cut off, no complaints from the browser or axe',
  async ([, device]) => {
    const { page, complaints } = await visit('/', device);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Hello World');
    expect(await page.getByRole('definition').allInnerTexts()).toEqual([
      'CORP\\db-user',
      'KERBEROS',
      expect.stringMatching(/^Lives for another \d+ h/),
    ]);
    expect(await page.getByRole('heading', { level: 3 }).count()).toBe(5);
    const { scrolls, fonts } = (await page.evaluate(`document.fonts.ready.then(() => ({
      scrolls: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      fonts: [...document.fonts].filter(({ status }) => status === 'loaded').length,
    }))`)) as { scrolls: number; fonts: number };
    expect(scrolls, 'pixels to scroll sideways').toBe(0);
    expect(fonts).toBeGreaterThanOrEqual(1);
    expect(complaints).toEqual([]);
    expect(await accessibilityProblems(page)).toEqual([]);
  },
);

test('the login is hidden unless the configuration shows it', async () => {
  const { url: quiet } = await music.startWeb();
  const text = await (await fetch(quiet)).text();
  expect(text).toContain('KERBEROS');
  expect(text).not.toContain('db-user');
});

test('it reads the same without scripts', async () => {
  const { page, complaints } = await visit('/', { scripts: false });
  expect(await page.getByText('CORP\\db-user').isVisible()).toBe(true);
  expect(await page.getByRole('heading', { level: 3 }).count()).toBe(5);
  expect(complaints).toEqual([]);
});

test('"Pick again", by keyboard alone, eventually shows other albums', async () => {
  const { page } = await visit('/');
  const albums = () => page.getByRole('heading', { level: 3 }).allInnerTexts();
  const first = await albums();
  for (let pick = 0; pick < 10; pick++) {
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Pick again');
    await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
    if ((await albums()).join() !== first.join()) return;
  }
  expect.unreachable('ten picks gave the same albums');
});

test('the content security policy blocks scripts, including injected ones', async () => {
  const { page, complaints } = await visit('/');
  await page.evaluate(`{
    const script = document.createElement('script');
    script.textContent = 'document.title = "taken over"';
    document.body.append(script);
  }`);
  expect(await page.title()).toBe('Hello World · Music store');
  expect(complaints.join()).toContain('Content Security Policy');
});

test('an unknown address shows an accessible page with a link back', async () => {
  const { page } = await visit('/no-such-page', { width: 390, height: 844 });
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Nothing here');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('link', { name: 'To the start page' }).click();
  await page.getByRole('heading', { name: 'Hello World' }).waitFor();
});
