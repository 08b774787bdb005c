// Before all tests: a data folder of the demo corpus (or a copy of the one that PAGE_DATA
// names, made the same way), and the program that serves it.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

const ROOT = resolve(import.meta.dirname, '../../../..');
const PROGRAM = resolve(ROOT, process.env.PAGE_PROGRAM ?? 'target/debug/echolot');

/** Rows that no run takes, for the list of rejected ones. */
const REJECTED = '{"id":"bad-1","text":"gut","nps":11}\n{"id":"bad-2","text":" "}\n';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the page is. */
    address: string;
  }
}

/** A rule that finds something in the demo corpus, and a channel that nobody listens to. */
const RULES = `
[[alert]]
name = "Unhappy people"
when = "kpi"
kpi = "rating"
below = 4.9
days = 120
tell = ["nobody"]

[[alerts.channel]]
name = "nobody"
webhook = "http://127.0.0.1:9/"
`;

/** Runs the demo corpus and the rows that no run takes into a new folder. */
function fill(data: string, bad: string): void {
  writeFileSync(bad, REJECTED);
  const demo = readdirSync(join(ROOT, 'corpora/demo')).map((name) => join('corpora/demo', name));
  const run = spawnSync(PROGRAM, ['run', '--data', data, '--input', ...demo.sort(), bad], { cwd: ROOT, encoding: 'utf8' });
  // 3 says that rows were rejected.
  if (run.status !== 3) throw new Error(`the run failed (${run.status}): ${run.error ?? run.stderr}`);
}

export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'echolot-page-'));
  const data = join(folder, 'data');
  if (process.env.PAGE_DATA) cpSync(process.env.PAGE_DATA, data, { recursive: true });
  else fill(data, join(folder, 'bad.jsonl'));
  const config = join(folder, 'echolot.toml');
  writeFileSync(config, RULES);
  const check = spawnSync(PROGRAM, ['--config', config, 'alerts', 'check', '--data', data], { cwd: ROOT, encoding: 'utf8' });
  if (check.status !== 0) throw new Error(`the alerts were not checked (${check.status}): ${check.stderr}`);

  const server = spawn(PROGRAM, ['--config', config, 'serve', '--data', data, '--listen', '127.0.0.1:0'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  const address = await new Promise<string>((found, failed) => {
    let said = '';
    server.stderr.on('data', (text) => {
      said += text;
      const url = /http:\/\/\S+/.exec(said);
      if (url) found(url[0]);
    });
    server.on('exit', () => failed(new Error(`the server ended: ${said}`)));
  });
  project.provide('address', address);
  return () => {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  };
}
