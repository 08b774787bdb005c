// What whoever reads the page may do, and why not the rest.
import { answer, api, type Schemas } from '../api/client';
import { t } from './settings.svelte';

type Me = Pick<Schemas['MeJson'], 'role' | 'products'>;

class Rights {
  #me = $state.raw<Me>();

  /** Asks who presents the key. Until it is known, nothing is held back: the server refuses by itself. */
  async look(): Promise<void> {
    try {
      this.#me = await answer(api.GET('/v1/me'));
    } catch {
      this.#me = undefined;
    }
  }

  /** Whether the key only brings feedback. */
  readonly onlyDelivers = $derived(this.#me?.role === 'ingest');

  /** Why what is of all products cannot be seen; nothing where it can. */
  readonly notWhole = $derived(this.#me?.products.length ? t().access.someProducts(this.#me.products.join(', ')) : undefined);

  /** Why what is said of a single verbatim cannot be changed; nothing where it can. */
  readonly noCases = $derived(this.#me?.role === 'reader' ? t().access.onlyReads : undefined);

  /** Why what is stated of all products cannot be changed; nothing where it can. */
  readonly noEdits = $derived(this.noCases ?? this.notWhole);
}

export const rights = new Rights();
