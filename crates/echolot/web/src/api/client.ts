// Questions to the server, typed by its OpenAPI description.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

export const api = createClient<paths>({ baseUrl: '/' });

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
  const problem = (error ?? {}) as { code?: string; detail?: string };
  throw new Problem(problem.code ?? `http_${response.status}`, problem.detail ?? response.statusText);
}
