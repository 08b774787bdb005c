// The way from a number to the verbatims that it counts.
import { written, type Filters } from './filters';
import { place } from './place.svelte';

/** The address with the verbatims that meet some conditions beside the page. */
export function behind(of: Filters): string {
  return place.with({ show: written(of) || 'all' });
}
