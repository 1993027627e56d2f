/** Web's paths other than files. The load balancer, its stand-in and the integration test request some of them. */
export const webPaths = {
  page: '/',
  /** The process is alive. */
  alive: '/livez',
  /** Whether web can serve, with the state of each dependency; 503 if it cannot. */
  ready: '/readyz',
  /** Whether the load balancer should keep sending requests: its health check. */
  healthy: '/healthz',
  albums: '/api/albums',
  session: '/api/session',
} as const;
