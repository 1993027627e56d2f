import { askWorker } from '@packages/service/health-command';

/** The container's health command: checks that the worker keeps completing its rounds. */
await askWorker(process.env);
