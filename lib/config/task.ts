import * as z from 'zod';
import { oneOf, wholeNumber } from './fields.ts';

/** Settings of a task of any service, without defaults. */
export const taskKeys = {
  cpu: z.literal([256, 512, 1024, 2048, 4096], {
    error: 'a Fargate CPU size: 256, 512, 1024, 2048 or 4096',
  }),
  memoryMiB: wholeNumber(512, 30_720, 'MiB'),
  credentialMode: oneOf('injected', 'fetched'),
  ticketMode: oneOf('service-ticket', 'tgt'),
};

/** The same settings with their defaults. */
export const task = {
  cpu: taskKeys.cpu.default(256),
  memoryMiB: taskKeys.memoryMiB.default(512),
  credentialMode: taskKeys.credentialMode
    .default('injected')
    .describe('injected: ECS gives the password only to the sidecar; fetched: the task role reads it.'),
  ticketMode: taskKeys.ticketMode.default('service-ticket'),
};
