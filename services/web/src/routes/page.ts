import { Hono } from 'hono';
import type { WebEnvironment } from '../http/environment.ts';
import type { MusicDatabase } from '../music/music-database.ts';
import type { TicketStatus } from '../ticket-status.ts';
import { homePage } from '../views/home-page.ts';

/** `GET /`: the greeting, five albums, and how we came to be let in. */
export function pageRoutes(
  database: MusicDatabase,
  ticket: () => Promise<TicketStatus>,
  task: string,
): Hono<WebEnvironment> {
  const routes = new Hono<WebEnvironment>();
  routes.get('/', async (c) => {
    const [albums, session, ticketStatus] = await Promise.all([
      database.randomAlbums(5),
      database.session(),
      ticket(),
    ]);
    c.header('Cache-Control', 'no-store');
    return c.html(homePage({ albums, session, ticket: ticketStatus, task }));
  });
  return routes;
}
