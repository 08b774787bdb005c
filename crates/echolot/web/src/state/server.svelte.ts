// What the server serves at present.
import { answer, api, Problem } from '../api/client';

class Server {
  #generation = $state<number>();
  #verbatims = $state<number>();

  /** The published generation; questions are asked again when it changes. */
  get generation(): number | undefined {
    return this.#generation;
  }

  /** How many verbatims whoever asks may see; 0 where nothing was published. */
  get verbatims(): number | undefined {
    return this.#verbatims;
  }

  /** Looks whether a run or an edit has published something. */
  async look(): Promise<void> {
    try {
      const { generation } = await answer(api.GET('/v1/ready'));
      this.#generation = generation;
      this.#verbatims = (await answer(api.GET('/v1/counts', { params: { query: { limit: 0 } } }))).total;
    } catch (error) {
      // Every question shows its own failure; but without a generation there is none to ask.
      if (Problem.from(error).code === 'not_ready') this.#verbatims = 0;
    }
  }
}

export const server = new Server();
