// The palette of the page as plain colours, for what cannot read style sheets.

const NAMES = ['ink', 'quiet', 'line', 'sheet', 'raised', 'accent', 'accent-soft', 'bad', 'good'] as const;

export type Palette = Record<(typeof NAMES)[number], string>;

/** The colours as they are at present at an element. */
export function paletteOf(element: HTMLElement): Palette {
  const probe = document.createElement('span');
  element.append(probe);
  const entries = NAMES.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(entries) as Palette;
}

/** A colour between two, `weight` of the first. Both as browsers compute them: `rgb(1, 2, 3)`. */
export function blend(first: string, second: string, weight: number): string {
  const channels = (colour: string) => (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  const [from, to] = [channels(first), channels(second)];
  const mixed = from.map((channel, number) => Math.round(weight * channel + (1 - weight) * (to[number] ?? 0)));
  return `rgb(${mixed.join(', ')})`;
}
