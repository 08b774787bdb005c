// The course of many themes at once: shares by period.
import { answer, api, type Schemas } from '../api/client';
import { daysOf, type Grain } from '../period';
import type { Filters } from './filters';

export interface Courses {
  /** The last periods with feedback, in their order. */
  periods: string[];
  /** The share in each period, by theme. */
  shares: Map<number, number[]>;
}

/** A course shows so many periods at most: the last ones. */
export const RECENT = 24;

/** The greatest number of rows that the API gives at once. */
const MOST = 1000;

type Counted = Schemas['CountsJson']['rows'];

/**
 * Shares of themes among the verbatims of each period, repeats once. Opinions
 * of one polarity alone count where the filters name one.
 */
export async function courses(
  themes: readonly number[],
  { filters, grain, signal }: { filters: Filters; grain: Grain; signal: AbortSignal },
): Promise<Courses> {
  const { opinion_polarity, ...frame } = filters;
  const counts = async (query: Filters & { by: string }): Promise<Counted> => {
    const answered = await answer(api.GET('/v1/counts', { params: { query: { ...query, of: 'texts', limit: MOST } }, signal }));
    return answered.rows;
  };
  const whole = new Map<string, number>();
  for (const { group, count } of await counts({ ...frame, by: grain })) {
    if (group[0]?.value) whole.set(group[0].value, count);
  }
  const periods = [...whole.keys()].sort().slice(-RECENT);
  const from = periods[0] && daysOf(periods[0])?.from;
  const atOnce = Math.max(1, Math.floor(MOST / Math.max(periods.length + 1, 1)));
  const asked: Promise<Counted>[] = [];
  for (let start = 0; start < themes.length; start += atOnce) {
    const theme = themes.slice(start, start + atOnce).join(',');
    asked.push(counts({ ...frame, from: later(frame.from, from), opinion_polarity, theme, by: `theme,${grain}` }));
  }
  const shares = new Map(themes.map((theme) => [theme, periods.map(() => 0)]));
  for (const { group, count } of (await Promise.all(asked)).flat()) {
    const period = group[1]?.value ?? '';
    const course = shares.get(Number(group[0]?.value));
    const at = periods.indexOf(period);
    if (course && at >= 0) course[at] = count / (whole.get(period) ?? count);
  }
  return { periods, shares };
}

/** The later of two beginnings; days and times compare as texts. */
function later(first: string | undefined, second: string | undefined): string | undefined {
  return first && second ? (first > second ? first : second) : (first ?? second);
}

/** The mean of the later half of a course less that of the earlier one. */
export function rise(course: readonly number[]): number {
  const half = Math.floor(course.length / 2);
  if (half === 0) return 0;
  const mean = (part: readonly number[]) => part.reduce((sum, share) => sum + share, 0) / part.length;
  return mean(course.slice(-half)) - mean(course.slice(0, half));
}
