// The key that whoever asks presents, where the server wants one.

const KEPT = 'echolot.key';

/** It is kept until the tab is closed; storage can be forbidden. */
function kept(): string {
  try {
    return sessionStorage.getItem(KEPT) ?? '';
  } catch {
    return '';
  }
}

class Access {
  #key = $state(kept());
  #isRefused = $state(false);

  /** The key; empty where none was given. */
  get key(): string {
    return this.#key;
  }

  /** Whether the server answers nothing without another key. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  refuse(): void {
    this.#isRefused = true;
  }

  /** Presents another key from now on. */
  enter(key: string): void {
    this.#key = key;
    this.#isRefused = false;
    try {
      sessionStorage.setItem(KEPT, key);
    } catch {
      // It holds until the page is left.
    }
  }
}

export const access = new Access();
