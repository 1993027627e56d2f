import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A file that the page loads, under an address that changes with its content. */
export interface Asset {
  /** Such as `/assets/page-3f2a9c41d0be.css`. */
  readonly path: string;
  readonly type: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

const font = '@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque';
const latin = asset(
  'latin.woff2',
  'font/woff2',
  load(import.meta.resolve(`${font}-latin-wght-normal.woff2`)),
);
const latinExtended = asset(
  'latin-extended.woff2',
  'font/woff2',
  load(import.meta.resolve(`${font}-latin-ext-wght-normal.woff2`)),
);
const styleSheet = load(new URL('./assets/page.css', import.meta.url))
  .toString()
  .replace('latin.woff2', latin.path)
  .replace('latin-extended.woff2', latinExtended.path);

/** Everything that the page loads; read once, when this module is loaded. */
export const assets = {
  latin,
  latinExtended,
  style: asset('page.css', 'text/css; charset=utf-8', Buffer.from(styleSheet)),
  icon: asset('icon.svg', 'image/svg+xml', load(new URL('./assets/icon.svg', import.meta.url))),
} as const;

function load(url: URL | string): Buffer {
  return readFileSync(new URL(url));
}

function asset(name: string, type: string, content: Buffer): Asset {
  const fingerprint = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return { path: `/assets/${name.replace('.', `-${fingerprint}.`)}`, type, content: new Uint8Array(content) };
}
