import { webPaths } from '@packages/contracts';
import { Hono } from 'hono';
import type { WebEnvironment } from '../http/environment.ts';
import { createHealth, type Readiness } from '../readiness.ts';

/** Reports whether the process is alive, can serve, and should get requests: see `webPaths` and `createHealth`. */
export function healthRoutes(readiness: () => Promise<Readiness>): Hono<WebEnvironment> {
  const routes = new Hono<WebEnvironment>();

  routes.get(webPaths.alive, (c) => {
    c.header('Cache-Control', 'no-store');
    return c.json({ alive: true });
  });

  routes.get(webPaths.ready, async (c) => {
    const state = await readiness();
    c.header('Cache-Control', 'no-store');
    return c.json(state, state.ready ? 200 : 503);
  });

  const healthy = createHealth(readiness);
  routes.get(webPaths.healthy, async (c) => {
    const health = await healthy();
    c.header('Cache-Control', 'no-store');
    return c.json({ healthy: health }, health ? 200 : 503);
  });

  return routes;
}
