// A question to the server with the states its answer can be in.
import { Problem } from '../api/client';
import { server } from './server.svelte';

/** What is known of an answer. While a new one is awaited the old one stays. */
export interface Question<T> {
  readonly value: T | undefined;
  readonly problem: Problem | undefined;
  readonly isLoading: boolean;
  /** Asks again. */
  retry(): void;
}

/**
 * Asks, and asks again whenever what `ask` reads changes or a new generation is
 * published. `undefined` means that there is nothing to ask. Answers that are
 * overtaken are dropped.
 */
export function question<T>(ask: (signal: AbortSignal) => Promise<T> | undefined): Question<T> {
  let value = $state.raw<T>();
  let problem = $state.raw<Problem>();
  let isLoading = $state(true);
  let attempt = $state(0);

  $effect(() => {
    void attempt;
    void server.generation;
    const overtaken = new AbortController();
    const asked = ask(overtaken.signal);
    isLoading = asked !== undefined;
    problem = undefined;
    if (!asked) value = undefined;
    asked?.then(
      (answer) => {
        if (overtaken.signal.aborted) return;
        value = answer;
        isLoading = false;
      },
      (error: unknown) => {
        if (overtaken.signal.aborted) return;
        value = undefined;
        problem = Problem.from(error);
        isLoading = false;
      },
    );
    return () => overtaken.abort();
  });

  return {
    get value() {
      return value;
    },
    get problem() {
      return problem;
    },
    get isLoading() {
      return isLoading;
    },
    retry() {
      attempt += 1;
    },
  };
}
