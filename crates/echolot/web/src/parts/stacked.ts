// Tables whose rows are cards where the screen is narrow, so that no column has to go.

/** Marks a table as one of those, and writes the head of its column on every cell, for `.stacked` in `app.css`. */
export function stacked(table: HTMLTableElement): () => void {
  const name = () => {
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((head) => (head.textContent ?? '').trim());
    for (const row of [...table.tBodies].flatMap((body) => [...body.rows])) {
      [...row.cells].forEach((cell, number) => {
        const head = heads[number] ?? '';
        if (cell.dataset.column !== head) cell.dataset.column = head;
      });
    }
  };
  table.classList.add('stacked');
  name();
  // Rows come and go, and the heads change with the language.
  const observer = new MutationObserver(name);
  observer.observe(table, { childList: true, subtree: true, characterData: true });
  return () => observer.disconnect();
}
