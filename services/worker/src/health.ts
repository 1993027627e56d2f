import { askWorker } from '@packages/service/health-command';

/** The container's health command: whether the worker goes on with its rounds. */
await askWorker(process.env);
