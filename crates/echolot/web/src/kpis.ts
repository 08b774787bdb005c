// The key figures of a set of verbatims in one form for all of them.
import type { Schemas } from './api/client';
import type { formatter } from './format';
import type { Filters } from './state/filters';

type Row = Schemas['KpiJson'];
type Formatter = ReturnType<typeof formatter>;

export type KpiKey = 'verbatims' | 'net_sentiment' | 'nps' | 'csat' | 'rating' | 'ces' | 'ces_v1' | 'frt' | 'art';

export interface Kpi {
  key: KpiKey;
  value: number;
  shown: string;
  /** The 95 % interval, where there is one. */
  interval: string | undefined;
  /** The value as it would be without the errors of the model that the audit shows. */
  corrected?: string | undefined;
  /** Answers, or verbatims. */
  count: number;
  /** The condition that its answers meet. */
  of: Filters;
}

/** Both ends of an interval in words; nothing where there is none. */
function ends(figure: { low?: number | null; high?: number | null }, end: (value: number) => string): string | undefined {
  const { low, high } = figure;
  return typeof low === 'number' && typeof high === 'number' ? `${end(low)} … ${end(high)}` : undefined;
}

/** Key figures that have an answer, in the order in which they are shown. */
export function kpisOf(row: Row, f: Formatter): Kpi[] {
  const points = (key: 'nps' | 'net_sentiment', of: Filters): Kpi[] => {
    const figure = row[key];
    if (!figure) return [];
    const interval = ends(figure, (value) => f.signed(value, 0));
    const without = key === 'net_sentiment' ? row.corrected_sentiment?.points : undefined;
    const corrected = without === undefined ? undefined : f.signed(without, 0);
    return [{ key, value: figure.points, shown: f.signed(figure.points, 0), interval, corrected, count: figure.count, of }];
  };
  const mean = (key: 'rating' | 'ces' | 'ces_v1'): Kpi[] => {
    const figure = row[key];
    if (!figure) return [];
    const interval = ends(figure, (value) => f.fixed(value, 2));
    return [{ key, value: figure.mean, shown: f.fixed(figure.mean, 2), interval, count: figure.count, of: { has: key } }];
  };
  const time = (key: 'frt' | 'art'): Kpi[] => {
    const figure = row[key];
    if (!figure) return [];
    return [{ key, value: figure.mean_s, shown: f.duration(figure.mean_s), interval: undefined, count: figure.count, of: { has: key } }];
  };
  const csat: Kpi[] = row.csat
    ? [
        {
          key: 'csat',
          value: row.csat.share,
          shown: f.percent(row.csat.share),
          interval: f.percentRange(row.csat.share_low, row.csat.share_high),
          count: row.csat.count,
          of: { has: 'csat' },
        },
      ]
    : [];
  return [
    { key: 'verbatims', value: row.verbatims, shown: f.count(row.verbatims), interval: undefined, count: row.verbatims, of: {} },
    ...points('net_sentiment', { opinion_polarity: 'negative,neutral,positive' }),
    ...points('nps', { has: 'nps' }),
    ...csat,
    ...mean('rating'),
    ...mean('ces'),
    ...mean('ces_v1'),
    ...time('frt'),
    ...time('art'),
  ];
}
