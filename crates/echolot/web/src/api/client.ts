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

/** What the server says is wrong (RFC 9457), or that it cannot be reached. */
export class Problem extends Error {
  constructor(
    /** Stable code; `unreachable` where no answer came. */
    readonly code: string,
    detail: string,
  ) {
    super(detail);
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
  const problem = (error ?? {}) as { code?: string; detail?: string };
  throw new Problem(problem.code ?? `http_${response.status}`, problem.detail ?? response.statusText);
}
