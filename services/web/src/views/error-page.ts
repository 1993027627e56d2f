import { html } from 'hono/html';
import { type Html, layout } from './layout.ts';

export interface ErrorPageContent {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** The request's id in the log; if it is absent, the page shows none. */
  readonly requestId?: string;
}

/** A page for an error: what the visitor can do, and an id with which operators find the cause in the log. */
export function errorPage({ status, title, detail, requestId }: ErrorPageContent): Html {
  return layout({
    title: `${title} · Music store`,
    content: html`
      <div class="problem">
        <p class="status" aria-hidden="true">${status}</p>
        <h1>${title}</h1>
        <p class="lead">${detail}</p>
        <p><a class="button" href="/">To the start page</a></p>
      </div>`,
    footer: html`${requestId ? html`<p>Request <code>${requestId}</code></p>` : ''}`,
  });
}
