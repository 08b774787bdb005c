// Questions to the server, typed by its OpenAPI description.
import createClient from 'openapi-fetch';
import { access } from '../state/access.svelte';
import { withWholeNames } from '../state/filters';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

export const api = createClient<paths>({ baseUrl: '/' });

api.use({
  onRequest({ request: asked }) {
    const address = withWholeNames(asked.url);
    const request = address === asked.url ? asked : new Request(address, asked);
    if (access.key) request.headers.set('Authorization', `Bearer ${access.key}`);
    return request;
  },
});

/** A mistake in what was searched for. */
export interface WrongQuery {
  query: string;
  /** The character at which it is wrong, from 0. */
  offset: number;
  /** The kind of mistake, by its stable name. */
  mistake: string | undefined;
}

/** What the server says is wrong (RFC 9457), or that it cannot be reached. */
export class Problem extends Error {
  constructor(
    /** Stable code; `unreachable` where no answer came. */
    readonly code: string,
    detail: string,
    /** HTTP status; 0 where no answer came. */
    readonly status = 0,
    /** Where the query is wrong, and how. */
    readonly inQuery?: WrongQuery,
  ) {
    super(detail);
  }

  /** Whether the same question may be answered later. */
  get isPassing(): boolean {
    return this.status === 0 || this.status >= 500;
  }

  static from(error: unknown): Problem {
    if (error instanceof Problem) return error;
    return new Problem('unreachable', error instanceof Error ? error.message : String(error));
  }
}

/** The body of an answer; throws a `Problem` where there is none. */
export async function answer<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok && data !== undefined) return data;
  if (response.status === 401) access.refuse();
  const { code, detail, offset, mistake } = (error ?? {}) as Partial<Schemas['Problem']>;
  const query = new URL(response.url).searchParams.get('q');
  const inQuery = query !== null && typeof offset === 'number' ? { query, offset, mistake: mistake ?? undefined } : undefined;
  // An address beyond all measure is refused without a word.
  if (response.status === 414) throw new Problem('address_too_long', detail ?? '', 414);
  throw new Problem(code ?? `http_${response.status}`, detail ?? response.statusText, response.status, inQuery);
}
