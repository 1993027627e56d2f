import { Hono } from 'hono';
import type { WebEnvironment } from '../http/environment.ts';
import { createHealth, type Readiness } from '../readiness.ts';

/**
 * `/livez`: the process lives. `/readyz`: it can serve, with the state of each dependency; 503 when it cannot.
 * `/healthz`: it shall get requests and stay, for the load balancer; see `createHealth`.
 */
export function healthRoutes(readiness: () => Promise<Readiness>): Hono<WebEnvironment> {
  const routes = new Hono<WebEnvironment>();

  routes.get('/livez', (c) => {
    c.header('Cache-Control', 'no-store');
    return c.json({ alive: true });
  });

  routes.get('/readyz', async (c) => {
    const state = await readiness();
    c.header('Cache-Control', 'no-store');
    return c.json(state, state.ready ? 200 : 503);
  });

  const healthy = createHealth(readiness);
  routes.get('/healthz', async (c) => {
    const health = await healthy();
    c.header('Cache-Control', 'no-store');
    return c.json({ healthy: health }, health ? 200 : 503);
  });

  return routes;
}
