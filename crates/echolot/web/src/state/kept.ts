// What the browser keeps for a reader. Storage can be forbidden; then it lasts as long as the page.

/** What was kept under a name; nothing where that is nothing, or nothing that can be read. */
export function kept<T>(name: string): T | undefined {
  try {
    const text = localStorage.getItem(`echolot.${name}`);
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

export function keep(name: string, value: unknown): void {
  try {
    localStorage.setItem(`echolot.${name}`, JSON.stringify(value));
  } catch {
    // It holds until the page is left.
  }
}
