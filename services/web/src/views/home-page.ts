import type { TicketStatus } from '@packages/service';
import { html } from 'hono/html';
import type { Album, DatabaseSession } from '../music/music-database.ts';
import { albumCover } from './album-cover.ts';
import { formatDuration, formatMoment } from './duration.ts';
import { type Html, layout } from './layout.ts';

export interface HomePageContent {
  readonly albums: readonly Album[];
  readonly session: DatabaseSession;
  readonly ticket: TicketStatus;
  readonly task: string;
  /** Whether visitors may read the account's name. */
  readonly showLogin: boolean;
}

/** The start page: a greeting, the identity by which the database knows us, and the albums that it picked. */
export function homePage({ albums, session, ticket, task, showLogin }: HomePageContent): Html {
  return layout({
    title: 'Hello World · Music store',
    content: html`
      <div class="hero">
        <div>
          <h1>Hello World</h1>
          <p class="lead">
            These albums come from SQL Server by Windows authentication, through a Linux container
            that has joined no domain and holds no password.
          </p>
        </div>
        <section aria-labelledby="identity">
          <h2 id="identity" class="label">How the database knows us</h2>
          <dl class="facts">
            ${showLogin ? html`<div><dt>Login</dt><dd>${breakable(session.login)}</dd></div>` : ''}
            <div><dt>Scheme</dt><dd>${session.scheme}</dd></div>
            <div><dt>Ticket</dt><dd>${ticketFact(ticket)}</dd></div>
          </dl>
        </section>
      </div>
      <section class="selection" aria-labelledby="albums">
        <div class="heading">
          <h2 id="albums">${numberWord(albums.length)}, picked at random by the database</h2>
          <a class="button" href="/">Pick again</a>
        </div>
        <ul class="albums" role="list">${albums.map(albumItem)}</ul>
      </section>`,
    footer: html`<p>Answered by task <code>${task}</code></p>`,
  });
}

function albumItem(album: Album): Html {
  return html`
          <li class="album">
            ${albumCover(album)}
            <div>
              <h3>${album.title}</h3>
              <p>${album.artist}</p>
            </div>
          </li>`;
}

/** Lets a narrow screen break the line after the backslash. */
function breakable(login: string): Html {
  const [domain, ...name] = login.split('\\');
  return name.length > 0 ? html`${domain}\\<wbr>${name.join('\\')}` : html`${login}`;
}

function ticketFact({ state, startsAt, endsAt, remainingSeconds }: TicketStatus): Html {
  if (!endsAt || remainingSeconds === undefined) {
    return html`<span class="warning">Not known at the moment</span>`;
  }
  const end = html`<time datetime="${endsAt.toISOString()}">${formatMoment(endsAt)}</time>`;
  if (state === 'expired') return html`<span class="warning">Expired</span> <small>on ${end}</small>`;
  return html`Lives for another ${formatDuration(remainingSeconds)} <small>until ${end}</small>
              ${startsAt ? lifeBar(remainingSeconds / ((endsAt.getTime() - startsAt.getTime()) / 1000)) : ''}`;
}

/**
 * A bar that shows the ticket's remaining share of its life. It is hidden from screen readers, because the text next to
 * it says the same.
 */
function lifeBar(share: number): Html {
  const width = Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10;
  return html`<svg class="life" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <rect class="track" width="100" height="1"/><rect class="left" width="${width}" height="1"/>
              </svg>`;
}

function numberWord(count: number): string {
  const words = ['No albums', 'One album', 'Two albums', 'Three albums', 'Four albums', 'Five albums'];
  return words[count] ?? `${count} albums`;
}
