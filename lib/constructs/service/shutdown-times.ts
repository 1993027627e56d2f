/**
 * How a task goes: the load balancer sends it no more requests and waits for those in flight, then ECS sends
 * SIGTERM, whereupon web answers what is left and ends. Each step leaves time for the one inside it. In seconds.
 */
export const shutdownTimes = {
  /** The longest request that is answered: 5 s for a connection of the pool, 10 s to make one, 5 s for the query. */
  deregistrationDelay: 20,
  /** After SIGTERM, web still answers new requests that were on their way. */
  webDrain: 5,
  /** After SIGTERM, web ends at the latest. */
  webLimit: 25,
  /** ECS kills what has not ended by then. */
  webStop: 30,
} as const;
