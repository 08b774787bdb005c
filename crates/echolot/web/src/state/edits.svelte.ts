// Changes of themes: made at once, announced, and undone by one click.
import { answer, api, Problem, type Schemas } from '../api/client';
import { server } from './server.svelte';
import { settings, t } from './settings.svelte';

type Edit = Schemas['EditJson'];

/** What was done last, or why it was not. */
export type Notice = { edit: Edit; subject: string } | { problem: Problem };

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
    return this.#make(name, (signed) => api.POST('/v1/themes/{id}/rename', { params: { path: { id } }, body: { name, ...signed } }));
  }

  merge(id: number, into: number, subject: string): Promise<boolean> {
    return this.#make(subject, (signed) => api.POST('/v1/themes/{id}/merge', { params: { path: { id } }, body: { into, ...signed } }));
  }

  /** A change that needs nothing but the theme. */
  mark(id: number, kind: 'pin' | 'unpin' | 'hide' | 'unhide' | 'split', subject: string): Promise<boolean> {
    return this.#make(subject, (body) => api.POST(`/v1/themes/{id}/${kind}`, { params: { path: { id } }, body }));
  }

  move(unit: string, to: number | null, subject: string): Promise<boolean> {
    return this.#make(subject, (signed) => api.POST('/v1/themes/move', { body: { units: [unit], to, ...signed } }));
  }

  undo(edit: number): Promise<boolean> {
    return this.#make('', (body) => api.POST('/v1/themes/edits/{edit}/undo', { params: { path: { edit } }, body }));
  }

  async #make(
    subject: string,
    change: (signed: { author?: string }) => Promise<{ data?: Edit; error?: unknown; response: Response }>,
  ): Promise<boolean> {
    this.#isBusy = true;
    try {
      const edit = await answer(change(settings.author ? { author: settings.author } : {}));
      this.#notice = { edit, subject };
      await server.look();
      return true;
    } catch (error) {
      const problem = Problem.from(error);
      this.#notice = { problem: problem.code === 'busy' ? new Problem('busy', t().edits.busy) : problem };
      return false;
    } finally {
      this.#isBusy = false;
    }
  }
}

export const edits = new Edits();
