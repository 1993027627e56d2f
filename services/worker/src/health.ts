import { askHealth } from '@packages/service/health-command';
import { healthPort } from './health-server.ts';

/** The container's health command: whether the worker goes on with its rounds. */
await askHealth(`http://127.0.0.1:${process.env.HEALTH_PORT ?? healthPort}/`);
