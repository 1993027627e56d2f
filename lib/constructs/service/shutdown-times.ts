/**
 * How a task stops: the load balancer sends it no more requests and waits for those in flight. Then ECS sends SIGTERM, on
 * which web answers the remaining requests and exits. Each step leaves time for the one inside it. In seconds.
 */
export const shutdownTimes = {
  /** The longest possible request: 5 s to wait for a connection of the pool, 10 s to open one, 5 s for the query. */
  deregistrationDelay: 20,
  /** For this long after SIGTERM, web still accepts requests that were already on their way. */
  webDrain: 5,
  /** After SIGTERM, web exits within this time. */
  webLimit: 25,
  /** After SIGTERM, ECS kills a container that has not exited within this time. */
  webStop: 30,
} as const;
