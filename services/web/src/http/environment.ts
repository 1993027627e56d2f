import type { RequestIdVariables } from 'hono/request-id';
import type { Logger } from 'pino';

/** The contents of hono's context in this service. */
export interface WebEnvironment {
  Variables: RequestIdVariables & {
    /** Adds the request's id to each line. */
    log: Logger;
  };
}
