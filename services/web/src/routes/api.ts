import type { TicketStatus } from '@packages/service';
import { Hono } from 'hono';
import type { WebEnvironment } from '../http/environment.ts';
import { problemResponse } from '../http/problem.ts';
import type { MusicDatabase } from '../music/music-database.ts';

const countSentence = 'The parameter "count" must be one whole number from 1 to 100.';

export interface ApiOptions {
  /** Queried once per request. */
  readonly database: MusicDatabase;
  /** Returns the ticket's state and remaining lifetime. */
  readonly ticket: () => Promise<TicketStatus>;
  /** Whether visitors may read the account's name. */
  readonly showLogin: boolean;
}

/**
 * `GET /api/albums?count=5` and `GET /api/session`. The latter returns the login by which the database knows us, if
 * visitors may see it. A client that knows the login, such as the test of a deployment, can have it confirmed:
 * `?login=CORP\db-user`.
 */
export function apiRoutes({ database, ticket, showLogin }: ApiOptions): Hono<WebEnvironment> {
  const routes = new Hono<WebEnvironment>();

  routes.get('/albums', async (c) => {
    const count = readCount(c.req.queries('count'));
    if (count === undefined) {
      return problemResponse(c, { status: 400, title: 'Bad request', detail: countSentence });
    }
    const albums = await database.randomAlbums(count, c.req.raw.signal);
    c.header('Cache-Control', 'no-store');
    return c.json({ albums });
  });

  routes.get('/session', async (c) => {
    const expected = c.req.query('login');
    const [session, { state, endsAt, remainingSeconds }] = await Promise.all([
      database.session(c.req.raw.signal),
      ticket(),
    ]);
    c.header('Cache-Control', 'no-store');
    return c.json({
      ...(showLogin ? { login: session.login } : {}),
      ...(expected === undefined ? {} : { loginIsExpected: expected === session.login }),
      scheme: session.scheme,
      ticket: { state, endsAt: endsAt?.toISOString(), remainingSeconds },
    });
  });

  return routes;
}

function readCount(values: readonly string[] | undefined): number | undefined {
  if (values === undefined) return 5;
  const [value] = values;
  if (values.length !== 1 || value === undefined || !/^\d{1,3}$/.test(value)) return undefined;
  const count = Number(value);
  return count >= 1 && count <= 100 ? count : undefined;
}
