import { webPaths } from '@packages/contracts';
import type { Conditions, Rule } from './way-of-requests.ts';

/** An address at which a task may run. */
export interface Backend {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** The tasks that a rule routes to. Requests that match no rule go to the default tasks. */
export interface RoutedService extends Rule {
  /** The name of the service. */
  readonly name: string;
  readonly healthPath: string;
  readonly backends: readonly Backend[];
}

export interface HaproxyOptions {
  readonly address: string;
  readonly port: number;
  readonly backends: readonly Backend[];
  /** Health check path of the default tasks; default: web's. */
  readonly healthPath?: string;
  readonly routed?: readonly RoutedService[];
}

/**
 * Renders HAProxy's configuration. It behaves as the load balancer that the Service stage creates on AWS, with shorter
 * intervals: rules by priority, health checks, round robin. There is one difference: a GET without an answer, because
 * its task died, is sent to another task. Other requests are not repeated.
 */
export function renderHaproxyConfiguration(options: HaproxyOptions): string {
  const { address, port, backends, healthPath = webPaths.healthy, routed = [] } = options;
  // HAProxy takes the first rule that matches.
  const rules = routed.toSorted((one, other) => one.priority - other.priority);
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
    // The time-out of the target group's health check; without this line it could not exceed the interval.
    '  timeout check 5s',
    '  retries 3',
    '  option redispatch 1',
    '  retry-on conn-failure empty-response',
    '  option forwardfor',
    'frontend service',
    // A GET is safe to repeat (RFC 9110, section 9.2.1); other methods may not be.
    '  http-request disable-l7-retry unless METH_GET',
    `  bind ${address}:${port}`,
    '  http-request set-header X-Forwarded-Proto http',
    ...rules.map((rule) => `  use_backend ${nameOf(rule)} if ${condition(rule)}`),
    '  default_backend tasks',
    ...tasks('tasks', healthPath, backends),
    ...routed.flatMap((rule) => tasks(nameOf(rule), rule.healthPath, rule.backends)),
  ].join('\n')}\n`;
}

function nameOf({ name }: RoutedService): string {
  return `service-${name}`;
}

function tasks(name: string, healthPath: string, backends: readonly Backend[]): string[] {
  return [
    `backend ${name}`,
    '  balance roundrobin',
    '  option httpchk',
    '  option log-health-checks',
    `  http-check send meth GET uri ${quoted(healthPath)} ver HTTP/1.1 hdr Host service hdr User-Agent load-balancer hdr Connection close`,
    '  http-check expect status 200',
    // Take a task out as soon as its connections break, not only at the next health check.
    '  default-server check inter 500ms fastinter 200ms downinter 200ms rise 1 fall 2 observe layer4 error-limit 1 on-error mark-down',
    ...backends.map((backend) => `  server ${backend.name} ${backend.address}:${backend.port}`),
  ];
}

/**
 * Elastic Load Balancing compares hosts case-insensitively and paths case-sensitively, without the query string.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
function condition({ hosts, paths }: Conditions): string {
  return [
    ...(hosts ? [`{ req.hdr(host),host_only -m reg -i ${hosts.map(expression).join(' ')} }`] : []),
    ...(paths ? [`{ path -m reg ${paths.map(expression).join(' ')} }`] : []),
  ].join(' ');
}

/** Converts a pattern, in which `*` matches any text and `?` one character, to a regular expression. */
function expression(pattern: string): string {
  const text = pattern
    .replaceAll(/[^\w/*?-]/g, (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return `'^${text}$'`;
}

/** Quotes text as one word, so that no character in it has a special meaning. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
