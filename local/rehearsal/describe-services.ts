import type { AskedService } from '@packages/contracts';
import type { Rehearsal } from './rehearsal.ts';

/** Where a service answers, for the user. */
export function placeOf({ url, host }: AskedService): string {
  return host === undefined ? url : `${url} under the name ${host}`;
}

/** Lists the further services, one per line, with their state and login; empty if there are none. */
export function describeServices({ names, running, asked }: Rehearsal): string {
  const lines = names.services.map(({ service: { name, kind }, login }) => {
    const tasks = running
      .get(name)
      ?.tasks.map((task) => task.name)
      .join(', ');
    const place = asked.get(name);
    const state = tasks === undefined ? 'not running here' : `running: ${tasks}`;
    const told = kind === 'job' ? `runs once; to run it again, type "run ${name}"` : state;
    return `\n  ${name.padEnd(12)} a ${kind}, as ${login}; ${told}${place ? `; ${placeOf(place)}` : ''}`;
  });
  return lines.length > 0 ? `\nFurther services:${lines.join('')}` : '';
}
