// How far complaints have come.
import { answer, api, type Schemas } from '../api/client';
import { edits, signed } from './edits.svelte';
import { t } from './settings.svelte';

/** In the order in which a complaint comes through them. */
export const STATUSES = ['new', 'in_work', 'answered', 'closed'] as const;

/** The statuses of complaints that wait for something. */
export const OPEN = 'new,in_work';

type Case = Pick<Schemas['QueueCaseJson'], 'id' | 'status'>;

async function put({ id }: Case, status: string, note: string): Promise<void> {
  const body = { status, ...(note ? { note } : {}), ...signed() };
  await answer(api.PUT('/v1/queue/{id}', { params: { path: { id } }, body }));
}

/** Gives complaints a status; undoing gives each the one it had. `changed` is told of both. */
export function setStatus(cases: readonly Case[], status: string, note: string, changed: () => void): Promise<boolean> {
  const others = cases.filter((one) => note || one.status !== status);
  const each = async (change: (one: Case) => Promise<void>) => {
    try {
      for (const one of others) await change(one);
    } finally {
      changed();
    }
  };
  const name = t().queue.statuses[status] ?? status;
  const subject = others.length === 1 ? (others[0]?.id ?? '') : t().queue.cases(others.length, String(others.length));
  return edits.make(async () => {
    await each((one) => put(one, status, note));
    const undo = () =>
      edits.make(async () => {
        await each((one) => (one.status === status ? Promise.resolve() : put(one, one.status, '')));
        return { said: t().edits.done.undo ?? '' };
      });
    return { said: `${name}: ${subject}`, undo };
  });
}
