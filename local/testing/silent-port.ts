import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

/** A port that drops packets, as behind a firewall: its accept queue is full and is not emptied. */
export async function silentPort(address: string, port: number): Promise<{ address: string; stop(): void }> {
  const script = `
    const server = require('node:net').createServer();
    server.listen({ host: '${address}', port: ${port}, backlog: 1 }, () => {
      require('node:fs').writeSync(1, 'listening');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const fillers = Array.from({ length: 4 }, () => connect({ host: address, port }).on('error', () => {}));
  await Promise.race(fillers.map((filler) => once(filler, 'connect')));
  return {
    address,
    stop() {
      for (const filler of fillers) filler.destroy();
      child.kill('SIGKILL');
    },
  };
}
