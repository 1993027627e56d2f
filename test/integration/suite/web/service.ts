import { inject } from 'vitest';

/** Sends a request to the service under test through its load balancer, with a limit of 10 s. */
export function request(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${inject('settings').serviceUrl}${path}`, {
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
    ...init,
  });
}

export interface AlbumAnswer {
  readonly id: number;
  readonly title: string;
  readonly artist: string;
}

/** `GET /api/albums` */
export async function albums(query = ''): Promise<AlbumAnswer[]> {
  const response = await request(`/api/albums${query}`);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return ((await response.json()) as { albums: AlbumAnswer[] }).albums;
}

/** The visible text of a page, without markup. */
export function visibleText(page: string): string {
  const withoutTags = page.replace(/<wbr>/g, '').replace(/<[^>]+>/g, ' ');
  return withoutTags.replace(/&amp;/g, '&').replace(/\s+/g, ' ');
}
