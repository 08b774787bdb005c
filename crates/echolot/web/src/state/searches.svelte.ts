// Searches that a reader has given a name. What is kept is their address.
import { keep, kept } from './kept';
import { address } from './place.svelte';

export interface SavedSearch {
  name: string;
  /** The address within the page. */
  href: string;
}

/** Parameters that say where in a search somebody is, not what it is. */
const PASSING = ['page', 'show', 'verbatim', 'pasted'];

class Searches {
  #saved = $state.raw(kept<SavedSearch[]>('searches') ?? []);

  get saved(): readonly SavedSearch[] {
    return this.#saved;
  }

  /** The saved search that the reader is at, if it is one. */
  at(query: string): SavedSearch | undefined {
    const href = hrefOf(query);
    return this.#saved.find((search) => search.href === href);
  }

  /** Keeps a search under a name; one of the same name gives way. */
  save(name: string, query: string): void {
    this.#keep([...this.#saved.filter((search) => search.name !== name), { name, href: hrefOf(query) }]);
  }

  remove(name: string): void {
    this.#keep(this.#saved.filter((search) => search.name !== name));
  }

  #keep(saved: SavedSearch[]): void {
    this.#saved = saved.toSorted((a, b) => a.name.localeCompare(b.name));
    keep('searches', this.#saved);
  }
}

function hrefOf(query: string): string {
  const params = new URLSearchParams(query);
  PASSING.forEach((key) => params.delete(key));
  return address('/search', params);
}

export const searches = new Searches();
