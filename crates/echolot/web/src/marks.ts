// Texts with marked stretches. Offsets of the API count Unicode scalar values,
// strings of JavaScript are UTF-16.

/** A stretch of a text, and what it is marked as. */
export interface Mark<Kind> {
  start: number;
  /** One past the last character. */
  end: number;
  kind: Kind;
}

/** A piece of a text with all the marks that lie over it. */
export interface Piece<Kind> {
  text: string;
  kinds: Kind[];
}

/** Cuts a text at the ends of its marks. The pieces together are the text. */
export function pieces<Kind>(text: string, marks: readonly Mark<Kind>[]): Piece<Kind>[] {
  const characters = [...text];
  const within = (offset: number) => Math.min(Math.max(offset, 0), characters.length);
  const ends = marks.flatMap((mark) => [within(mark.start), within(mark.end)]);
  const cuts = [...new Set([0, characters.length, ...ends])].sort((a, b) => a - b);
  return cuts.slice(1).map((end, number) => {
    const start = cuts[number] ?? 0;
    const over = marks.filter((mark) => mark.start <= start && end <= mark.end && mark.start < mark.end);
    return { text: characters.slice(start, end).join(''), kinds: over.map((mark) => mark.kind) };
  });
}

/** The part of a text around its first mark, for lists; `…` stands for what was cut off. */
export function excerpt<Kind>(text: string, marks: readonly Mark<Kind>[], length: number): { text: string; marks: Mark<Kind>[] } {
  const characters = [...text];
  if (characters.length <= length) return { text, marks: [...marks] };
  const first = Math.min(...marks.map((mark) => mark.start), characters.length - 1);
  const lead = Math.floor(length / 4);
  const start = first < length - lead ? 0 : Math.min(first - lead, characters.length - length);
  const end = Math.min(start + length, characters.length);
  const before = start > 0 ? '…' : '';
  const shift = start - before.length;
  const kept = marks.filter((mark) => mark.start < end && mark.end > start);
  return {
    text: before + characters.slice(start, end).join('') + (end < characters.length ? '…' : ''),
    marks: kept.map((mark) => ({
      ...mark,
      start: Math.max(mark.start, start) - shift,
      end: Math.min(mark.end, end) - shift,
    })),
  };
}
