import { html, raw } from 'hono/html';
import type { Album } from '../music/music-database.ts';
import type { Html } from './layout.ts';

/** The colours of a sleeve: paper, shape and accent. */
type Palette = readonly [string, string, string];

const palettes: readonly Palette[] = [
  ['#e9dcc3', '#b5381f', '#1f2a30'],
  ['#17324d', '#f2b134', '#ed553b'],
  ['#f2c9b8', '#2a4d3e', '#d9483b'],
  ['#2b2430', '#e07a5f', '#f4f1de'],
  ['#c6d8d3', '#331832', '#d81e5b'],
  ['#f0b429', '#243b53', '#f7f3e8'],
  ['#234f4a', '#f4e4c1', '#e2643f'],
  ['#d5cfe1', '#5c2751', '#ef798a'],
];

/**
 * Draws a sleeve for an album from its id alone, so that an album always has the same one. Uses only presentation
 * attributes, which a content security policy without inline styles allows.
 */
export function albumCover(album: Album): Html {
  const bits = scramble(album.id);
  const palette = palettes[bits % palettes.length] as Palette;
  const drawing = drawings[(bits >>> 3) % drawings.length] as Drawing;
  return html`<svg class="cover" viewBox="0 0 120 120" aria-hidden="true" focusable="false">
    <rect width="120" height="120" fill="${palette[0]}"/>${raw(drawing(bits >>> 6, palette))}
  </svg>`;
}

type Drawing = (bits: number, palette: Palette) => string;

/** The drawings need no escaping, because their markup consists only of numbers and the colours above. */
const drawings: readonly Drawing[] = [rings, bars, quarters, dots, sunset, arches];

function rings(bits: number, [paper, shape, accent]: Palette): string {
  const x = 30 + (bits % 4) * 20;
  const y = 30 + ((bits >>> 2) % 4) * 20;
  const circles = [58, 46, 34, 22].map((r, i) => circle(x, y, r, i % 2 ? paper : shape));
  return circles.join('') + circle(x, y, 10, accent);
}

function bars(bits: number, [, shape, accent]: Palette): string {
  return times(8, (i) => {
    const height = 24 + ((bits >>> (i * 2)) % 4) * 20;
    return rect(12 + i * 12.4, 108 - height, 9, height, i === bits % 8 ? accent : shape);
  });
}

function quarters(bits: number, [, shape, accent]: Palette): string {
  return times(9, (i) => {
    const x = (i % 3) * 40;
    const y = Math.floor(i / 3) * 40;
    const turn = ((bits >>> (i * 2)) % 4) * 90;
    const fill = i === bits % 9 ? accent : shape;
    return `<path d="M0 0H40A40 40 0 0 1 0 40Z" fill="${fill}" transform="translate(${x} ${y}) rotate(${turn} 20 20)"/>`;
  });
}

function dots(bits: number, [, shape, accent]: Palette): string {
  return times(25, (i) => {
    const radius = 2.5 + ((bits >>> (i % 20)) % 4) * 2.2;
    return circle(20 + (i % 5) * 20, 20 + Math.floor(i / 5) * 20, radius, i === bits % 25 ? accent : shape);
  });
}

function sunset(bits: number, [paper, shape, accent]: Palette): string {
  const y = 50 + (bits % 3) * 8;
  const stripes = times(6, (i) => rect(0, y + 4 + i * 9, 120, 1.5 + i * 1.1, paper));
  return circle(60, y, 42, accent) + stripes + rect(0, 104, 120, 16, shape);
}

function arches(bits: number, [paper, shape, accent]: Palette): string {
  const turn = (bits % 4) * 90;
  const half = (r: number, fill: string) =>
    `<path d="M${60 - r} 112A${r} ${r} 0 0 1 ${60 + r} 112Z" fill="${fill}"/>`;
  const nested = [52, 42, 32, 22].map((r, i) => half(r, i % 2 ? paper : shape)).join('');
  return `<g transform="rotate(${turn} 60 60)">${nested}${half(12, accent)}${circle(60, 34, 9, accent)}</g>`;
}

function times(count: number, draw: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => draw(index)).join('');
}

function circle(x: number, y: number, radius: number, fill: string): string {
  return `<circle cx="${x}" cy="${y}" r="${radius}" fill="${fill}"/>`;
}

function rect(x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}"/>`;
}

/** Spreads neighbouring numbers far apart (the finalizer of MurmurHash3). */
function scramble(number: number): number {
  let hash = number | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
