// Which codes of the API are good news and which bad.
export type Tone = 'good' | 'bad' | 'even' | 'accent';

const TONES: Record<string, Tone> = {
  positive: 'good',
  negative: 'bad',
  praise: 'good',
  complaint: 'bad',
  churn: 'bad',
  better: 'good',
  worse: 'bad',
  new: 'bad',
  rising: 'bad',
};

export function toneOf(code: string): Tone {
  return TONES[code] ?? 'even';
}
