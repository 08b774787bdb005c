// Changes that people make: at once, announced, and undone by one click.
import { answer, api, Problem, type Schemas } from '../api/client';
import { server } from './server.svelte';
import { settings, t } from './settings.svelte';

type Edit = Schemas['EditJson'];
type Answered<T> = Promise<{ data?: T; error?: unknown; response: Response }>;

/** What was done last, with the way back; or why it was not. */
export interface Done {
  said: string;
  undo?: () => Promise<boolean>;
}
export type Notice = Done | { problem: Problem };

/** What a person says of a feedback item, or of an opinion unit of it. */
export type Correction = Omit<Schemas['Corrected'], 'author'>;

/** The name that changes are kept under, where one was given. */
export function signed(): { author?: string } {
  return settings.author ? { author: settings.author } : {};
}

class Edits {
  #notice = $state.raw<Notice>();
  #isBusy = $state(false);

  get notice(): Notice | undefined {
    return this.#notice;
  }

  /** Whether a change is under way. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  dismiss(): void {
    this.#notice = undefined;
  }

  rename(id: number, name: string): Promise<boolean> {
    return this.#edit(name, () => api.POST('/v1/themes/{id}/rename', { params: { path: { id } }, body: { name, ...signed() } }));
  }

  merge(id: number, into: number, subject: string): Promise<boolean> {
    return this.#edit(subject, () => api.POST('/v1/themes/{id}/merge', { params: { path: { id } }, body: { into, ...signed() } }));
  }

  /** A change that needs nothing but the theme. */
  mark(id: number, kind: 'pin' | 'unpin' | 'hide' | 'unhide' | 'split', subject: string): Promise<boolean> {
    return this.#edit(subject, () => api.POST(`/v1/themes/{id}/${kind}`, { params: { path: { id } }, body: signed() }));
  }

  move(unit: string, to: number | null, subject: string): Promise<boolean> {
    return this.#edit(subject, () => api.POST('/v1/themes/move', { body: { units: [unit], to, ...signed() } }));
  }

  /** Says several things instead of the model, one after the other. */
  correct(corrections: readonly Correction[], subject: string): Promise<boolean> {
    const calls = corrections.map((correction) => () => api.POST('/v1/corrections', { body: { ...correction, ...signed() } }));
    return this.#edit(subject, ...calls);
  }

  /** Undoes edits, the last one first. Corrections have a way of their own, which is open to whoever sees their product. */
  undo(...made: Pick<Edit, 'edit' | 'kind'>[]): Promise<boolean> {
    const calls = made.map(({ edit, kind }) => () => {
      const options = { params: { path: { edit } }, body: signed() };
      return kind === 'correct' ? api.POST('/v1/corrections/{edit}/undo', options) : api.POST('/v1/themes/edits/{edit}/undo', options);
    });
    return this.#edit('', ...calls.reverse());
  }

  /** Makes a change of any kind and announces it. */
  async make(change: () => Promise<Done>): Promise<boolean> {
    this.#isBusy = true;
    try {
      this.#notice = await change();
      return true;
    } catch (error) {
      this.#notice = { problem: Problem.from(error) };
      return false;
    } finally {
      this.#isBusy = false;
    }
  }

  #edit(subject: string, ...calls: (() => Answered<Edit>)[]): Promise<boolean> {
    return this.make(async () => {
      const made: Edit[] = [];
      try {
        for (const call of calls) made.push(await answer(call()));
      } finally {
        // What came before a failure was made all the same.
        if (made.length) await server.look();
      }
      const kind = made.at(-1)?.kind ?? '';
      const said = [t().edits.done[kind] ?? kind, subject].filter(Boolean).join(': ');
      if (kind === 'undo') return { said };
      return { said, undo: () => this.undo(...made) };
    });
  }
}

export const edits = new Edits();
