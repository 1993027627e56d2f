import { Hono } from 'hono';
import { assets } from '../assets.ts';
import type { WebEnvironment } from '../http/environment.ts';

/** The style sheet, fonts and icon. Each may be cached forever, because its address changes with its content. */
export function assetRoutes(): Hono<WebEnvironment> {
  const routes = new Hono<WebEnvironment>();
  for (const { path, type, content } of Object.values(assets)) {
    routes.get(path, (c) =>
      c.body(content, 200, { 'Content-Type': type, 'Cache-Control': 'public, max-age=31536000, immutable' }),
    );
  }
  // Browsers request this address by default, also for pages that do not link to an icon.
  routes.get('/favicon.ico', (c) =>
    c.body(assets.icon.content, 200, {
      'Content-Type': assets.icon.type,
      'Cache-Control': 'public, max-age=86400',
    }),
  );
  return routes;
}
