import type { TicketStatus } from '@packages/service';
import { Hono } from 'hono';
import type { WebEnvironment } from '../http/environment.ts';
import type { MusicDatabase } from '../music/music-database.ts';
import { homePage } from '../views/home-page.ts';

export interface PageOptions {
  readonly database: MusicDatabase;
  readonly ticket: () => Promise<TicketStatus>;
  readonly task: string;
  /** Whether visitors may read the account's name. */
  readonly showLogin: boolean;
}

/** `GET /`: the greeting, five albums, and how the database authenticated us. */
export function pageRoutes(options: PageOptions): Hono<WebEnvironment> {
  const { database, ticket, task, showLogin } = options;
  const routes = new Hono<WebEnvironment>();
  routes.get('/', async (c) => {
    const [albums, session, ticketStatus] = await Promise.all([
      database.randomAlbums(5, c.req.raw.signal),
      database.session(c.req.raw.signal),
      ticket(),
    ]);
    c.header('Cache-Control', 'no-store');
    return c.html(homePage({ albums, session, ticket: ticketStatus, task, showLogin }));
  });
  return routes;
}
