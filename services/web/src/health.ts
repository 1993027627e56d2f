import { type FoundVariables, type WebEnvironment, webPaths, webPort } from '@packages/contracts';
import { askHealth } from '@packages/service/health-command';

/**
 * The container's health command: checks that the process answers on its own port. Whether it can serve is for the load
 * balancer to check (`webPaths.healthy`), and is no reason to replace the container.
 */
const { HOST = '0.0.0.0', PORT = String(webPort) }: FoundVariables<WebEnvironment> = process.env;
const host =
  HOST === '0.0.0.0' ? '127.0.0.1' : HOST === '::' ? '[::1]' : HOST.includes(':') ? `[${HOST}]` : HOST;
await askHealth(`http://${host}:${PORT}${webPaths.alive}`);
