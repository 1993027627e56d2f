import { rotationUnderLoad } from '../faults/rotation-under-load.ts';
import { type Bench, figure } from './figure.ts';

const rotations = 5;
const requestsPerSecond = 200;

/** Rotates the password and replaces the tasks while requests come in. No request may fail. */
const bench: Bench = {
  name: 'rotation',
  async run({ progress }) {
    const { requests, failures, seconds, events } = await rotationUnderLoad({
      ...{ rotations, requestsPerSecond },
      progress: (line) => {
        if (/^(rotation|task)/.test(line)) progress(line);
      },
    });
    for (const failure of failures.slice(0, 10)) progress(failure);
    return [
      figure(`rotation under load, failed requests of ${requests}`, failures.length, 'requests', '<=', 0),
      figure('rotation under load, requests sent', requests / seconds, 'per second'),
      figure('rotation under load, tickets published', events['ticket.published'] ?? 0, 'tickets'),
      figure(
        'rotation under load, sign-ins with the next password',
        events['password.next'] ?? 0,
        'sign-ins',
      ),
    ];
  },
};

export default bench;
