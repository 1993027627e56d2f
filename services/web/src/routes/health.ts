import { Hono } from 'hono';
import type { WebEnvironment } from '../http/environment.ts';
import type { Readiness } from '../readiness.ts';

/** `/livez`: the process lives. `/readyz`: it can serve, with the state of each dependency; 503 when it cannot. */
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

  return routes;
}
