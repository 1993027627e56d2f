import type { RequestIdVariables } from 'hono/request-id';
import type { Logger } from 'pino';

/** What hono's context carries in this service. */
export interface WebEnvironment {
  Variables: RequestIdVariables & {
    /** Adds the request's id to each line. */
    log: Logger;
  };
}
