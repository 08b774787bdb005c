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
