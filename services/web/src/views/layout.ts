import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import { assets } from '../assets.ts';

/** The result of `html`: text in which every value was escaped. */
export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** The frame of every page. */
export function layout({ title, content, footer }: { title: string; content: Html; footer: Html }): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>${title}</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="description" content="Five albums from SQL Server, by Windows authentication from a Linux container.">
    <meta name="color-scheme" content="light dark">
    <meta name="theme-color" content="#f6f3ec" media="(prefers-color-scheme: light)">
    <meta name="theme-color" content="#141310" media="(prefers-color-scheme: dark)">
    <link rel="preload" href="${assets.latin.path}" as="font" type="font/woff2" crossorigin>
    <link rel="stylesheet" href="${assets.style.path}">
    <link rel="icon" href="${assets.icon.path}" type="image/svg+xml">
  </head>
  <body>
    <header class="masthead">
      <a class="brand" href="/"><img src="${assets.icon.path}" alt="" width="28" height="28">Music store</a>
    </header>
    <main>${content}</main>
    <footer>${footer}</footer>
  </body>
</html>
`;
}
