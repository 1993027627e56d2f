import { readdir, readFile } from 'node:fs/promises';

/** Resident memory of a process and its children, in MB (10^6 bytes). */
export async function residentMegabytes(pid: number): Promise<number> {
  let kilobytes = 0;
  for (const one of await family(pid)) {
    const status = await readFile(`/proc/${one}/status`, 'utf8');
    kilobytes += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  }
  return (kilobytes * 1024) / 1e6;
}

/** CPU time used by a process, its threads and its current children, in milliseconds (proc(5), schedstat). */
export async function cpuMilliseconds(pid: number): Promise<number> {
  let nanoseconds = 0;
  for (const one of await family(pid)) {
    for (const thread of await readdir(`/proc/${one}/task`)) {
      const schedstat = await readFile(`/proc/${one}/task/${thread}/schedstat`, 'utf8');
      nanoseconds += Number(schedstat.split(' ')[0]);
    }
  }
  return nanoseconds / 1e6;
}

async function family(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const below = children.trim().split(' ').filter(Boolean).map(Number);
  return [pid, ...(await Promise.all(below.map(family))).flat()];
}
