/** What web answers, besides files; the load balancer, its stand-in and the integration test ask for some of it. */
export const webPaths = {
  page: '/',
  /** The process lives. */
  alive: '/livez',
  /** It can serve, with the state of each dependency; 503 when it cannot. */
  ready: '/readyz',
  /** It should get requests and stay: what the load balancer asks. */
  healthy: '/healthz',
  albums: '/api/albums',
  session: '/api/session',
} as const;
