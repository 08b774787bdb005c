// Periods: which ones suit a span, and which days they hold.

export type Grain = 'day' | 'week' | 'month';

const DAY_MS = 86_400_000;

function written(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** The first and the last day of a period such as `2025-06-01`, `2025-W23` or `2025-06`. */
export function daysOf(period: string): { from: string; to: string } | undefined {
  if (/^\d{4}-\d{2}-\d{2}$/.test(period)) return { from: period, to: period };
  const month = /^(\d{4})-(\d{2})$/.exec(period);
  if (month) {
    const last = Date.UTC(Number(month[1]), Number(month[2]), 0);
    return { from: `${period}-01`, to: written(last) };
  }
  const week = /^(\d{4})-W(\d{2})$/.exec(period);
  if (!week) return undefined;
  // ISO 8601: the week of 4 January is the first of a year, and weeks begin on Monday.
  const fourth = Date.UTC(Number(week[1]), 0, 4);
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY_MS;
  const first = monday + (Number(week[2]) - 1) * 7 * DAY_MS;
  return { from: written(first), to: written(first + 6 * DAY_MS) };
}

/** The grain by which a span of days has about ten to thirty periods. */
export function grainOf(from: string, to: string): Grain {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (days <= 31) return 'day';
  return days <= 210 ? 'week' : 'month';
}

/** The last so many days of a span that ends on a day. */
export function lastDays(to: string, count: number): { from: string; to: string } {
  return { from: written(Date.parse(to) - (count - 1) * DAY_MS), to };
}
