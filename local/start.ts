// `npm start`: rehearses the delivery on this machine, then serves the page until Ctrl-C. `npm start -- doctor` checks
// the connection to SQL Server in the rehearsal.
import { doctorFailed } from '@packages/contracts';
import { watchOutput } from '../lib/operator/output.ts';
import { readSettings } from './rehearsal/settings.ts';

if (process.argv[2] === 'doctor') {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  watchOutput(() => stop.abort());
  const { doctorMain } = await import('./rehearsal/doctor/main.ts');
  process.exit(
    await doctorMain(process.argv.slice(3), stop.signal).catch((error: Error) => {
      console.error(error.message);
      return doctorFailed;
    }),
  );
}

const settings = readSettings(process.argv.slice(2));
// Loading this module takes a second, so a wrong argument is reported before.
const { rehearse } = await import('./rehearsal/main.ts');
await rehearse(settings);
