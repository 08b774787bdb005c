// The address bar: where the reader is, and the only place that state of a page is kept in.

/** Addresses that are the server's own. */
const SERVED = /^\/(v1\/|openapi\.json|assets\/)/;

class Place {
  #path = $state(location.pathname);
  #query = $state(location.search);
  #carried = $state.raw<unknown>(history.state);
  #part = $state(location.hash);
  #params = $derived(new URLSearchParams(this.#query));
  /** The parts of the path, e.g. `['themes', '7']`. */
  readonly parts = $derived(this.#path.split('/').filter(Boolean).map(decoded));

  constructor() {
    addEventListener('popstate', () => this.#read());
    document.addEventListener('click', (event) => this.#follow(event));
  }

  get path(): string {
    return this.#path;
  }

  /** The parameters as they stand in the address. */
  get query(): string {
    return this.#query;
  }

  /** The part of the page that the address names, such as `#rejected`. */
  get part(): string {
    return this.#part;
  }

  /** What goes with the address and is too long to stand in it; the browser keeps it with its history. */
  get carried(): unknown {
    return this.#carried;
  }

  get(key: string): string | undefined {
    return this.#params.get(key) ?? undefined;
  }

  /** This address with some parameters changed; an empty value takes one away. */
  with(changes: Record<string, string | number | undefined>, path = this.#path): string {
    const params = new URLSearchParams(this.#query);
    for (const [key, value] of Object.entries(changes)) {
      if (value === undefined || value === '') params.delete(key);
      else params.set(key, String(value));
    }
    return address(path, params);
  }

  /** Goes to an address; `replace` leaves no step in the history. Within a page what is carried stays. */
  go(href: string, { replace = false, carried }: { replace?: boolean; carried?: unknown } = {}): void {
    const isOtherPage = new URL(href, location.href).pathname !== this.#path;
    const kept = carried ?? (isOtherPage ? null : this.#carried);
    history[replace ? 'replaceState' : 'pushState'](kept, '', href);
    this.#read();
    if (isOtherPage) {
      scrollTo(0, 0);
      // Whoever hears the page rather than sees it is taken to what is new.
      requestAnimationFrame(() => document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true }));
    }
  }

  /** Changes parameters of this page. */
  set(changes: Record<string, string | number | undefined>, { replace = false } = {}): void {
    this.go(this.with(changes), { replace });
  }

  #read(): void {
    this.#path = location.pathname;
    this.#query = location.search;
    this.#carried = history.state;
    this.#part = location.hash;
  }

  /** Links within the page need no request for a document. */
  #follow(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !isPlain || event.defaultPrevented) return;
    if (link.origin !== location.origin || link.target || link.hasAttribute('download')) return;
    if (SERVED.test(link.pathname) || link.getAttribute('href')?.startsWith('#')) return;
    event.preventDefault();
    this.go(link.href);
  }
}

/** A part of a path as it is meant; one with broken escapes stays as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A path with parameters in an order of their own, so that equal states have equal addresses. */
export function address(path: string, params: URLSearchParams): string {
  params.sort();
  const query = params.toString();
  return query ? `${path}?${query}` : path;
}

export const place = new Place();
