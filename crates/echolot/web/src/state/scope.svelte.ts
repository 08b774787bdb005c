// The selection that holds on every page: which verbatims are looked at.
import { daysOf, grainOf, type Grain } from '../period';
import { choices, type Choices } from './catalogue.svelte';
import { SCOPE_KEYS, read, written, type Filters, type FilterKey } from './filters';
import { place } from './place.svelte';
import { question, type Question } from './question.svelte';

class Selection {
  /** As text, so that questions are only asked again when it is another one. */
  readonly #text = $derived(written(Object.fromEntries(SCOPE_KEYS.map((key) => [key, place.get(key)]))));
  #choices: Question<Choices> | undefined;

  /** Begins to ask for what there is to choose from; called once, where effects are allowed. */
  begin(): void {
    this.#choices = question(choices);
  }

  get filters(): Filters {
    return read(this.#text);
  }

  /** The question what there is to choose from, with its failure if there is one. */
  get asked(): Question<Choices> | undefined {
    return this.#choices;
  }

  get choices(): Choices | undefined {
    return this.#choices?.value;
  }

  /** The span that is looked at, as far as it is known. */
  readonly span = $derived.by(() => {
    const { from, to } = this.filters;
    const months = this.choices?.months;
    const first = from ?? (months && daysOf(months.first)?.from);
    const last = to ?? this.choices?.lastDay;
    return first && last ? { from: first.slice(0, 10), to: last.slice(0, 10) } : undefined;
  });

  /** The grain that suits the span. */
  readonly grain: Grain = $derived(this.span ? grainOf(this.span.from, this.span.to) : 'month');

  /** The address of another page with the same selection. */
  carriedTo(path: string, further: { [key in FilterKey]?: string | number } = {}): string {
    const query = written({ ...this.filters, ...further });
    return query ? `${path}?${query}` : path;
  }
}

export const selection = new Selection();
