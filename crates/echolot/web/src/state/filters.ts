// The conditions on verbatims, as they stand in addresses and in questions.

/** Conditions that hold on every page and are carried from one to the next. */
export const SCOPE_KEYS = ['product', 'release', 'channel', 'lang', 'from', 'to'] as const;

/** All conditions that a list of verbatims can have. */
export const FILTER_KEYS = [
  ...SCOPE_KEYS,
  'q',
  'polarity',
  'opinion_polarity',
  'topic',
  'theme',
  'own_topic',
  'intent',
  'source',
  'stage',
  'touchpoint',
  'respondent',
  'rating_min',
  'rating_max',
  'has',
  'where',
] as const;

export type FilterKey = (typeof FILTER_KEYS)[number];
export type Filters = { [key in FilterKey]?: string };
export type Scope = { [key in (typeof SCOPE_KEYS)[number]]?: string };

type Value = string | number | null | undefined;

/** Those of some conditions that say something, in the order of the list above. */
export function filtersOf(values: { [key in FilterKey]?: Value }): Filters {
  const given = FILTER_KEYS.filter((key) => values[key] !== undefined && values[key] !== null && values[key] !== '');
  return Object.fromEntries(given.map((key) => [key, String(values[key])]));
}

/** Conditions as the text that an address holds. */
export function written(filters: { [key in FilterKey]?: Value }): string {
  return new URLSearchParams(Object.entries(filtersOf(filters))).toString();
}

/** The conditions that a text holds; what is none is left out. */
export function read(text: string): Filters {
  return filtersOf(Object.fromEntries(new URLSearchParams(text)));
}

/** Conditions that are names, of which the page has one at a time and the server lists. */
const NAME_KEYS: readonly string[] = ['product', 'release', 'channel', 'source', 'touchpoint', 'respondent'];

/** The address of a question in which a comma within a name does not part two of them. */
export function withWholeNames(address: string): string {
  const url = new URL(address);
  const names = NAME_KEYS.filter((key) => url.searchParams.get(key)?.includes(','));
  for (const key of names) url.searchParams.set(key, (url.searchParams.get(key) ?? '').replaceAll(',', '\\,'));
  return names.length ? url.href : address;
}

/** Conditions as rules have them: `KEY=VALUE` with semicolons between them. */
export function conditionsOf(where: string): Filters {
  const values: Record<string, string> = {};
  const others: string[] = [];
  for (const condition of where.split(/(?<!\\);/).map((text) => text.trim())) {
    const at = condition.indexOf('=');
    const key = condition.slice(0, Math.max(0, at)).trim();
    const isList = NAME_KEYS.includes(key) && condition.includes(',');
    if ((FILTER_KEYS as readonly string[]).includes(key) && !isList) values[key] = condition.slice(at + 1).trim();
    else if (condition) others.push(condition);
  }
  return filtersOf({ ...values, where: others.join(';') });
}
