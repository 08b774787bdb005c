// What a search finds, as a file: made by the server, handed to the browser.
import { answer, api } from '../api/client';
import type { Filters } from './filters';

/** What the server can write, with the ending of the file. */
export const FORMATS = { spreadsheet: 'csv', jsonl: 'jsonl', parquet: 'parquet' } as const;
export type Format = keyof typeof FORMATS;

/** How is searched, beside the conditions. */
type Way = { mode?: string; like?: string; q?: string | undefined };

/** Asks for all that a search finds and has the browser keep it under a name. */
export async function save(found: Filters & Way, format: Format, name: string): Promise<void> {
  const call = api.GET('/v1/export', { params: { query: { ...found, format } }, parseAs: 'blob' });
  keep(await answer(call as Promise<{ data?: Blob; error?: unknown; response: Response }>), `${name}.${FORMATS[format]}`);
}

/** Has the browser keep something as a file. */
export function keep(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
