// Labels that are not sent yet: kept in this browser, so that nothing is lost on the way.
import type { Schemas } from '../api/client';
import { keep, kept } from './kept';

type Drawn = Schemas['DrawnJson'];

/** What a person says of a drawn verbatim; a question that was not answered is null. */
export interface Answers {
  polarity: string | null;
  topics: string[] | null;
  intents: string[] | null;
  /** Passed over on purpose. */
  isSkipped: boolean;
}

/** A label as it is sent, with the place in the sample that gives it its weight. */
type Draft = Answers & Pick<Drawn, 'id' | 'stratum' | 'weight' | 'words'>;

const KEPT = 'labels';
const NOTHING: Answers = { polarity: null, topics: null, intents: null, isSkipped: false };

export function isAnswered({ polarity, topics, intents }: Answers): boolean {
  return polarity !== null || topics !== null || intents !== null;
}

class Labelling {
  #drafts = $state.raw(kept<Record<string, Draft>>(KEPT) ?? {});

  /** All labels that wait to be sent. */
  readonly waiting = $derived(Object.values(this.#drafts).filter(isAnswered));

  /** What was said of a verbatim, as long as its words are the same. */
  of({ id, words }: Drawn): Answers {
    const draft = this.#drafts[id];
    return draft?.words === words ? draft : NOTHING;
  }

  say(drawn: Drawn, said: Partial<Answers>): void {
    const { id, stratum, weight, words } = drawn;
    const isSkipped = said.isSkipped ?? false;
    this.#keep({ ...this.#drafts, [id]: { ...this.of(drawn), ...said, isSkipped, id, stratum, weight, words } });
  }

  /** The labels as the server takes them. */
  toSend(): Schemas['AnsweredJson'][] {
    return this.waiting.map(({ id, stratum, weight, words, polarity, topics, intents }) => ({
      id,
      stratum,
      weight,
      words,
      polarity,
      topics,
      intents,
    }));
  }

  /** Forgets labels that were sent, and what was passed over; those that came meanwhile stay. */
  forget(sent: readonly string[]): void {
    const others = this.waiting.filter(({ id }) => !sent.includes(id));
    this.#keep(Object.fromEntries(others.map((draft) => [draft.id, draft])));
  }

  #keep(drafts: Record<string, Draft>): void {
    this.#drafts = drafts;
    keep(KEPT, drafts);
  }
}

export const labelling = new Labelling();
