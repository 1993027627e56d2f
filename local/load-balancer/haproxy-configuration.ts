/** One place where a task may run. */
export interface Backend {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/**
 * HAProxy's configuration. It behaves as the load balancer that the Service stage makes on AWS does, with shorter
 * intervals: health checks on `/healthz`, round robin. One thing it does beyond: a GET that got no answer because its task
 * died is offered to another task; nothing else is ever sent twice.
 */
export function renderHaproxyConfiguration(options: {
  address: string;
  port: number;
  backends: readonly Backend[];
}): string {
  const { address, port, backends } = options;
  return `${[
    'global',
    '  maxconn 4096',
    '  log stdout format raw local0 info',
    'defaults',
    '  mode http',
    '  log global',
    '  option httplog',
    '  option dontlog-normal',
    '  timeout connect 2s',
    '  timeout client 60s',
    '  timeout server 60s',
    '  timeout queue 5s',
    // As long as the target group gives /healthz; without it a check may take no longer than the interval.
    '  timeout check 5s',
    '  retries 3',
    '  option redispatch 1',
    '  retry-on conn-failure empty-response',
    '  option forwardfor',
    'frontend service',
    // Safe to send again (RFC 9110, section 9.2.1); nothing else is.
    '  http-request disable-l7-retry unless METH_GET',
    `  bind ${address}:${port}`,
    '  http-request set-header X-Forwarded-Proto http',
    '  default_backend tasks',
    'backend tasks',
    '  balance roundrobin',
    '  option httpchk',
    '  option log-health-checks',
    '  http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host service hdr User-Agent load-balancer hdr Connection close',
    '  http-check expect status 200',
    // A task is taken out as soon as its connections break, not only at the next health check.
    '  default-server check inter 500ms fastinter 200ms downinter 200ms rise 1 fall 2 observe layer4 error-limit 1 on-error mark-down',
    ...backends.map(
      ({ name, address: host, port: backendPort }) => `  server ${name} ${host}:${backendPort}`,
    ),
  ].join('\n')}\n`;
}
