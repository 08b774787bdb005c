// What can be chosen from: products with their releases, channels, languages, days and themes.
import { answer, api } from '../api/client';
import { daysOf } from '../period';

export interface Choices {
  products: {
    name: string;
    releases: string[];
    /** The newest release that enough speak of to compare it, else the newest. */
    current: string | undefined;
    /** Verbatims that name a release. */
    released: number;
  }[];
  channels: string[];
  languages: string[];
  /** The first and the last month with feedback, e.g. `2025-01`. */
  months: { first: string; last: string } | undefined;
  /** The last day with feedback. */
  lastDay: string | undefined;
  /** A company's own topics that some verbatim has, by key. */
  ownTopics: { key: string; name: string }[];
  /** Themes with an opinion, the largest first. */
  themes: { number: string; label: string }[];
}

/** The least verbatims with which a release is offered by itself. */
const ENOUGH = 10;

interface Counted {
  group: (string | null)[];
  label: string | undefined;
  count: number;
}

async function values(by: string, signal: AbortSignal, days?: { from: string; to: string }): Promise<Counted[]> {
  const counts = await answer(api.GET('/v1/counts', { params: { query: { by, ...days } }, signal }));
  return counts.rows.map(({ group, count }) => ({
    group: group.map(({ value }) => value ?? null),
    label: group[0]?.label ?? undefined,
    count,
  }));
}

/** Asks what there is to choose from. */
export async function choices(signal: AbortSignal): Promise<Choices> {
  const [products, releases, channels, languages, months, themes, ownTopics] = await Promise.all([
    values('product', signal),
    values('product,release', signal),
    values('channel', signal),
    values('language', signal),
    values('month', signal),
    values('theme', signal),
    values('own_topic', signal),
  ]);
  const known = (rows: Counted[]) => rows.map(({ group }) => group[0]).filter((value) => typeof value === 'string');
  const inOrder = known(months).sort();
  const [first, last] = [inOrder[0], inOrder.at(-1)];
  const days = last ? known(await values('day', signal, daysOf(last))) : [];
  return {
    products: known(products).map((name) => {
      const own = releases.filter(({ group: [product, release] }) => product === name && typeof release === 'string');
      return {
        name,
        releases: own.map(({ group }) => group[1] ?? ''),
        current: (own.findLast(({ count }) => count >= ENOUGH) ?? own.at(-1))?.group[1] ?? undefined,
        released: own.reduce((sum, { count }) => sum + count, 0),
      };
    }),
    channels: known(channels),
    languages: known(languages),
    themes: themes.flatMap(({ group: [number], label }) =>
      typeof number === 'string' ? [{ number, label: label ?? number }] : [],
    ),
    ownTopics: ownTopics.flatMap(({ group: [key], label }) => (typeof key === 'string' ? [{ key, name: label ?? key }] : [])),
    lastDay: days.sort().at(-1),
    months: first && last ? { first, last } : undefined,
  };
}
