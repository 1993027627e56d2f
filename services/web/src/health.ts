import { type FoundVariables, type WebEnvironment, webPaths, webPort } from '@packages/contracts';
import { askHealth } from '@packages/service/health-command';

/**
 * The container's health command: whether the process answers on its own port. Whether it can serve is the load balancer's
 * question (`webPaths.healthy`), not a reason to replace the container.
 */
const { HOST = '0.0.0.0', PORT = String(webPort) }: FoundVariables<WebEnvironment> = process.env;
const host =
  HOST === '0.0.0.0' ? '127.0.0.1' : HOST === '::' ? '[::1]' : HOST.includes(':') ? `[${HOST}]` : HOST;
await askHealth(`http://${host}:${PORT}${webPaths.alive}`);
