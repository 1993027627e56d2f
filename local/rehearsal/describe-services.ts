import type { AskedService } from '@packages/contracts';
import type { Rehearsal } from './rehearsal.ts';

/** Where a service answers, in words. */
export function placeOf({ url, host }: AskedService): string {
  return host === undefined ? url : `${url} under the name ${host}`;
}

/** The further services, a line each with what they do and as whom; nothing if there are none. */
export function describeServices({ names, running, asked }: Rehearsal): string {
  const lines = names.services.map(({ service: { name, kind }, login }) => {
    const tasks = running
      .get(name)
      ?.tasks.map((task) => task.name)
      .join(', ');
    const place = asked.get(name);
    const state = tasks === undefined ? 'not here' : `at work: ${tasks}`;
    const told = kind === 'job' ? `once; again with "run ${name}"` : state;
    return `\n  ${name.padEnd(12)} a ${kind}, as ${login}; ${told}${place ? `; ${placeOf(place)}` : ''}`;
  });
  return lines.length > 0 ? `\nBeside it:${lines.join('')}` : '';
}
