// What the server serves at present.
import { answer, api, type Schemas } from '../api/client';

class Server {
  #health = $state.raw<Schemas['HealthJson']>();

  /** The published generation; questions are asked again when it changes. */
  readonly generation = $derived(this.#health?.generation);

  get verbatims(): number | undefined {
    return this.#health?.verbatims;
  }

  /** Looks whether a run or an edit has published something. */
  async look(): Promise<void> {
    try {
      this.#health = await answer(api.GET('/v1/health'));
    } catch {
      // Every question shows its own failure; there is nothing to add here.
    }
  }
}

export const server = new Server();
