import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { logTail, type ManagedProcess, startProcess } from '../processes/managed-process.ts';
import { portAnswers } from '../processes/port-answers.ts';
import { patience, within } from '../processes/within.ts';
import { type HaproxyOptions, renderHaproxyConfiguration } from './haproxy-configuration.ts';

export interface LoadBalancerOptions extends HaproxyOptions {
  /** Distinguishes several load balancers; default: that of the environment. */
  readonly name?: string;
  readonly stateDirectory: string;
}

export interface LoadBalancer {
  readonly url: string;
  readonly process: ManagedProcess;
  stop(): Promise<void>;
}

/**
 * Starts HAProxy in front of the tasks, in place of the application load balancer on AWS. It distributes requests round
 * robin over the tasks that answer the health check with 200.
 *
 * @throws Error with cause and remedy when the port is in use or HAProxy does not start within `patience`
 */
export async function startLoadBalancer(options: LoadBalancerOptions): Promise<LoadBalancer> {
  const { name = 'load-balancer', address, port, stateDirectory } = options;
  if (await portAnswers(address, port)) {
    throw new Error(
      `Port ${port} of ${address} is in use: stop the program that listens there, or choose another port with --port.`,
    );
  }
  const directory = join(stateDirectory, name);
  const configuration = join(directory, 'haproxy.cfg');
  await mkdir(directory, { recursive: true });
  await writeFile(configuration, renderHaproxyConfiguration(options));
  const check = await execa('haproxy', ['-c', '-q', '-f', configuration], {
    reject: false,
    timeout: patience,
  });
  if (check.failed) throw new Error(`HAProxy refuses its configuration: ${check.stderr || check.message}`);

  const haproxy = await startProcess({
    name,
    command: 'haproxy',
    args: ['-db', '-f', configuration],
    environment: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stateDirectory,
  });
  const ready = await within(patience, async () => !haproxy.running || (await portAnswers(address, port)));
  if (!ready || !haproxy.running) {
    await haproxy.stop();
    throw new Error(
      `HAProxy did not start on ${address}:${port}. The end of its log:\n${logTail(haproxy.logFile)}`,
    );
  }
  return { url: `http://${address}:${port}`, process: haproxy, stop: () => haproxy.stop() };
}
