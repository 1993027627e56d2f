import { expect, inject, test } from 'vitest';
import { request } from './service.ts';

interface SessionAnswer {
  /** Whether the database knows us by the expected name; the name itself stays hidden. */
  readonly loginIsExpected: boolean;
  readonly scheme: string;
  readonly ticket: { readonly state: string; readonly remainingSeconds?: number };
}

const { login, scheme, tasks } = inject('settings');

test(`every task is seen (${tasks} at least), and the database knows each as ${login} by ${scheme}`, async () => {
  const sessions = await sessionsByTask(tasks, 40_000);
  expect(sessions.size, `tasks seen: ${[...sessions.keys()].join(', ')}`).toBeGreaterThanOrEqual(tasks);
  for (const [task, session] of sessions) {
    expect(session, `task ${task}`).toMatchObject({ loginIsExpected: true, scheme });
  }
});

test('the ticket still lives', async () => {
  const { ticket } = (await (await request('/api/session')).json()) as SessionAnswer;
  expect(ticket.state).toBe('good');
  expect(ticket.remainingSeconds).toBeGreaterThan(0);
});

/** Requests the session until `count` tasks have answered or the time is up. */
async function sessionsByTask(count: number, milliseconds: number): Promise<Map<string, SessionAnswer>> {
  const sessions = new Map<string, SessionAnswer>();
  const end = performance.now() + milliseconds;
  do {
    const response = await request(`/api/session?login=${encodeURIComponent(login)}`);
    expect(response.status).toBe(200);
    const task = response.headers.get('x-task');
    expect(task, 'the header X-Task').toBeTruthy();
    const session = (await response.json()) as SessionAnswer;
    // A task must give the same right answer each time.
    const known = sessions.get(String(task));
    if (known) {
      const { loginIsExpected, scheme: knownScheme } = known;
      expect(session, `task ${task}`).toMatchObject({ loginIsExpected, scheme: knownScheme });
    }
    sessions.set(String(task), session);
  } while (sessions.size < count && performance.now() < end);
  return sessions;
}
