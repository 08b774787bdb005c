// Figures and dates as people read them in their language.

export type LanguageCode = 'de' | 'en';

/** Stands where there is no figure. */
export const NONE = '–';

const LOCALES: Record<LanguageCode, string> = { de: 'de-DE', en: 'en-GB' };
const formats = new Map<string, Intl.NumberFormat>();

function numbers(language: LanguageCode, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language + JSON.stringify(options);
  const format = formats.get(key) ?? new Intl.NumberFormat(LOCALES[language], options);
  formats.set(key, format);
  return format;
}

/** A minus sign that is as wide as a plus. */
function typeset(text: string): string {
  return text.replace('-', '−');
}

type Figure = number | null | undefined;

/** Formats for one language. All take what may be missing. */
export function formatter(language: LanguageCode) {
  const fixed = (value: Figure, digits: number, signDisplay: 'auto' | 'exceptZero' = 'auto') =>
    value === null || value === undefined
      ? NONE
      : typeset(
          numbers(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay }).format(
            // Without this, a small negative figure would read "-0.0".
            Math.round(value * 10 ** digits) / 10 ** digits + 0,
          ),
        );
  const percentDigits = (share: number) => (share !== 0 && Math.abs(share) < 0.001 ? 2 : 1);
  const date = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(LOCALES[language], { timeZone: 'UTC', ...options });
  const day = date({ day: 'numeric', month: 'short', year: 'numeric' });
  const moment = date({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });
  const month = date({ month: 'short', year: 'numeric' });

  return {
    fixed,
    count: (value: Figure) => fixed(value, 0),
    /** Whole where it is whole, else with one decimal. */
    short: (value: Figure) => fixed(value, value !== null && value !== undefined && Number.isInteger(value) ? 0 : 1),
    signed: (value: Figure, digits = 1) => fixed(value, digits, 'exceptZero'),
    /** A share of 0..1. */
    percent: (share: Figure) =>
      share === null || share === undefined ? NONE : `${fixed(100 * share, percentDigits(share))} %`,
    /** The two ends of a share's interval. */
    percentRange: (low: Figure, high: Figure) =>
      low === null || low === undefined || high === null || high === undefined
        ? NONE
        : `${fixed(100 * low, percentDigits(low))}–${fixed(100 * high, percentDigits(high))} %`,
    /** A difference of shares, in percentage points. */
    pointsOfShare: (difference: Figure) =>
      difference === null || difference === undefined ? NONE : fixed(100 * difference, 1, 'exceptZero'),
    /** A probability: very small ones are not told apart. */
    probability: (p: Figure) =>
      p === null || p === undefined ? NONE : p < 0.001 ? `< ${fixed(0.001, 3)}` : fixed(p, 3),
    /** Seconds in the greatest fitting unit. */
    duration: (seconds: Figure) => {
      if (seconds === null || seconds === undefined) return NONE;
      if (seconds < 100) return `${fixed(seconds, seconds < 10 ? 1 : 0)} s`;
      if (seconds < 6000) return `${fixed(seconds / 60, seconds < 600 ? 1 : 0)} min`;
      if (seconds < 172_800) return `${fixed(seconds / 3600, 1)} h`;
      return `${fixed(seconds / 86_400, seconds < 864_000 ? 1 : 0)} d`;
    },
    /** The day of an ISO 8601 time, in UTC. */
    day: (time: string | null | undefined) => (time ? day.format(new Date(time)) : NONE),
    /** The minute of an ISO 8601 time, in UTC. */
    moment: (time: string | null | undefined) => (time ? `${moment.format(new Date(time))} UTC` : NONE),
    /** A period as the API writes it: a day, an ISO week, a month, or a release as it is. */
    period: (period: string) => {
      if (/^\d{4}-\d{2}-\d{2}$/.test(period)) return day.format(new Date(period));
      if (/^\d{4}-\d{2}$/.test(period)) return month.format(new Date(`${period}-01`));
      const week = /^(\d{4})-W(\d{2})$/.exec(period);
      return week ? `${language === 'de' ? 'KW' : 'W'} ${Number(week[2])}, ${week[1]}` : period;
    },
  };
}
