// The hits of a search as a CSV file.
import { answer, api, type Schemas } from '../api/client';
import type { Filters } from './filters';

type Hit = Schemas['HitJson'];

/** The greatest number of hits that the API gives at once. */
const AT_ONCE = 1000;

const COLUMNS: [string, (hit: Hit) => string | number | null | undefined][] = [
  ['id', (hit) => hit.id],
  ['text', (hit) => hit.text],
  ['created_at', (hit) => hit.created_at],
  ['product', (hit) => hit.product],
  ['release', (hit) => hit.release],
  ['channel', (hit) => hit.channel],
  ['source', (hit) => hit.source],
  ['language', (hit) => hit.language],
  ['rating', (hit) => hit.rating],
  ['polarity', (hit) => hit.polarity],
  ['sentiment', (hit) => hit.sentiment],
  ['topics', (hit) => hit.topics.join(' ')],
];

/** Characters with which spreadsheet programs let a formula begin. */
const FORMULA = /^[=+@\t\r-]/;

/** A cell as RFC 4180 has it. Customers' words are never taken for a formula. */
export function cell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows of CSV with a header; lines end as RFC 4180 has it. */
export function csv(hits: readonly Hit[]): string {
  const rows = [COLUMNS.map(([name]) => name), ...hits.map((hit) => COLUMNS.map(([, value]) => cell(value(hit))))];
  return rows.map((row) => `${row.join(',')}\r\n`).join('');
}

/** All hits of a search, asked for in parts. `progress` is told how many are there. */
export async function allHits(filters: Filters, progress: (count: number) => void): Promise<Hit[]> {
  const hits: Hit[] = [];
  for (;;) {
    const query = { ...filters, limit: AT_ONCE, offset: hits.length };
    const page = await answer(api.GET('/v1/search', { params: { query } }));
    hits.push(...page.hits);
    progress(hits.length);
    if (page.hits.length < AT_ONCE) return hits;
  }
}

/** Hands a text to the browser as a file. The mark at its start tells spreadsheets that it is UTF-8. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob(['\uFEFF', text], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
